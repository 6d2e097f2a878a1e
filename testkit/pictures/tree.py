"""Traces as a tree for the terminal, with a bar where each span is in time."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from testkit.pictures.received import View
from testkit.pictures.rows import Rows, is_error, left_out, rows_of, shown_time, summary
from testkit.snapshots.model import Node
from testkit.snapshots.report import printable

ROWS = 500
"""Spans that are shown."""

_BAR = 24
_DEEPEST = 20


def render(view: View) -> RenderableType:
    """All of it, but for what is too much to be read."""
    shown = rows_of(view, ROWS)
    parts: list[RenderableType] = [_table(rows) for rows in shown]
    parts.append(Text(summary(view), "bold"))
    if hidden := left_out(view, shown):
        parts.append(Text(hidden, "yellow"))
    return Group(*parts)


def _table(rows: Rows) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    # In a narrow terminal the first column is the one that gives way.
    table.add_column("span")
    for name, justify in (("service", "left"), ("length", "right"), ("time", "left")):
        table.add_column(name, justify=justify, no_wrap=True)
    for node in rows.spans:
        style = "red" if is_error(node) else ""
        length = shown_time(node.end_ns - node.start_ns)
        service = Text(printable(str(node.written["service"] or "")), "dim")
        label = Text(_label(node), style, no_wrap=True, overflow="ellipsis")
        table.add_row(label, service, Text(length), Text(_bar(node, rows.trace), style or "blue"))
    table.add_row()
    return table


def _label(node: Node) -> str:
    label = node.label
    if is_error(node):
        label = f"! {label} {node.written.get('meta.error.type', '')}"
    return "  " * min(node.depth - 1, _DEEPEST) + printable(label)


def _bar(node: Node, trace: Node) -> str:
    scale = _BAR / max(1, trace.end_ns - trace.start_ns)
    start = min(_BAR - 1, int((node.start_ns - trace.start_ns) * scale))
    end = round((node.end_ns - trace.start_ns) * scale)
    return " " * start + "━" * max(1, end - start)
