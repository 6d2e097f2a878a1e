"""One edit of any tree is that one difference, whatever the tree and the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from testkit.snapshots.alignment import align
from testkit.snapshots.decoding import parse
from testkit.snapshots.difference import find_differences
from testkit.snapshots.encoding import render
from testkit.snapshots.model import Rules, receive

NAMES = ("web", "db", "cache", "render")
given_trees = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(eq=False)
class Tree:
    """A span to be: its name, its resource, which no other has, and what is below it."""

    name: str
    resource: str
    children: list[Tree] = field(default_factory=list)

    def walk(self) -> Iterator[Tree]:
        yield self
        for child in self.children:
            yield from child.walk()

    def outline(self, depth: int = 0) -> str:
        below = (child.outline(depth + 1) for child in self.children)
        return "\n".join([f"{'  ' * depth}{self.name} {self.resource}", *below])

    def parent_of(self, tree: Tree) -> Tree:
        return next(each for each in self.walk() if tree in each.children)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """A root with 1 to 24 spans below it."""
    root = Tree("root", "R")
    spans = [root]
    for number in range(draw(st.integers(1, 24))):
        tree = Tree(draw(st.sampled_from(NAMES)), f"r{number}")
        draw(st.sampled_from(spans)).children.append(tree)
        spans.append(tree)
    return root


def one_below(draw: st.DataObject, root: Tree) -> Tree:
    return draw.draw(st.sampled_from(list(root.walk())[1:]))


@pytest.fixture
def changed(spans_of):
    """The marks, labels and keys of what differs between an outline that is stored and a tree that is received."""

    def compare(before: str, after: Tree) -> list[tuple[str, str, str]]:
        stored = parse(render(receive(spans_of(before), Rules())), "stored.json")
        received = receive(spans_of(after.outline()), Rules())
        found = find_differences(stored, received, align(stored, received))
        return [(each.kind.value, each.node.label, each.key) for each in found]

    return compare


def label(tree: Tree) -> str:
    return f'{tree.name} "{tree.resource}"'


@given_trees
@given(root=trees())
def test_an_equal_tree_has_no_difference(changed, root):
    """The stored form says all of a tree that is compared."""
    assert changed(root.outline(), root) == []


@given_trees
@given(root=trees(), draw=st.data())
def test_a_removed_span_is_one_difference(changed, root, draw):
    """What was below it stands below its parent now, which is no difference of its own."""
    before, gone = root.outline(), one_below(draw, root)
    siblings = root.parent_of(gone).children
    place = siblings.index(gone)
    siblings[place : place + 1] = gone.children

    assert changed(before, root) == [("-", label(gone), "")]


@given_trees
@given(root=trees(), draw=st.data(), name=st.sampled_from(NAMES))
def test_an_inserted_span_is_one_difference(changed, root, draw, name):
    """As a leaf or around some of its siblings."""
    before = root.outline()
    siblings = draw.draw(st.sampled_from(list(root.walk()))).children
    start = draw.draw(st.integers(0, len(siblings)))
    end = draw.draw(st.integers(start, len(siblings)))
    new = Tree(name, "new", siblings[start:end])
    siblings[start:end] = [new]

    assert changed(before, root) == [("+", label(new), "")]


@given_trees
@given(root=trees(), draw=st.data())
def test_a_renamed_span_is_one_difference(changed, root, draw):
    """Only its name differs, wherever it is."""
    before, tree = root.outline(), one_below(draw, root)
    tree.name = "other"

    assert changed(before, root) == [("~", label(tree), "name")]


@given_trees
@given(root=trees(), draw=st.data())
def test_a_moved_span_is_one_difference(changed, root, draw):
    """With all that is below it, to be the last below any other span."""
    before, tree = root.outline(), one_below(draw, root)
    old = root.parent_of(tree)
    below = set(tree.walk())
    places = [each for each in root.walk() if each not in below and each is not old]
    assume(places)
    old.children.remove(tree)
    draw.draw(st.sampled_from(places)).children.append(tree)

    assert changed(before, root) == [(">", label(tree), "parent")]
