"""What a row is to reach, judged by the figures of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from benchmarks.figures import Figure, best, ratio

FLAT = 1.25
"""The cost may differ by this much and still count as the same."""


class Target(Protocol):
    """Says what it wants, and whether that is reached: None where a figure for it is missing."""

    def __str__(self) -> str: ...

    def is_reached(self, ours: Figure, peers: dict[str, Figure], rows: dict[str, Figure]) -> bool | None:
        """``rows`` are our figures of all rows, by title."""


@dataclass(frozen=True)
class Ahead:
    """A peer, or the best of all, costs at least so many times as much."""

    times: float = 1
    peer: str = ""

    def __str__(self) -> str:
        who = self.peer or "all"
        return f"ahead of {who}" if self.times == 1 else f"{self.times:g}x {self.peer or 'best'}"

    def is_reached(self, ours: Figure, peers: dict[str, Figure], rows: dict[str, Figure]) -> bool | None:
        peer = self.peer or best(peers)
        found = ratio(peers[peer], ours) if peer in peers else None
        return None if found is None else found >= self.times


@dataclass(frozen=True)
class AtMost:
    """Ours costs no more than that, on any machine."""

    limit: float

    def __str__(self) -> str:
        return f"at most {self.limit:g}"

    def is_reached(self, ours: Figure, peers: dict[str, Figure], rows: dict[str, Figure]) -> bool | None:
        return None if ours.value is None else ours.value <= self.limit


@dataclass(frozen=True)
class Flat:
    """Ours costs about what it does in another row."""

    title: str

    def __str__(self) -> str:
        return f"at most {FLAT:g}x {self.title.partition(': ')[2]}"

    def is_reached(self, ours: Figure, peers: dict[str, Figure], rows: dict[str, Figure]) -> bool | None:
        least = rows.get(self.title, Figure())
        found = ratio(ours, least)
        return None if found is None else found <= FLAT
