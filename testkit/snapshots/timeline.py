"""Give the spans of a file, which has no times, times that have the same order.

A span without children lasts one tick. Siblings follow one another, but for those that are marked as overlapping, which
begin together; a parent begins a tick before its first child and ends with its last.
"""

from __future__ import annotations

from collections.abc import Iterator

from testkit.snapshots.model import Node, walk


def lay_out(root: Node) -> None:
    """Set `start_ns` and `end_ns` of every node, in ticks; whatever times there were are gone."""
    nodes = list(walk(root))
    lengths: dict[Node, int] = {}
    for node in reversed(nodes):
        groups = sum(max(lengths[child] for child in group) for group in _groups(node))
        lengths[node] = groups + node.is_span if node.children else 1
    root.start_ns = 0
    for node in nodes:
        node.end_ns = node.start_ns + lengths[node]
        start = node.start_ns + node.is_span
        for group in _groups(node):
            for child in group:
                child.start_ns = start
            start += max(lengths[child] for child in group)


def _groups(node: Node) -> Iterator[list[Node]]:
    """The children in their order, those that overlap together."""
    group: list[Node] = []
    for child in node.children:
        if group and not (child.overlap and child.overlap == group[-1].overlap):
            yield group
            group = []
        group.append(child)
    if group:
        yield group
