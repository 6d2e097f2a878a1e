"""What came of all mutants of an integration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from testkit.mutation.mutant import Mutant


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant: ``caught_by`` is the check or test that failed, empty where none did."""

    mutant: Mutant
    caught_by: str
    message: str
    duration_s: float

    @property
    def is_caught(self) -> bool:
        """Whether anything failed."""
        return bool(self.caught_by)


@dataclass(frozen=True)
class Score:
    """The verdicts on all mutants of an integration that were tried, and the seconds that it took."""

    integration: str
    verdicts: tuple[Verdict, ...]
    duration_s: float

    @property
    def total(self) -> int:
        """How many mutants there are."""
        return len(self.verdicts)

    @property
    def caught(self) -> int:
        """How many of them were noticed."""
        return sum(verdict.is_caught for verdict in self.verdicts)

    @property
    def percent(self) -> float:
        """How many of a hundred were noticed."""
        return 100.0 * self.caught / self.total

    @property
    def survivors(self) -> list[Mutant]:
        """Those that nothing noticed, in the order of their places."""
        left = [verdict.mutant for verdict in self.verdicts if not verdict.is_caught]
        return sorted(left, key=lambda mutant: (str(mutant.path), mutant.line, mutant.id))

    def by_operator(self) -> dict[str, tuple[int, int]]:
        """How many mutants of each operator were caught, and how many there are."""
        counted: dict[str, tuple[int, int]] = {}
        for verdict in self.verdicts:
            caught, total = counted.get(verdict.mutant.operator, (0, 0))
            counted[verdict.mutant.operator] = caught + verdict.is_caught, total + 1
        return dict(sorted(counted.items()))

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "integration": self.integration,
            "total": self.total,
            "caught": self.caught,
            "percent": round(self.percent, 2),
            "duration_s": round(self.duration_s, 1),
            "operators": {
                name: {"caught": caught, "total": total} for name, (caught, total) in self.by_operator().items()
            },
            "mutants": [
                {
                    "id": verdict.mutant.id,
                    "operator": verdict.mutant.operator,
                    "file": str(verdict.mutant.path),
                    "line": verdict.mutant.line,
                    "what": verdict.mutant.what,
                    "diff": verdict.mutant.diff,
                    "caught_by": verdict.caught_by,
                    "duration_s": round(verdict.duration_s, 3),
                }
                for verdict in self.verdicts
            ],
        }
