"""All that a run found."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Measurement
from benchmarks.rows import Row
from benchmarks.table import Figures, noise_table, results_table

NOTES = """\
Figures are minima: of repeats, and of fresh processes. In brackets: how many times as much as ours. Bold: the best
peer. Ratios of one run compare; absolute figures drift from machine to machine.

- c, p, d, e: ten spans a trace, four tags a span, the same texts for all. In b, c and e nothing is sent.
- d: what the contestant sends: msgpack v0.4, OTLP (protobuf), or the JSON of dicts that were made when a span finished.
- e: sentry and elastic hold those dicts, the others their span objects.
- f: sentry writes and reads headers of its own; elastic reads one traceparent, and no tracestate.
- g: a traced call less an untraced one, of two processes that take turns; twenty calls share the root of a trace."""


TINY = "**A tiny round: it shows that everything runs. These figures mean nothing.**"


@dataclass
class Report:
    """One run."""

    rows: list[Row]
    measurements: dict[str, dict[str, Measurement]]
    """By the work's key, then by contestant."""
    versions: dict[str, str]
    date: str
    machine: str
    python: str
    duration_s: float
    is_tiny: bool

    @property
    def figures(self) -> Figures:
        """The rows' figures."""
        return {
            row.title: {name: found.figure(row.figure) for name, found in self.measurements[row.work.key].items()}
            for row in self.rows
        }

    @property
    def failures(self) -> list[str]:
        """What contestants that failed have printed."""
        return [
            measurement.failure
            for by_contestant in self.measurements.values()
            for measurement in by_contestant.values()
            if measurement.failure
        ]

    def as_markdown(self) -> str:
        """A page."""
        names = list(self.versions)
        figures = self.figures
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return "\n\n".join(
            [
                "# What tracing costs",
                *([TINY] if self.is_tiny else []),
                f"{self.date}, {self.machine}, {self.python}; {versions}.",
                results_table(self.rows, figures, names),
                NOTES,
                "## Noise",
                self.noise(),
                noise_table(self.rows, figures, names),
            ]
        )

    def noise(self) -> str:
        """How much was thrown away, in a sentence."""
        rounds = [
            a_round
            for by_contestant in self.measurements.values()
            for measurement in by_contestant.values()
            for a_round in measurement.rounds + measurement.untraced
        ]
        repeats = sum(len(a_round.repeats) for a_round in rounds)
        kept = sum(len(a_round.undisturbed) for a_round in rounds)
        without = sum(not a_round.undisturbed for a_round in rounds)
        return (
            f"{repeats - kept} of {repeats} repeats were thrown away, since a fixed loop beside them ran slow; "
            f"{without} of {len(rounds)} processes had no undisturbed repeat. The run took {self.duration_s:.0f} s."
        )

    def as_json(self) -> dict[str, Any]:
        """Everything, repeats included."""
        return {
            "date": self.date,
            "machine": self.machine,
            "python": self.python,
            "versions": self.versions,
            "duration_s": self.duration_s,
            "figures": {
                title: {name: dataclasses.asdict(figure) for name, figure in by_name.items()}
                for title, by_name in self.figures.items()
            },
            "works": {
                key: {name: dataclasses.asdict(measurement) for name, measurement in by_name.items()}
                for key, by_name in self.measurements.items()
            },
        }
