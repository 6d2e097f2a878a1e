"""What differs between a stored and a received tree, all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from math import inf

from testkit.snapshots.alignment import Pairs, agrees, homes
from testkit.snapshots.model import Node, walk
from testkit.snapshots.redaction import Redaction, Value
from testkit.snapshots.sequence import longest_rising


class Absent(Enum):
    """Stands for a value that is not there, where None is a value."""

    ABSENT = "(absent)"


ABSENT = Absent.ABSENT


class Kind(Enum):
    """How a node differs."""

    ADDED = "+"
    REMOVED = "-"
    CHANGED = "~"
    MOVED = ">"
    REORDERED = "^"


@dataclass(frozen=True)
class Difference:
    """One difference: the node that shows it, and for a change the key with both values.

    The node is the received one, except for a span or a trace that was removed.
    """

    kind: Kind
    node: Node
    key: str = ""
    expected: Value | Redaction | Absent = ABSENT
    received: Value | Absent = ABSENT

    @property
    def path(self) -> str:
        """From the trace down to the node."""
        return self.node.path


def find_differences(stored: Node, received: Node, pairs: Pairs) -> list[Difference]:
    """Every difference; what was removed comes last."""
    ours, theirs = homes(stored, pairs.received_of), homes(received, pairs.stored_of)
    reordered = _reordered(ours, theirs, pairs)
    found: list[Difference] = []
    for node in walk(received):
        partner = pairs.stored_of.get(node)
        if partner is None:
            found.append(Difference(Kind.ADDED, node))
            continue
        if node.parent is not None and pairs.received_of[ours[partner]] is not theirs[node]:
            found.append(_moved(partner, node))
        elif node in reordered:
            found.append(Difference(Kind.REORDERED, node))
        found.extend(_changes(partner, node))
    removed = (node for node in walk(stored) if node not in pairs.received_of)
    return found + [Difference(Kind.REMOVED, node) for node in removed]


def _moved(stored: Node, received: Node) -> Difference:
    return Difference(Kind.MOVED, received, "parent", expected=stored.parent.path, received=received.parent.path)


def _changes(stored: Node, received: Node) -> Iterator[Difference]:
    for key in sorted(stored.record.keys() | received.record.keys()):
        expected = received.unfit.get(key, stored.record.get(key, ABSENT))
        value = received.record.get(key, ABSENT)
        if ABSENT in (expected, value) or not agrees(expected, value):
            yield Difference(Kind.CHANGED, received, key, expected, value)


def _reordered(ours: dict[Node, Node], theirs: dict[Node, Node], pairs: Pairs) -> set[Node]:
    """The fewest received nodes that stand in another order than the stored ones."""
    families: dict[Node, list[Node]] = defaultdict(list)
    for node, home in ours.items():
        partner = pairs.received_of.get(node)
        if partner is not None and theirs[partner] is pairs.received_of[home]:
            families[home].append(node)
    places = {node: place for place, node in enumerate(theirs)}
    found: set[Node] = set()
    for family in families.values():
        received = [pairs.received_of[node] for node in family]
        kept = set(longest_rising([places[node] for node in received]))
        if len(kept) < len(received):
            broken = _out_of_order(family, received)
            found |= {received[place] for place in broken - kept}
    return found


def _out_of_order(stored: list[Node], received: list[Node]) -> set[int]:
    """Places of those that changed order with a sibling which they do not overlap in time."""
    # Siblings that overlapped when they were stored are free among themselves, too.
    runs = [
        list(run)
        for _, run in groupby(
            range(len(stored)),
            key=lambda place: (stored[place].parent, stored[place].overlap or -1 - place),
        )
    ]
    found: set[int] = set()
    latest_start = -inf
    for run in runs:
        found |= {p for p in run if received[p].end_ns <= latest_start > received[p].start_ns}
        latest_start = max(latest_start, *(received[p].start_ns for p in run))
    first_end = (inf, inf)
    for run in reversed(runs):
        found |= {p for p in run if first_end[0] <= received[p].start_ns > first_end[1]}
        first_end = min(first_end, *((received[p].end_ns, received[p].start_ns) for p in run))
    return found
