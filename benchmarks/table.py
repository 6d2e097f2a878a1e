"""Figures to tables of Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.environments import OURS
from benchmarks.figures import Figure, best, ratio
from benchmarks.rows import Row

NS_IN = {"ns": 1, "us": 1e3, "ms": 1e6}

Figures = dict[str, dict[str, Figure]]
"""By the row's title, then by contestant."""


def results_table(rows: Iterable[Row], figures: Figures, names: list[str]) -> str:
    """A line a row: our figure, each peer's with its ratio to ours, the best peer in bold, and the targets."""
    peers = [name for name in names if name != OURS]
    ours_by_title = {title: of_row.get(OURS, Figure()) for title, of_row in figures.items()}
    lines = []
    for row in rows:
        of_row = figures[row.title]
        ours = of_row.get(OURS, Figure())
        of_peers = {name: of_row[name] for name in peers if name in of_row}
        leader = best(of_peers)
        cells = [row.title, cell(ours, row.unit)]
        for name in peers:
            text = peer_cell(of_row.get(name, Figure()), ours, row.unit)
            cells.append(f"**{text}**" if name == leader else text)
        verdicts = [target.is_reached(ours, of_peers, ours_by_title) for target in row.targets]
        cells.append("; ".join(map(str, row.targets)))
        cells.append("; ".join({True: "yes", False: "no", None: "-"}[verdict] for verdict in verdicts))
        lines.append(cells)
    return markdown_table(["row", *names, "target", "reached"], lines)


def noise_table(rows: Iterable[Row], figures: Figures, names: list[str]) -> str:
    """A line a row: how far the rounds lie apart, and how many repeats were thrown away."""
    lines = [[row.title, *(noise_cell(figures[row.title].get(name, Figure())) for name in names)] for row in rows]
    return markdown_table(["spread, thrown away", *names], lines)


def cell(figure: Figure, unit: str) -> str:
    """A value with its unit, or why there is none."""
    if figure.value is None:
        return figure.absent
    value = figure.value / NS_IN.get(unit, 1)
    return f"{rounded(value)} {unit}".strip()


def peer_cell(figure: Figure, ours: Figure, unit: str) -> str:
    """A value with its ratio to ours."""
    times = ratio(figure, ours)
    return cell(figure, unit) if times is None else f"{cell(figure, unit)} ({rounded(times)}x)"


def noise_cell(figure: Figure) -> str:
    if figure.value is None:
        return ""
    return f"{figure.spread:.0%}, {figure.thrown_away} of {figure.repeats}"


def rounded(value: float) -> str:
    """Three digits, as far as there are so many."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def markdown_table(head: list[str], lines: list[list[str]]) -> str:
    """Cells below one another, also for those who read the source."""
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]

    def line(cells: list[str]) -> str:
        padded = [text.ljust(width) if number == 0 else text.rjust(width) for number, (text, width) in cells_of(cells)]
        return f"| {' | '.join(padded)} |"

    def cells_of(cells: list[str]) -> Iterable[tuple[int, tuple[str, int]]]:
        return enumerate(zip(cells, widths, strict=True))

    rule = "|".join(
        "-" * (width + 2) if number == 0 else "-" * (width + 1) + ":" for number, width in enumerate(widths)
    )
    return "\n".join([line(head), f"|{rule}|", *map(line, lines)])
