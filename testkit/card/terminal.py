"""A report card as tables for the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from testkit.card.markdown import exercised, questions
from testkit.card.record import Card, Overhead, Verdict

_STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.NOT_EXERCISED: "yellow",
    Verdict.SWITCHED_OFF: "magenta",
}


def render(card: Card) -> RenderableType:
    """All of a card, but of long messages the first line."""
    parts: list[RenderableType] = [_checks(card)]
    if card.overhead:
        parts.append(_overhead(card.overhead))
    lines = [f"{'✓' if is_so else '·'} {question}: {answer}" for question, is_so, answer in questions(card)]
    return Group(*parts, Text("\n".join(lines)))


def _checks(card: Card) -> Table:
    versions = ", ".join(f"{name} {version}".rstrip() for name, version in card.versions.items())
    table = Table(title=f"{card.integration}: {versions}", title_justify="left")
    for name in ("check", "", "verdict", "scenarios", "s", "evidence"):
        table.add_column(name, justify="right" if name in ("scenarios", "s") else "left", no_wrap=name != "evidence")
    for row in card.rows:
        evidence = "\n".join(line.partition("\n")[0] for line in row.evidence)
        verdict = Text(row.verdict, _STYLES[row.verdict])
        table.add_row(row.id, row.title, verdict, exercised(row), f"{row.duration_s:.1f}", Text(evidence))
    return table


def _overhead(overhead: tuple[Overhead, ...]) -> Table:
    table = Table(title="one run of a scenario, in µs of processor time", title_justify="left")
    table.add_column("scenario")
    for name in ("rounds", "untraced", "traced", "added", "half of all within", "times", "spans", "a span"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in overhead:
        spread = f"{each.added_lower_us:.0f} to {each.added_upper_us:.0f}"
        times = (each.untraced_us, each.traced_us, each.added_us)
        per_span = f"{each.added_per_span_us:.0f}" if each.spans else ""
        numbers = (str(each.rounds), *(f"{time:.0f}" for time in times), spread, f"{each.ratio:.2f}", str(each.spans))
        table.add_row(each.scenario, *numbers, per_span)
    return table
