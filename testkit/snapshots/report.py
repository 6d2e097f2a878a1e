"""The text of a mismatch: both trees in one, what did not change collapsed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from os.path import commonprefix

from testkit.snapshots.alignment import Pairs
from testkit.snapshots.difference import Absent, Difference, Kind
from testkit.snapshots.model import Node, walk
from testkit.snapshots.redaction import Redaction, Value

LEGEND = "+ added   - missing   ~ changed: stored -> received   > other parent   ^ other order"
_LONGEST = 120


def render_differences(stored: Node, received: Node, pairs: Pairs, found: list[Difference]) -> str:
    """Every difference at its place in the tree of both."""
    by_node: dict[Node, list[Difference]] = defaultdict(list)
    for difference in found:
        by_node[difference.node].append(difference)
    return "\n".join(_lines(received, merge(stored, received, pairs), by_node))


def merge(stored: Node, received: Node, pairs: Pairs) -> dict[Node, list[Node]]:
    """The children of every node, what is missing put where it was."""
    children = {node: list(node.children) for node in walk(received)}
    for node in walk(stored):
        if node in pairs.received_of:
            continue
        children[node] = []
        siblings = children[pairs.received_of.get(node.parent, node.parent)]
        place = node.parent.children.index(node)
        before = node.parent.children[place - 1] if place else None
        before = pairs.received_of.get(before, before)
        siblings.insert(siblings.index(before) + 1 if before in siblings else 0, node)
    return children


def _lines(
    root: Node, children: Mapping[Node, list[Node]], differences: Mapping[Node, list[Difference]]
) -> Iterator[str]:
    sizes, touched = _measure(root, children, differences)
    pending: list[tuple[Node, int]] = [(child, 0) for child in reversed(children[root])]
    unchanged, unchanged_depth = 0, 0
    while pending:
        node, depth = pending.pop()
        if unchanged and (node in touched or depth != unchanged_depth):
            yield f"{'  ' * (unchanged_depth + 1)}... {counted(unchanged, 'unchanged span')}"
            unchanged = 0
        if node not in touched:
            unchanged, unchanged_depth = unchanged + sizes[node], depth
            continue
        yield from _node_lines(node, depth, differences.get(node, []))
        pending.extend((child, depth + 1) for child in reversed(children[node]))
    if unchanged:
        yield f"{'  ' * (unchanged_depth + 1)}... {counted(unchanged, 'unchanged span')}"


def _measure(
    root: Node, children: Mapping[Node, list[Node]], differences: Mapping[Node, list[Difference]]
) -> tuple[dict[Node, int], set[Node]]:
    """How many spans are in each subtree, and which subtrees hold a difference."""
    order, pending = [], [root]
    while pending:
        order.append(pending.pop())
        pending.extend(children[order[-1]])
    sizes: dict[Node, int] = {}
    touched: set[Node] = set()
    for node in reversed(order):
        sizes[node] = node.is_span + sum(sizes[child] for child in children[node])
        if node in differences or any(child in touched for child in children[node]):
            touched.add(node)
    return sizes, touched


def _node_lines(node: Node, depth: int, found: list[Difference]) -> Iterator[str]:
    mark = found[0].kind.value if found else " "
    line = f"{mark} {'  ' * depth}{node.label}"
    if mark in "+-" and node.is_span:
        line += "".join(f" {key}={node.written[key]}" for key in ("service", "type") if node.written[key])
        line += " error" if node.written.get("error") == 1 else ""
    yield printable(line)
    for difference in found:
        if difference.kind in (Kind.CHANGED, Kind.MOVED):
            expected, received = shown_pair(difference)
            yield printable(f"  {'  ' * depth}    {difference.key}: {expected} -> {received}")


def shown_pair(difference: Difference) -> tuple[str, str]:
    """Both values of a change as text, long ones cut to where they differ."""
    if difference.kind is Kind.MOVED:
        return str(difference.expected), str(difference.received)
    expected, received = _shown(difference.expected), _shown(difference.received)
    if max(len(expected), len(received)) <= _LONGEST:
        return expected, received
    start = max(0, len(commonprefix([expected, received])) - _LONGEST // 4)
    return _cut(expected, start), _cut(received, start)


def _cut(text: str, start: int) -> str:
    end = start + _LONGEST
    return f"{'...' if start else ''}{text[start:end]}{'...' if end < len(text) else ''}"


def _shown(value: Value | Redaction | Absent) -> str:
    if isinstance(value, Absent):
        return value.value
    return str(value) if isinstance(value, Redaction) else json.dumps(value, ensure_ascii=False)


def printable(text: str) -> str:
    """The text without what a terminal would obey or a file could not hold."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}{'s' * (number != 1)}"
