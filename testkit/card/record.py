"""What a report card holds, and its form as JSON."""

from __future__ import annotations

import enum
import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


class CardError(Exception):
    """A file is not what a card is made of; the message says what was expected, and how to get one."""


class Verdict(enum.StrEnum):
    """What all that a check was tried on comes to."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_EXERCISED = "not exercised"
    SWITCHED_OFF = "switched off"


@dataclass(frozen=True)
class Row:
    """One check.

    It was tried ``tried`` times, once for each scenario or once for all of them ``together``, and had something to
    look at ``exercised`` times. ``evidence`` says what failed, why there was nothing to look at, or why it is off.
    """

    id: str
    title: str
    verdict: Verdict
    exercised: int = 0
    tried: int = 0
    is_together: bool = False
    evidence: tuple[str, ...] = ()
    duration_s: float = 0.0


@dataclass(frozen=True)
class Overhead:
    """What tracing adds to one run of a scenario, in processor time: medians, and the quartiles of what is added."""

    scenario: str
    rounds: int
    untraced_us: float
    traced_us: float
    added_us: float
    added_lower_us: float
    added_upper_us: float
    spans: int

    @property
    def ratio(self) -> float:
        """The traced run's time by the untraced one's."""
        return self.traced_us / self.untraced_us

    @property
    def added_per_span_us(self) -> float:
        """What one span costs; all of it where there is none."""
        return self.added_us / max(self.spans, 1)


@dataclass(frozen=True)
class Mutation:
    """How many deliberate mistakes in the integration its own checks have caught, and those that they have not."""

    caught: int
    total: int
    survivors: tuple[Any, ...] = ()

    @property
    def score(self) -> float:
        """The part that was caught."""
        return self.caught / self.total if self.total else 0.0


@dataclass(frozen=True)
class Upstream:
    """How many of the library's own tests were run untraced and traced, and those that only fail when traced."""

    compared: int
    regressions: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Card:
    """The report card of one integration; ``versions`` are those of the library, of Python and of ddtrace."""

    integration: str
    versions: dict[str, str]
    services: tuple[str, ...]
    rows: tuple[Row, ...]
    overhead: tuple[Overhead, ...] = ()
    mutation: Mutation | None = None
    upstream: Upstream | None = None
    counts: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        verdicts = [row.verdict for row in self.rows]
        object.__setattr__(self, "counts", {str(verdict): verdicts.count(verdict) for verdict in Verdict})

    @property
    def summary(self) -> str:
        """How many checks came to which verdict, in one line; none is left out."""
        return f"{len(self.rows)} checks: " + ", ".join(f"{count} {name}" for name, count in self.counts.items())

    @property
    def overhead_summary(self) -> str:
        """The medians of all scenarios that make spans, and the quartiles."""
        traced = [each for each in self.overhead if each.spans]
        if not traced:
            return "not measured: no scenario that makes a span was run for it"
        lower, middle, upper = _quartiles([each.added_per_span_us for each in traced])
        least, ratio, most = _quartiles([each.ratio for each in traced])
        return (
            f"{middle:.0f} µs of processor time a span ({lower:.0f} to {upper:.0f} in half of the scenarios), "
            f"a traced run takes {ratio:.2f} times that of an untraced one ({least:.2f} to {most:.2f})"
        )


def _quartiles(values: list[float]) -> list[float]:
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3


def as_json(cards: list[Card]) -> str:
    """The cards as text that ``from_json`` reads."""
    return json.dumps([asdict(card) for card in cards], indent=1) + "\n"


def from_json(text: str) -> list[Card]:
    """The cards that ``as_json`` wrote."""
    return [_card(content) for content in json.loads(text)]


def _card(content: dict[str, Any]) -> Card:
    rows = [{**row, "verdict": Verdict(row["verdict"]), "evidence": tuple(row["evidence"])} for row in content["rows"]]
    return Card(
        integration=content["integration"],
        versions=content["versions"],
        services=tuple(content["services"]),
        rows=tuple(Row(**row) for row in rows),
        overhead=tuple(Overhead(**each) for each in content["overhead"]),
        mutation=content["mutation"] and _mutation(content["mutation"]),
        upstream=content["upstream"] and _upstream(content["upstream"]),
    )


def read_mutation(path: Path) -> Mutation:
    """The score that ``python -m testkit mutate --json`` wrote; raises CardError for anything else."""
    return _mutation(_read(path, "mutate", ("caught", "total")))


def read_upstream(path: Path) -> Upstream:
    """The comparison that ``python -m testkit upstream --json`` wrote; raises CardError for anything else."""
    return _upstream(_read(path, "upstream", ("compared",)))


def _mutation(content: dict[str, Any]) -> Mutation:
    return Mutation(content["caught"], content["total"], tuple(content.get("survivors", ())))


def _upstream(content: dict[str, Any]) -> Upstream:
    return Upstream(content["compared"], tuple(content.get("regressions", ())))


def _read(path: Path, command: str, numbers: tuple[str, ...]) -> dict[str, Any]:
    expected = f"expected is what `python -m testkit {command} <name> --json` writes"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CardError(f"{path} cannot be read ({error}); {expected}") from None
    if not isinstance(content, dict) or not all(type(content.get(name)) is int for name in numbers):
        raise CardError(f"{path} has no numbers {' and '.join(numbers)}; {expected}")
    return content
