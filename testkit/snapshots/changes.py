"""What the pending snapshots would change, as few decisions as there are: identical changes are one group."""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from testkit.snapshots.alignment import Pairs, align
from testkit.snapshots.decoding import parse
from testkit.snapshots.difference import ABSENT, Difference, Kind, find_differences
from testkit.snapshots.disclosures import find_disclosures
from testkit.snapshots.files import read_text
from testkit.snapshots.model import Node, Rules
from testkit.snapshots.pending import Pending
from testkit.snapshots.report import printable, render_differences, shown_pair
from testkit.snapshots.timeline import lay_out


class Class(enum.StrEnum):
    """What a change may break; the gravest comes last."""

    NEW = "new"
    ADDITIVE = "additive"
    ORPHAN = "orphan"
    BREAKING = "breaking"


MEANING = {
    Class.NEW: "nothing was stored",
    Class.ADDITIVE: "spans or tags are added, nothing else changes",
    Class.ORPHAN: "no test uses what is stored",
    Class.BREAKING: "something is renamed, removed, moved, or has another value",
}


@dataclass(frozen=True, eq=False)
class Change:
    """One pending snapshot beside what is stored: both trees, laid out in time, and what differs between them."""

    pending: Pending
    stored: Node
    received: Node
    pairs: Pairs
    differences: tuple[Difference, ...]

    @cached_property
    def kind(self) -> Class:
        """The gravest that is true of it."""
        if self.pending.is_unused:
            return Class.ORPHAN
        if not self.stored.children:
            return Class.NEW
        is_additive = all(map(_adds, self.differences)) and not self.pending.origin.refused
        return Class.ADDITIVE if is_additive else Class.BREAKING

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """What changes, each once, in no span's words: equal lines are an identical change."""
        folder = self.pending.integration
        if self.kind is Class.ORPHAN:
            return (f"- snapshots of {folder} that no test uses",)
        if self.kind is Class.NEW:
            return (f"+ snapshots of {folder}",)
        lines = dict.fromkeys(_line(difference) for difference in self.differences)
        return tuple(lines) or ("~ the layout of the file",)

    @cached_property
    def spans(self) -> Counter[str]:
        """The names of the spans that are touched, and how many there are of each."""
        return Counter(str(d.node.written["name"]) for d in self.differences if d.node.is_span)

    @property
    def tree(self) -> str:
        """Both trees as one, each difference at its place."""
        return render_differences(self.stored, self.received, self.pairs, list(self.differences))

    @property
    def refused(self) -> list[str]:
        """Why it cannot be stored, empty where it can."""
        return [*self.pending.origin.refused, *(() if self.pending.is_unused else find_disclosures(self.received))]


@dataclass(frozen=True, eq=False)
class Group:
    """One decision: all snapshots with the very same changes."""

    kind: Class
    lines: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def name(self) -> str:
        """The same name for the same change, in every run: `breaking-1a2b3c`."""
        return f"{self.kind}-{sha256(repr(self.lines).encode(errors='replace')).hexdigest()[:6]}"

    @property
    def title(self) -> str:
        """The change in one line, with what it is on."""
        more = f", and {len(self.lines) - 1} more" if len(self.lines) > 1 else ""
        return f"{self.lines[0]}{more}{self.place}"

    @property
    def place(self) -> str:
        """The spans that are touched, if the change is one of spans."""
        if self.kind in (Class.NEW, Class.ORPHAN) or not self.spans:
            return ""
        names = [printable(name) for name in sorted(self.spans, key=lambda name: (-self.spans[name], name))]
        more = f" and {len(names) - 3} other names" if len(names) > 3 else ""
        return f", on {', '.join(names[:3])}{more}"

    @cached_property
    def spans(self) -> Counter[str]:
        """The names of the spans that are touched, and how many there are of each."""
        return sum((change.spans for change in self.changes), Counter())

    @property
    def integrations(self) -> list[str]:
        """Whose snapshots they are."""
        return sorted({change.pending.integration for change in self.changes})


def read_change(pending: Pending) -> Change:
    """Compare a pending snapshot with the stored one; MalformedSnapshot where either cannot be read."""
    stored = _tree(str(pending.stored), read_text(pending.stored)) if pending.stored.exists() else Node()
    received = Node() if pending.is_unused else _tree(str(pending.received), read_text(pending.received))
    # A file that another tool stored has plain values.
    Rules().apply(stored)
    pairs = align(stored, received)
    return Change(pending, stored, received, pairs, tuple(find_differences(stored, received, pairs)))


def group(changes: Iterable[Change]) -> list[Group]:
    """The decisions to be made, the gravest class first, the largest group first."""
    alike: dict[tuple[Class, tuple[str, ...]], list[Change]] = defaultdict(list)
    for change in changes:
        alike[change.kind, tuple(sorted(change.lines))].append(change)
    groups = [Group(kind, lines, tuple(members)) for (kind, lines), members in alike.items()]
    gravity = list(Class)
    return sorted(groups, key=lambda each: (-gravity.index(each.kind), -len(each.changes), each.lines))


def _tree(name: str, text: str) -> Node:
    root = parse(text, name)
    lay_out(root)
    return root


def _adds(difference: Difference) -> bool:
    is_tag = difference.kind is Kind.CHANGED and difference.expected is ABSENT
    return difference.kind is Kind.ADDED or (is_tag and difference.key.startswith(("meta.", "metrics.")))


def _line(difference: Difference) -> str:
    mark, node, key = difference.kind.value, difference.node, difference.key
    if difference.kind is Kind.MOVED:
        return printable(
            f"{mark} {node.written['name']}: from {_last(difference.expected)} to {_last(difference.received)}"
        )
    if difference.kind is not Kind.CHANGED:
        return printable(f"{mark} {node.label if node.is_span else 'a trace'}")
    expected, received = shown_pair(difference)
    key = key.partition(".")[2] or key
    if difference.expected is ABSENT:
        return printable(f"+ {key}: {received}")
    if difference.received is ABSENT:
        return printable(f"- {key}: {expected}")
    return printable(f"~ {key}: {expected} -> {received}")


def _last(path: object) -> str:
    """The nearest parent, which says enough where a change is meant rather than its place."""
    return str(path).rpartition(" > ")[2] or "no parent"
