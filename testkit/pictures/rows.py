"""What all pictures have in common: a row a span, parents first, and the words for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from testkit.pictures.received import View
from testkit.snapshots.model import Node, walk
from testkit.snapshots.report import counted, printable
from testkit.snapshots.waterfall import shortened

_LONGEST_TITLE = 100
_UNITS = ((10**9, "s"), (10**6, "ms"), (10**3, "µs"))


@dataclass(frozen=True)
class Rows:
    """The spans of one trace that are shown."""

    trace: Node
    spans: list[Node]


def rows_of(view: View, limit: int) -> list[Rows]:
    """The first spans of a view, at most so many; a parent is never left out where its child is shown."""
    shown: list[Rows] = []
    for trace in view.traces:
        spans = [node for node in walk(trace) if node.is_span][:limit]
        limit -= len(spans)
        if spans:
            shown.append(Rows(trace, spans))
    return shown


def left_out(view: View, shown: list[Rows]) -> str:
    """What is not shown, in words; empty where everything is."""
    hidden = view.spans - sum(len(rows.spans) for rows in shown)
    parts = [f"{counted(hidden, 'more span')} not shown"] * bool(hidden)
    parts += [f"{counted(view.lost, 'span')} that came later not kept"] * bool(view.lost)
    return "; ".join(parts)


def summary(view: View) -> str:
    """How much came, in words."""
    if not view.traces:
        return "no trace came"
    errors = sum(is_error(node) for trace in view.traces for node in walk(trace))
    failed = f", {counted(errors, 'error')}" if errors else ""
    return f"{counted(len(view.traces), 'trace')}, {counted(view.spans + view.lost, 'span')}{failed}"


def is_error(node: Node) -> bool:
    """True for a span that failed."""
    return bool(node.written.get("error"))


def title(rows: Rows) -> str:
    """What a trace is called: as its first span."""
    length = shown_time(rows.trace.end_ns - rows.trace.start_ns)
    return f"{shortened(printable(rows.spans[0].label), _LONGEST_TITLE)}, {length}"


def shown_time(nanoseconds: int) -> str:
    """A time in the unit that leaves it readable: `1.25 ms`."""
    for unit, name in _UNITS:
        if nanoseconds >= unit:
            number = nanoseconds / unit
            return f"{number:.3g} {name}" if number < 100 else f"{number:.0f} {name}"
    return f"{nanoseconds} ns"


def tags(node: Node) -> Iterator[tuple[str, str]]:
    """Tags and metrics by name, as text."""
    for key, value in sorted(node.written.items()):
        group, _, name = key.partition(".")
        if group in ("meta", "metrics"):
            yield printable(name), printable(str(value))
