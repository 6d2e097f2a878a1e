"""Which received span is which stored span.

Both trees are read depth first, and the two sequences are paired at the least cost, so that one
inserted span is one insertion. What is left over is then paired wherever it went: spans that moved,
changed their order, or ran at the same time. The work is bounded, whatever the trees.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable

from testkit.snapshots.model import Node, walk
from testkit.snapshots.redaction import Redaction, Value
from testkit.snapshots.sequence import common_subsequence

# A span left out or put in costs 1, so a pair that costs 2 is no pair.
_UNPAIRED = 1.0
_TOO_FAR = 1.9
_WEIGHTS = (0.9, 0.5, 0.25, 0.25)  # of model.IDENTITY: name, resource, service, type
_REST_WEIGHT = 0.6
_PARENT_WEIGHT = 0.2
_DEPTH_WEIGHT = 0.1
# Cells of the cost tables that one alignment may fill; some 200 ms.
_CELLS = 200_000


def agrees(expected: Value | Redaction, received: Value | Redaction) -> bool:
    """True when a received value is what the stored one asks for; a redaction in both is one and the same."""
    if isinstance(received, Redaction):
        return expected == received
    if isinstance(expected, Redaction):
        return expected.matches(received)
    return isinstance(expected, str) == isinstance(received, str) and expected == received


def agree(stored: Node, received: Node) -> bool:
    """True when two nodes say the same, their places in the tree aside."""
    if stored.record.keys() != received.record.keys() or received.unfit:
        return False
    return stored.signature == received.signature or all(
        agrees(value, received.record[key]) for key, value in stored.record.items()
    )


class Pairs:
    """Stored nodes and the received ones they stand for; each has one partner at most."""

    def __init__(self) -> None:
        self.received_of: dict[Node, Node] = {}
        self.stored_of: dict[Node, Node] = {}

    def add(self, stored: Node, received: Node) -> None:
        """Make two nodes partners."""
        self.received_of[stored] = received
        self.stored_of[received] = stored

    def dissolve(self, keeps: Callable[[Node, Node], bool]) -> list[tuple[Node, Node]]:
        """Part those that the predicate does not keep together; return them."""
        parted = [pair for pair in self.received_of.items() if not keeps(*pair)]
        for stored, received in parted:
            del self.received_of[stored], self.stored_of[received]
        return parted

    def restore(self, parted: Iterable[tuple[Node, Node]]) -> None:
        """Make partners again of those which both found no other."""
        for stored, received in parted:
            if stored not in self.received_of and received not in self.stored_of:
                self.add(stored, received)


def align(stored: Node, received: Node) -> Pairs:
    """Pair two trees."""
    pairs = Pairs()
    pairs.add(stored, received)
    _pair_in_sequence(list(walk(stored))[1:], list(walk(received))[1:], pairs)
    # Two that changed places are one change of order, and not two spans that each became the
    # other: what is equal finds its partner before what is only alike keeps one.
    alike = pairs.dissolve(agree)
    _pair_left_over(stored, received, pairs, _place_and_record)
    pairs.restore((ours, theirs) for ours, theirs in alike if ours.key == theirs.key)
    _pair_left_over(stored, received, pairs, _record)
    pairs.restore(alike)
    _pair_left_over(stored, received, pairs, _place_and_key)
    _pair_left_over(stored, received, pairs, _key)
    _pair_nearest(stored, received, pairs)
    return pairs


def homes(root: Node, partners: dict[Node, Node]) -> dict[Node, Node]:
    """For every node but the root, its nearest ancestor that has a partner."""
    found: dict[Node, Node] = {}
    for node in walk(root):
        if node.parent is not None:
            found[node] = node.parent if node.parent in partners else found[node.parent]
    return found


def distance(stored: Node, received: Node) -> float:
    """How unlike two nodes are; `_TOO_FAR` and more is never a pair."""
    if stored.is_span != received.is_span:
        return 2 * _UNPAIRED
    cost = 0.0
    if stored.signature != received.signature:
        if stored.is_span:
            for weight, ours, theirs in zip(_WEIGHTS, stored.key, received.key, strict=True):
                cost += weight * (ours != theirs)
        either = len(stored.signature | received.signature)
        cost += _REST_WEIGHT * len(stored.signature ^ received.signature) / either
    if stored.parent.key != received.parent.key:
        cost += _PARENT_WEIGHT
    return cost + _DEPTH_WEIGHT * (stored.depth != received.depth)


def _pair_in_sequence(stored: list[Node], received: list[Node], pairs: Pairs) -> None:
    cells = _CELLS
    pending = [(stored, received)]
    while pending:
        left, right = _without_equal_ends(*pending.pop(), pairs)
        size = len(left) * len(right)
        if not size:
            continue
        if size <= cells:
            cells -= size
            _pair_cheapest(left, right, pairs)
            continue
        before = (-1, -1)
        anchors = _anchors(left, right)
        for i, j in anchors:
            pairs.add(left[i], right[j])
        for after in [*anchors, (len(left), len(right))] if anchors else []:
            pending.append((left[before[0] + 1 : after[0]], right[before[1] + 1 : after[1]]))
            before = after


def _without_equal_ends(left: list[Node], right: list[Node], pairs: Pairs) -> tuple[list[Node], list[Node]]:
    """Pair what is the same at both ends; return the rest."""
    start, stop = 0, min(len(left), len(right))
    while start < stop and _same_place(left[start], right[start]):
        pairs.add(left[start], right[start])
        start += 1
    end = 0
    while end < stop - start and _same_place(left[-1 - end], right[-1 - end]):
        pairs.add(left[-1 - end], right[-1 - end])
        end += 1
    return left[start : len(left) - end], right[start : len(right) - end]


def _same_place(left: Node, right: Node) -> bool:
    return left.depth == right.depth and left.parent.key == right.parent.key and agree(left, right)


def _anchors(left: list[Node], right: list[Node]) -> list[tuple[int, int]]:
    """Positions of equal nodes, rising on both sides: the skeleton of a big pair of sequences."""
    numbers: dict[Hashable, int] = {}
    ours, theirs = (
        [numbers.setdefault((node.signature, node.parent.key), len(numbers)) for node in nodes]
        for nodes in (left, right)
    )
    return common_subsequence(ours, theirs)


def _pair_cheapest(left: list[Node], right: list[Node], pairs: Pairs) -> None:
    """The least costly pairing of two sequences that keeps both orders."""
    above = [_UNPAIRED * j for j in range(len(right) + 1)]
    steps = []
    for stored in left:
        row, step = [above[0] + _UNPAIRED], bytearray(b"-")
        for j, received in enumerate(right):
            cost = distance(stored, received)
            best, move = (above[j] + cost, b"=") if cost < _TOO_FAR else (float("inf"), b"=")
            if above[j + 1] + _UNPAIRED < best:
                best, move = above[j + 1] + _UNPAIRED, b"-"
            if row[j] + _UNPAIRED < best:
                best, move = row[j] + _UNPAIRED, b"+"
            row.append(best)
            step += move
        steps.append(step)
        above = row
    i, j = len(left), len(right)
    while i and j:
        move = steps[i - 1][j : j + 1]
        if move == b"=":
            pairs.add(left[i - 1], right[j - 1])
        i, j = i - (move != b"+"), j - (move != b"-")


def _place_and_record(node: Node, home: Node) -> Hashable:
    return home, node.signature


def _place_and_key(node: Node, home: Node) -> Hashable:
    return home, node.key


def _record(node: Node, home: Node) -> Hashable:
    return node.signature


def _key(node: Node, home: Node) -> Hashable:
    return node.key


def _left_over(stored: Node, received: Node, pairs: Pairs) -> tuple[list[tuple[Node, Node]], list[tuple[Node, Node]]]:
    """Nodes without a partner, each with its home as the stored tree knows it."""
    ours, theirs = homes(stored, pairs.received_of), homes(received, pairs.stored_of)
    return (
        [(node, home) for node, home in ours.items() if node not in pairs.received_of],
        [(node, pairs.stored_of[home]) for node, home in theirs.items() if node not in pairs.stored_of],
    )


def _pair_left_over(stored: Node, received: Node, pairs: Pairs, identity: Callable[[Node, Node], Hashable]) -> None:
    missing, extra = _left_over(stored, received, pairs)
    waiting: dict[Hashable, deque[Node]] = defaultdict(deque)
    for node, home in missing:
        waiting[identity(node, home)].append(node)
    for node, home in extra:
        candidates = waiting[identity(node, home)]
        if candidates:
            pairs.add(candidates.popleft(), node)


def _pair_nearest(stored: Node, received: Node, pairs: Pairs) -> None:
    """Pair what is alike among the children of the same parent."""
    missing, extra = _left_over(stored, received, pairs)
    waiting: dict[Node, list[Node]] = defaultdict(list)
    for node, home in missing:
        waiting[home].append(node)
    cells = _CELLS // 4
    for node, home in extra:
        candidates = waiting[home]
        cells -= len(candidates)
        if not candidates or cells < 0:
            continue
        near = min(candidates, key=lambda candidate: distance(candidate, node))
        if distance(near, node) < _TOO_FAR:
            candidates.remove(near)
            pairs.add(near, node)
