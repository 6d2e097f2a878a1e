"""What a program's tracers have sent so far, and the trees that it makes.

Spans come in any order, in parts, and from several processes; whatever they say, there is a tree.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from testkit.collector import MalformedPayload
from testkit.snapshots.model import Node, walk
from testkit.snapshots.redaction import Value

KEPT = 20_000
"""Spans that are kept; those that come later are counted."""

Span = tuple[int, int, int, Node]
"""The ids of the trace, the span and its parent, and what it says."""

_SHOWN = 60


@dataclass(frozen=True)
class View:
    """What is to be seen: the traces by their start, and how many spans came that are not among theirs.

    `ended` says how the program ended, and is empty while it runs.
    """

    traces: Sequence[Node]
    spans: int = 0
    lost: int = 0
    ended: str = ""


class Received:
    """Everything that came; many threads may bring it while others look."""

    def __init__(self) -> None:
        self.version = 0
        self._spans: list[Span] = []
        self._lost = 0
        self._ended = ""
        self._changed = threading.Condition()

    def take(self, traces: Iterable[Iterable[dict[str, Any]]]) -> None:
        """Keep the spans of a payload; raises MalformedPayload where ids, times or tags are of another type."""
        spans = [_read(span) for trace in traces for span in trace]
        with self._changed:
            room = KEPT - len(self._spans)
            self._spans += spans[:room]
            self._lost += len(spans[room:])
            self._change()

    def end(self, how: str) -> None:
        """The program has ended: nothing more is to come."""
        with self._changed:
            self._ended = how
            self._change()

    def wait(self, version: int, timeout_s: float) -> int:
        """The version, once it is another than this one, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != version, timeout_s)
            return self.version

    def view(self) -> View:
        """What there is to be seen now."""
        with self._changed:
            spans, lost, ended = list(self._spans), self._lost, self._ended
        return View(_traces(spans), len(spans), lost, ended)

    def _change(self) -> None:
        self.version += 1
        self._changed.notify_all()


def _read(span: dict[str, Any]) -> Span:
    trace_id, span_id, parent_id, start_ns, duration_ns, error = (
        _whole(span, key) for key in ("trace_id", "span_id", "parent_id", "start", "duration", "error")
    )
    record: dict[str, Value] = {key: _text(span.get(key)) or None for key in ("name", "service", "resource", "type")}
    record |= {"name": record["name"] or "", "resource": record["resource"] or record["name"], "error": error}
    for group in ("meta", "metrics"):
        members = {} if span.get(group) is None else span[group]
        if not isinstance(members, dict):
            raise MalformedPayload(f"a span's {group}: expected a map, found {repr(members)[:_SHOWN]}")
        record |= {f"{group}.{_text(key)}": _value(members[key]) for key in members}
    node = Node(record, record, start_ns=start_ns, end_ns=start_ns + max(0, duration_ns))
    return trace_id, span_id, parent_id, node


def _whole(span: dict[str, Any], key: str) -> int:
    value = 0 if span.get(key) is None else span[key]
    if not isinstance(value, int):
        raise MalformedPayload(f"a span's {key}: expected a whole number, found {repr(value)[:_SHOWN]}")
    return value


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else repr(value)


def _value(value: Any) -> Value:
    return value if isinstance(value, (str, int, float)) else repr(value)


def _traces(spans: Iterable[Span]) -> list[Node]:
    """A tree for each trace id, of nodes of its own: more may come while somebody looks at it."""
    by_trace: dict[int, list[tuple[int, int, Node]]] = defaultdict(list)
    for trace_id, span_id, parent_id, node in spans:
        copy = Node(node.record, node.written, start_ns=node.start_ns, end_ns=node.end_ns)
        by_trace[trace_id].append((span_id, parent_id, copy))
    root = Node()
    for trace in sorted(map(_trace, by_trace.values()), key=lambda trace: trace.start_ns):
        root.adopt(trace)
    return root.children


def _trace(spans: list[tuple[int, int, Node]]) -> Node:
    """The spans below a node of their own, each below its parent as far as that is known; siblings by their start."""
    spans.sort(key=lambda span: span[2].start_ns)
    known: dict[int, Node] = {}
    for span_id, _, node in spans:
        known.setdefault(span_id, node)
    trace = Node(start_ns=spans[0][2].start_ns, end_ns=max(node.end_ns for _, _, node in spans))
    for _, parent_id, node in spans:
        known.get(parent_id, trace).adopt(node)
    reached = set(walk(trace))
    for _, _, node in spans:
        if node not in reached:
            # Its parents form a ring, which is opened here.
            node.parent.children.remove(node)
            trace.adopt(node)
            reached.update(walk(node))
    for node in walk(trace):
        node.depth = node.parent.depth + 1 if node.parent else 0
    return trace
