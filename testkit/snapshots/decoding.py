"""From the text of a stored file to its tree; every mistake is named with its place."""

from __future__ import annotations

import json
import re
from typing import Any

from testkit.snapshots.model import Node, SnapshotError, group_overlapping, seal, walk
from testkit.snapshots.redaction import Redaction, Value, read_value, write_value

_KNOWN = (
    *("name", "service", "resource", "trace_id", "span_id", "parent_id", "type", "error"),
    *("meta", "metrics", "duration", "start"),
)
_TYPES = {list: "a list", dict: "an object", str: "a text", int: "a whole number", float: "a number"}
_REPAIR = "repair the file, or delete it and run pytest --snapshot-update"
_SHOWN = 60
_OVERLAP = re.compile(r"<Overlap:([1-9]\d*)>")
_REMOTE = re.compile(r"<Remote:([1-9]\d*)>")


FORMAT = 1
"""A stored file is a list of traces. In a later format it is an object, whose member `format` is a higher number."""


class MalformedSnapshot(SnapshotError):
    """A stored file that is no snapshot; it is never overwritten."""


class _Mistake(Exception):
    """Place, problem and perhaps the next step, until the name of the file is known."""


def parse(text: str, name: str) -> Node:
    """The tree in a stored file; MalformedSnapshot names the file and the place."""
    try:
        content = _json(text)
        _require_known_format(content)
        return _tree(_typed(content, list, "$"))
    except _Mistake as mistake:
        raise MalformedSnapshot(explain(name, *mistake.args)) from None


def explain(name: str, place: str, problem: str, step: str = _REPAIR) -> str:
    """What a MalformedSnapshot says: the file, the place in it, the problem, the next step."""
    return f"{name}: {place}: {problem}. Nothing was written; {step}"


def _require_known_format(content: Any) -> None:
    stated = content.get("format") if isinstance(content, dict) else None
    if isinstance(stated, int) and stated > FORMAT:
        problem = f"expected format {FORMAT}, which is a list of traces, found format {stated} of a later testkit"
        raise _Mistake("$", problem, "upgrade the testkit, with pip install --upgrade 'ddtrace[testkit]'")


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        line = text.split("\n")[error.lineno - 1][:_SHOWN]
        problem = f"expected JSON: {error.msg}, found {line!r}"
        raise _Mistake(f"line {error.lineno} column {error.colno}", problem) from None
    except RecursionError:
        raise _Mistake("$", "expected a list of traces, found too many nested lists") from None
    except ValueError as error:
        raise _Mistake("$", f"expected numbers of 64 bits: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Mistake("$", f"expected every key once in an object, found {twice!r} again")
    return members


def _no_constant(constant: str) -> None:
    raise _Mistake("$", f"expected a number, found {constant}")


def _typed(value: Any, kind: type, place: str) -> Any:
    allowed = (int, float) if kind is float else kind
    if not isinstance(value, allowed) or isinstance(value, bool):
        shown = json.dumps(value)
        raise _Mistake(place, f"expected {_TYPES[kind]}, found {shown[:_SHOWN]}")
    return value


def _value(value: Any, kind: type, place: str) -> Value | Redaction:
    """A plain value of this type, or the redaction of one."""
    if not isinstance(value, str):
        return _typed(value, kind, place)
    try:
        found = read_value(value)
    except ValueError as error:
        raise _Mistake(place, str(error)) from None
    return found if isinstance(found, Redaction) else _typed(found, kind, place)


def _tree(traces: list[Any]) -> Node:
    root = Node()
    for index, spans in enumerate(traces):
        root.adopt(_trace(_typed(spans, list, f"$[{index}]"), f"$[{index}]"))
    _group_timed(root)
    seal(root)
    return root


def _group_timed(root: Node) -> None:
    """Mark what overlaps in a file with real times, such as the Datadog test agent's."""
    spans = [node for node in walk(root) if node.is_span]
    if not all(node.end_ns for node in spans):
        return
    for trace in root.children:
        trace.start_ns = min(node.start_ns for node in walk(trace) if node.is_span)
        trace.end_ns = max(node.end_ns for node in walk(trace))
    for node in walk(root):
        group_overlapping(node.children)


def _trace(spans: list[Any], place: str) -> Node:
    trace, nodes = Node(), {}
    if not spans:
        raise _Mistake(place, "expected at least one span, found none")
    for index, span in enumerate(spans):
        at = f"{place}[{index}]"
        span_id = _typed(_typed(span, dict, at).get("span_id"), int, f"{at}.span_id")
        if span_id in nodes:
            raise _Mistake(f"{at}.span_id", f"expected an id of its own, found {span_id} again")
        node = _span(span, at)
        _parent(span, node, nodes, f"{at}.parent_id")
        nodes.get(span.get("parent_id") or 0, trace).adopt(node)
        nodes[span_id] = node
    if len(trace.children) == 1:
        # The only root carries the mark of its trace; see encoding.
        trace.overlap, trace.children[0].overlap = trace.children[0].overlap, 0
    return trace


def _span(span: dict[str, Any], place: str) -> Node:
    for key in span.keys() - set(_KNOWN):
        raise _Mistake(f"{place}.{key}", f"expected one of {', '.join(_KNOWN)}")
    name = _typed(span.get("name"), str, f"{place}.name")
    span = {"resource": name, "error": 0, **span}
    node = Node()
    for key, kind in (("name", str), ("service", str), ("resource", str), ("type", str)):
        value = span.get(key)
        node.record[key] = _value(value, kind, f"{place}.{key}") if value else None
    for key in ("error", "duration"):
        if span.get(key) is not None:
            node.record[key] = _value(span[key], int, f"{place}.{key}")
    for group, kind in (("meta", str), ("metrics", float)):
        members = _typed(span.get(group) or {}, dict, f"{place}.{group}")
        for key, value in members.items():
            at = f"{place}.{group}.{key}"
            node.record[f"{group}.{key}"] = _value(value, kind, at)
    _times(span, node, f"{place}.start")
    return node


def _times(span: dict[str, Any], node: Node, place: str) -> None:
    start, duration = span.get("start"), span.get("duration")
    marked = isinstance(start, str) and _OVERLAP.fullmatch(start)
    if marked:
        node.overlap = int(marked[1])
    elif start is not None:
        node.start_ns = _typed(start, int, place)
        node.end_ns = node.start_ns + (duration if isinstance(duration, int) else 0)


def _parent(span: dict[str, Any], node: Node, nodes: dict[int, Node], place: str) -> None:
    """Record a parent which is in another process; complete what is written."""
    parent_id = 0 if span.get("parent_id") is None else span["parent_id"]
    remote = isinstance(parent_id, str) and _REMOTE.fullmatch(parent_id)
    stated = int(remote[1]) if remote else _value(parent_id, int, place)
    if parent_id and parent_id not in nodes:
        node.record["parent_id"] = stated
    for key, value in node.record.items():
        redacted = isinstance(value, Redaction)
        node.written[key] = str(value) if redacted else write_value(value)
