"""Traces as one tree, the same for received spans and for a stored file.

The root of the tree holds traces, a trace holds its root spans. A span's record is flat:
`name`, `resource`, `meta.out.host`, `metrics.process_id` and so on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from testkit.snapshots.redaction import DEFAULTS, Redaction, Value, write_value
from testkit.spans import SpanContainer

if TYPE_CHECKING:
    from ddtrace.span import Span

FIELDS = ("name", "service", "resource", "type", "error", "duration", "parent_id")
IDENTITY = ("name", "resource", "service", "type")


class SnapshotError(AssertionError):
    """A snapshot that cannot be compared or stored; it says why, and what to do."""


@dataclass(eq=False, slots=True)
class Node:
    """A span, a trace, or the whole; only a span has a record.

    `record` holds the plain values of a received span, and of a stored one the redactions, too;
    `written` is the same as JSON. `unfit` holds the caller's redactions that a value breaks.
    `overlap` numbers the groups of siblings that overlap in time; 0 is in no group.
    """

    record: dict[str, Value | Redaction] = field(default_factory=dict)
    written: dict[str, Value] = field(default_factory=dict)
    unfit: dict[str, Redaction] = field(default_factory=dict)
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    start_ns: int = 0
    end_ns: int = 0
    overlap: int = 0
    depth: int = 0
    key: tuple[Any, ...] = ()
    signature: frozenset[Any] = frozenset()

    def adopt(self, child: Node) -> None:
        """Take a node as the last child."""
        child.parent = self
        self.children.append(child)

    @property
    def is_span(self) -> bool:
        return bool(self.record)

    @property
    def label(self) -> str:
        """The span's name, with its resource where that says more."""
        name, resource = self.written.get("name"), self.written.get("resource")
        if not self.is_span:
            return f"trace {self.parent.children.index(self)}" if self.parent else "all traces"
        return f"{name} {json.dumps(resource, ensure_ascii=False)}" if resource != name else f"{name}"

    @property
    def path(self) -> str:
        """From the trace down to this node: `trace 0 > web.request > redis.command "GET"`."""
        labels, node = [], self
        while node.parent is not None:
            labels.append(node.label)
            node = node.parent
        return " > ".join(reversed(labels))


class Rules:
    """Which redaction applies to which key: the defaults, and over them the caller's."""

    def __init__(self, redact: Mapping[str, Redaction] | None = None) -> None:
        self._rules = {name: rule for key, rule in DEFAULTS.items() for name in _names(key)}
        self._asked: set[str] = set()
        for key, rule in (redact or {}).items():
            if not isinstance(rule, Redaction):
                raise TypeError(f"redact[{key!r}] must be a Redaction, found {rule!r}")
            names = _names(key)
            self._rules |= dict.fromkeys(names, rule)
            self._asked |= set(names)

    def mask(self, node: Node) -> None:
        """Write a received record, its volatile values as redactions."""
        for key, value in node.record.items():
            rule = self._rules.get(key)
            if rule is not None and rule.matches(value):
                node.written[key] = str(rule.fitted(value))
                continue
            node.written[key] = write_value(value)
            if rule is not None and key in self._asked:
                node.unfit[key] = rule

    def apply(self, stored: Node) -> None:
        """Redact the plain values of a stored file, such as the Datadog test agent's."""
        for node in walk(stored):
            for key, value in node.record.items():
                rule = self._rules.get(key)
                if rule is not None and not isinstance(value, Redaction) and rule.matches(value):
                    node.record[key] = rule.fitted(value)
                    node.written[key] = str(node.record[key])
        seal(stored)


def _names(key: str) -> list[str]:
    if key in FIELDS or key.startswith(("meta.", "metrics.")):
        return [key]
    return [f"meta.{key}", f"metrics.{key}"]


