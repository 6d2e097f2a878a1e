"""Traces as one page: a picture of each, and all fields of its spans as text."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from testkit.pictures import drawing
from testkit.pictures.received import View
from testkit.pictures.rows import Rows, is_error, left_out, rows_of, shown_time, summary, tags, title
from testkit.snapshots.document import document
from testkit.snapshots.report import printable
from testkit.snapshots.waterfall import shortened

ROWS = 1_000
"""Spans that are drawn; more would make the page slow."""

STYLE = drawing.STYLE + (Path(__file__).parent / "page.css").read_text(encoding="utf-8")

_LONGEST = 2_000


def render(view: View, *, script: str = "", connect: str = "'none'") -> str:
    """The page; a live one has a script that asks for more."""
    return document("Traces", content(view), style=STYLE, script=script, connect=connect)


def content(view: View) -> Iterator[str]:
    """What is within the page, and changes while spans come."""
    shown = rows_of(view, ROWS)
    said = "; ".join(filter(None, [summary(view), left_out(view, shown), view.ended]))
    yield f'<p role="status">{escape(said)}</p>'
    for place, rows in enumerate(shown):
        yield f'<section aria-labelledby="trace{place}"><h2 id="trace{place}">{escape(title(rows))}</h2>'
        yield drawing.figure(rows)
        yield f'<details id="fields{place}"><summary>fields</summary>'
        yield from _table(rows)
        yield "</details></section>"


def _table(rows: Rows) -> Iterator[str]:
    names = ("span", "start", "length", "service", "type", "tags")
    yield "<table><thead><tr>" + "".join(f'<th scope="col">{name}</th>' for name in names) + "</tr></thead><tbody>"
    for node in rows.spans:
        cells = (
            f"{'! ' if is_error(node) else ''}{node.label}",
            shown_time(node.start_ns - rows.trace.start_ns),
            shown_time(node.end_ns - node.start_ns),
            str(node.written["service"] or ""),
            str(node.written["type"] or ""),
            " ".join(f"{name}={value}" for name, value in tags(node)),
        )
        yield "<tr>" + "".join(f"<td>{escape(shortened(printable(cell), _LONGEST))}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table>"
