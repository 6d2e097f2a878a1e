"""The stored form: the JSON of the Datadog test agent, a list of traces of spans.

Trace ids count from 0 in order of arrival, span ids from 1 in depth-first order; a root's parent
is 0, or an id of another process. `start` is only there to mark spans that overlap in time.
"""

from __future__ import annotations

import json
from typing import Any

from testkit.snapshots.model import Node, walk
from testkit.snapshots.redaction import Value


def render(root: Node) -> str:
    """The text of the stored file."""
    traces = [_trace_form(trace, place) for place, trace in enumerate(root.children)]
    return json.dumps(traces, indent=2, ensure_ascii=False) + "\n"


def _trace_form(trace: Node, trace_id: int) -> list[dict[str, Any]]:
    spans = [node for node in walk(trace) if node is not trace]
    ids = {node: place for place, node in enumerate(spans, 1)}
    return [_span_form(node, trace_id, ids) for node in spans]


def _span_form(node: Node, trace_id: int, ids: dict[Node, int]) -> dict[str, Any]:
    written = node.written
    parent_id: Value = ids.get(node.parent, 0) or written.get("parent_id", 0)
    # An id of another process which is also the id of an earlier span would read as that span.
    if node.parent not in ids and isinstance(parent_id, int) and 0 < parent_id < ids[node]:
        parent_id = f"<Remote:{parent_id}>"
    form = {
        **{key: written.get(key) for key in ("name", "service", "resource")},
        **dict(trace_id=trace_id, span_id=ids[node], parent_id=parent_id),
        **dict(type=written.get("type") or "", error=written.get("error", 0)),
    }
    for group in ("meta", "metrics"):
        prefix = f"{group}."
        members = {k.removeprefix(prefix): v for k, v in written.items() if k.startswith(prefix)}
        if members:
            form[group] = dict(sorted(members.items()))
    form["duration"] = written.get("duration")
    overlap = node.overlap or (_is_only_root(node) and node.parent.overlap)
    if overlap:
        form["start"] = f"<Overlap:{overlap}>"
    return form


def _is_only_root(node: Node) -> bool:
    """True for the span that carries the mark of its trace."""
    return not node.parent.is_span and len(node.parent.children) == 1
