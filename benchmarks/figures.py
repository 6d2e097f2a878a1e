"""From repeats to figures: which repeats count, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass, field

SLOWED = 1.10
"""A repeat is thrown away when the fixed loop before or after it took this many times as long as at its best."""


@dataclass(frozen=True)
class Repeat:
    """One repeat: its figures by name, and how long the fixed loop took before and after it.

    Without loops it counts in any case.
    """

    figures: dict[str, float]
    spins_ns: tuple[int, ...]


@dataclass
class Round:
    """The repeats of one process."""

    repeats: list[Repeat] = field(default_factory=list)

    @property
    def undisturbed(self) -> list[Repeat]:
        """Those around which the loop was about as fast as it ever was in its place, before or after.

        Each place has its own best time: what the work leaves in the processor's caches slows the loop after it.
        """
        limits_ns = [min(spins_ns) * SLOWED for spins_ns in zip(*(repeat.spins_ns for repeat in self.repeats))]
        return [
            repeat
            for repeat in self.repeats
            if all(spin_ns <= limit_ns for spin_ns, limit_ns in zip(repeat.spins_ns, limits_ns))
        ]

    def minimum(self, name: str) -> float:
        """The least of the undisturbed repeats; of all, where none was undisturbed."""
        return min(repeat.figures[name] for repeat in self.undisturbed or self.repeats)


@dataclass(frozen=True)
class Figure:
    """What a row says of one contestant: a value, or why there is none."""

    value: float | None = None
    spread: float = 0.0
    """How much more than the least round the greatest came to, as a share of it."""
    repeats: int = 0
    thrown_away: int = 0
    absent: str = ""


@dataclass
class Measurement:
    """All rounds of one work by one contestant; ``untraced`` are those to subtract."""

    rounds: list[Round] = field(default_factory=list)
    untraced: list[Round] = field(default_factory=list)
    absent: str = ""
    failure: str = ""

    def figure(self, name: str) -> Figure:
        """The minimum over all rounds, less that of the untraced ones."""
        if self.absent or self.failure or not self.rounds:
            return Figure(absent=self.absent or "failed")
        minima = [a_round.minimum(name) for a_round in self.rounds]
        value = min(minima)
        if self.untraced:
            value -= min(a_round.minimum(name) for a_round in self.untraced)
        everything = self.rounds + self.untraced
        repeats = sum(len(a_round.repeats) for a_round in everything)
        return Figure(
            value,
            (max(minima) - min(minima)) / value if value > 0 else 0.0,
            repeats,
            repeats - sum(len(a_round.undisturbed) for a_round in everything),
        )


def ratio(peer: Figure, ours: Figure) -> float | None:
    """How many times as much the peer costs; None where one of them has no figure, or ours is nothing."""
    if peer.value is None or ours.value is None or ours.value <= 0:
        return None
    return peer.value / ours.value


def best(figures: dict[str, Figure]) -> str | None:
    """Who costs least; None where nobody has a figure."""
    values = {name: figure.value for name, figure in figures.items() if figure.value is not None}
    return min(values, key=values.__getitem__, default=None)
