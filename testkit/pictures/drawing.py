"""Draw traces as SVG: names on the left, each below its parent, and on the right when it was."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from testkit.pictures.received import View
from testkit.pictures.rows import Rows, is_error, left_out, rows_of, shown_time, summary, title
from testkit.snapshots.model import Node
from testkit.snapshots.report import printable
from testkit.snapshots.waterfall import ROW_HEIGHT, TEXT_BASE, bars, shortened

ROWS = 300
"""Spans that an SVG shows, which is as much as a reader scrolls."""

STYLE = (Path(__file__).parent / "drawing.css").read_text(encoding="utf-8")

_WIDTH = 960
_NAMES_WIDTH = 400
_MARGIN = 8
_INDENT = 14
_DEEPEST = 18
_CHARACTER_WIDTH = 7.3
_TICKS = 4
_LONGEST = 300


def render(view: View) -> str:
    """A file of its own, fit for a place where no script runs and nothing is fetched."""
    shown = rows_of(view, ROWS)
    parts, top = [], _MARGIN
    for rows in shown:
        parts.append(f'<text class="title" x="{_MARGIN}" y="{top + TEXT_BASE}">{escape(title(rows))}</text>')
        parts += [f'<g transform="translate(0 {top + ROW_HEIGHT})">', *_trace(rows), "</g>"]
        top += (len(rows.spans) + 3) * ROW_HEIGHT
    said = "; ".join(filter(None, [summary(view), left_out(view, shown)]))
    parts.append(f'<text x="{_MARGIN}" y="{top + TEXT_BASE}">{escape(said)}</text>')
    return "".join(
        [
            _opened(top + ROW_HEIGHT, said),
            f"<title>{escape(said)}</title><style>{STYLE}</style>",
            '<rect class="ground" width="100%" height="100%"/>',
            *parts,
            "</svg>\n",
        ]
    )


def figure(rows: Rows) -> str:
    """One trace, as a part of a page that has the style."""
    return "".join([_opened((len(rows.spans) + 1) * ROW_HEIGHT, title(rows)), *_trace(rows), "</svg>"])


def _opened(height: int, label: str) -> str:
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    return f'<svg role="img" aria-label="{escape(label)}" {size} xmlns="http://www.w3.org/2000/svg">'


def _trace(rows: Rows) -> Iterator[str]:
    """The times above, and below them a row a span."""
    start_ns, length_ns = rows.trace.start_ns, max(1, rows.trace.end_ns - rows.trace.start_ns)
    width = _WIDTH - _NAMES_WIDTH - _MARGIN

    def place_of(time_ns: int) -> float:
        return _NAMES_WIDTH + (time_ns - start_ns) * width / length_ns

    height = len(rows.spans) * ROW_HEIGHT
    for tick in range(_TICKS + 1):
        x = _NAMES_WIDTH + width * tick / _TICKS
        anchor = "start" if tick == 0 else "end"
        yield f'<path class="tick" d="M{x:.1f} {ROW_HEIGHT}v{height}"/>'
        said = shown_time(length_ns * tick // _TICKS)
        yield f'<text class="tick" x="{x:.1f}" y="{TEXT_BASE}" text-anchor="{anchor}">{said}</text>'
    yield f'<g transform="translate(0 {ROW_HEIGHT})">'
    # A drawing of its own cuts off what is wider than its column.
    yield f'<svg width="{_NAMES_WIDTH - _MARGIN}" height="{height}">'
    yield from _names(rows)
    yield "</svg>"
    marks = {node: "!" for node in rows.spans if is_error(node)}
    yield from bars(rows.spans, marks, place_of, _NAMES_WIDTH + width / 2, _words)
    yield "</g>"


def _words(node: Node) -> tuple[str, str]:
    length = shown_time(node.end_ns - node.start_ns)
    return f"{shortened(printable(node.label), _LONGEST)}, {length}", length


def _names(rows: Rows) -> Iterator[str]:
    places = {node: row for row, node in enumerate(rows.spans)}
    for node, row in places.items():
        x, middle = _left(node), row * ROW_HEIGHT + ROW_HEIGHT // 2
        if node.parent in places:
            stem, above = _left(node.parent) + 4, (places[node.parent] + 1) * ROW_HEIGHT - 3
            yield f'<path class="branch" d="M{stem} {above}V{middle}H{max(stem, x - 2)}"/>'
        room = int((_NAMES_WIDTH - _MARGIN - x) / _CHARACTER_WIDTH)
        label = shortened(printable(node.label), room - len("..."))
        failed = ' class="failed"' if is_error(node) else ""
        yield f'<text{failed} x="{x}" y="{row * ROW_HEIGHT + TEXT_BASE}">{escape(label)}</text>'


def _left(node: Node) -> int:
    return _MARGIN + _INDENT * min(node.depth - 1, _DEEPEST)
