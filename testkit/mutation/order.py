"""In which order to run checks and tests, so that a mutant meets the one that notices it soon."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict

from testkit.mutation.mutant import Mutant

NEIGHBOURS = 3
"""How many of those that have noticed the last neighbours go first."""

SNAPSHOTS = "WORK-02"
"""The check that compares all that the spans say, and so notices more mutants than any other."""

HEAD_START = 20
"""As how many catches that counts, before there is any."""


class Order:
    """Learns from each catch; may be asked by several threads.

    What has noticed the last neighbours goes first. Then a test ``scenario[check]`` is likely to notice a mutant where
    its check has noticed others of the same operator, and its scenario others of the same place.
    """

    def __init__(self, durations_s: dict[str, float]) -> None:
        self._durations_s = durations_s
        self._caught = Counter({nodeid: HEAD_START for nodeid in durations_s if nodeid.endswith(f"[{SNAPSHOTS}]")})
        self._latest: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._checks: dict[str, set[str]] = defaultdict(set)
        self._scenarios: dict[str, set[str]] = defaultdict(set)
        self._lock = threading.Lock()

    def learn(self, mutant: Mutant, nodeid: str) -> None:
        """A check or test has noticed a mutant."""
        scenario, _, check = nodeid.partition("[")
        with self._lock:
            self._caught[nodeid] += 1
            latest = self._latest[mutant.operator, mutant.scope]
            latest[:] = [nodeid, *(other for other in latest if other != nodeid)][:NEIGHBOURS]
            self._checks[mutant.operator].add(check)
            self._scenarios[mutant.scope].add(scenario)

    def of(self, mutant: Mutant) -> list[str]:
        """All of them: the likely ones first, among those what has noticed many others for its time."""
        with self._lock:
            checks, scenarios = set(self._checks[mutant.operator]), set(self._scenarios[mutant.scope])
            caught = Counter(self._caught)
            latest = list(self._latest[mutant.operator, mutant.scope])

        def rank(nodeid: str) -> tuple[bool, int, float]:
            scenario, _, check = nodeid.partition("[")
            return (
                nodeid not in latest,
                -(check in checks) - (scenario in scenarios),
                self._durations_s[nodeid] / (1 + caught[nodeid]),
            )

        return sorted(self._durations_s, key=rank)