def walk(root: Node) -> Iterator[Node]:
    """Every node, parents first, siblings in their order."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.children))


def seal(root: Node) -> None:
    """Work out what matching needs, once the records and the tree are complete."""
    nodes = list(walk(root))
    for node in nodes:
        node.depth = node.parent.depth + 1 if node.parent else 0
    for node in reversed(nodes):
        if node.is_span:
            node.key = tuple(node.written.get(name) for name in IDENTITY)
            node.signature = frozenset(node.written.items())
        else:
            node.key = ("trace", *(child.key for child in node.children[:1]))
            node.signature = frozenset([node.key])


def group_overlapping(siblings: Iterable[Node]) -> None:
    """Number the groups of siblings that overlap in time; instants that coincide overlap."""
    number, group, group_end = 0, [], 0
    for node in sorted(siblings, key=lambda node: (node.start_ns, node.end_ns)):
        if group and (node.start_ns < group_end or node.start_ns == group[-1].start_ns):
            if len(group) == 1:
                number += 1
            group.append(node)
            group[0].overlap = node.overlap = number
            group_end = max(group_end, node.end_ns)
        else:
            group, group_end = [node], node.end_ns


def receive(spans: Iterable[Span], rules: Rules) -> Node:
    """The tree of finished spans; SnapshotError when they do not form one."""
    root = Node()
    for trace in SpanContainer(spans).traces:
        root.adopt(_trace_node(trace, rules))
    group_overlapping(root.children)
    seal(root)
    _order(root)
    return root


def _trace_node(trace: SpanContainer, rules: Rules) -> Node:
    nodes: dict[int, Node] = {}
    for span in trace:
        if span.span_id in nodes:
            raise SnapshotError(f"two spans have the id {span.span_id}: {span!r} is one of them")
        nodes[span.span_id] = _span_node(span)
    node = Node()
    for span in trace.roots:
        node.adopt(nodes[span.span_id])
        if span.parent_id:
            nodes[span.span_id].record["parent_id"] = span.parent_id
    for span in trace:
        for child in trace.children_of(span):
            nodes[span.span_id].adopt(nodes[child.span_id])
    node.children.sort(key=lambda child: child.start_ns)
    node.start_ns = min(child.start_ns for child in nodes.values())
    node.end_ns = max(child.end_ns for child in nodes.values())
    if sum(1 for _ in walk(node)) != len(nodes) + 1:
        raise SnapshotError(f"the parents of some spans form a ring in trace {trace[0].trace_id}")
    for member in walk(node):
        rules.mask(member)
        group_overlapping(member.children)
    return node


def _span_node(span: Span) -> Node:
    if span.duration_ns is None:
        raise SnapshotError(f"span {span.name!r} is not finished; finish it before the snapshot")
    record: dict[str, Any] = {
        "name": span.name,
        "service": span.service or None,
        "resource": span.resource,
        "type": span.span_type or None,
        "error": span.error,
        "duration": span.duration_ns,
    }
    record |= {f"meta.{key}": value for key, value in span.get_tags().items()}
    record |= {f"metrics.{key}": value for key, value in span.get_metrics().items()}
    return Node(record, start_ns=span.start_ns, end_ns=span.start_ns + span.duration_ns)


def _order(root: Node) -> None:
    """Give siblings that overlap in time an order that does not change from run to run."""
    texts: dict[Node, str] = {}
    for node in reversed(list(walk(root))):
        node.children = _in_stable_order(node.children, texts)
        below = "".join(texts[child] for child in node.children)
        if not node.is_span:
            # No digest: when a tag changes in all traces alike, their order does not.
            texts[node] = below
            continue
        texts[node] = json.dumps([node.key, sorted(node.written.items())]) + blake2b(below.encode()).hexdigest()


def _in_stable_order(siblings: list[Node], texts: Mapping[Node, str]) -> list[Node]:
    first: dict[int | Node, int] = {}
    places = {node: (first.setdefault(node.overlap or node, place), texts[node]) for place, node in enumerate(siblings)}
    return sorted(siblings, key=places.__getitem__)
