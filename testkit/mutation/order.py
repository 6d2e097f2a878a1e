"""In which order to run checks and tests, so that a mutant meets the one that notices it soon."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict

from testkit.mutation.mutant import Mutant


class Order:
    """Learns from each catch; may be asked by several threads.

    A test ``scenario[check]`` is likely to notice a mutant where its check has noticed others of the same operator, and
    its scenario others of the same place.
    """

    def __init__(self, durations_s: dict[str, float]) -> None:
        self._durations_s = durations_s
        self._caught: Counter[str] = Counter()
        self._checks: dict[str, set[str]] = defaultdict(set)
        self._scenarios: dict[str, set[str]] = defaultdict(set)
        self._lock = threading.Lock()

    def learn(self, mutant: Mutant, nodeid: str) -> None:
        """A check or test has noticed a mutant."""
        scenario, _, check = nodeid.partition("[")
        with self._lock:
            self._caught[nodeid] += 1
            self._checks[mutant.operator].add(check)
            self._scenarios[mutant.scope].add(scenario)

    def of(self, mutant: Mutant) -> list[str]:
        """All of them: the likely ones first, among those what has noticed many others for its time."""
        with self._lock:
            checks, scenarios = set(self._checks[mutant.operator]), set(self._scenarios[mutant.scope])
            caught = Counter(self._caught)

        def rank(nodeid: str) -> tuple[int, float]:
            scenario, _, check = nodeid.partition("[")
            return -(check in checks) - (scenario in scenarios), self._durations_s[nodeid] / (1 + caught[nodeid])

        return sorted(self._durations_s, key=rank)
