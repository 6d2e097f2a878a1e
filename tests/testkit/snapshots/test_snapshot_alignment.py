import random
from time import process_time

import pytest

from testkit.snapshots.alignment import align
from testkit.snapshots.decoding import parse
from testkit.snapshots.difference import find_differences
from testkit.snapshots.encoding import render
from testkit.snapshots.model import Rules, receive


def differences(before, after):
    """The differences of spans to stored spans, as (mark, name and resource, key)."""
    stored = parse(render(receive(before, Rules())), "stored.json")
    received = receive(after, Rules())
    pairs = align(stored, received)
    return [(d.kind.value, d.node.label, d.key) for d in find_differences(stored, received, pairs)]


@pytest.fixture
def compare(spans_of):
    """Differences between two outlines."""
    return lambda stored, received: differences(spans_of(stored), spans_of(received))


WEB = """
    web GET
      auth
        db SELECT
        db COMMIT
      redis GET
      redis SET
      render
"""


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        pytest.param(WEB, [], id="equal"),
        pytest.param(
            WEB.replace("redis SET", "redis DEL\n      redis SET"),
            [("+", 'redis "DEL"', "")],
            id="inserted leaf",
        ),
        pytest.param(
            WEB.replace("  db", "    db").replace("  auth", "  pool\n        auth"),
            [("+", "pool", "")],
            id="inserted parent",
        ),
        pytest.param(WEB.replace("      redis GET\n", ""), [("-", 'redis "GET"', "")], id="leaf"),
        pytest.param(
            WEB.replace("      auth\n", "").replace("  db", "db"),
            [("-", "auth", "")],
            id="removed parent",
        ),
        pytest.param(
            WEB.replace("auth", "login"),
            [("~", "login", "name"), ("~", "login", "resource")],
            id="renamed",
        ),
        pytest.param(
            WEB.replace("redis SET", "redis SETEX"),
            [("~", 'redis "SETEX"', "resource")],
            id="other resource",
        ),
        pytest.param(
            WEB.replace("web GET", "web GET service=shop"),
            [("~", 'web "GET"', "service")],
            id="root changed",
        ),
        pytest.param(
            WEB.replace("redis GET", "redis GET out.host=a component:=1"),
            [("~", 'redis "GET"', "meta.out.host"), ("~", 'redis "GET"', "metrics.component")],
            id="tag and metric",
        ),
        pytest.param(
            WEB.replace("      redis SET\n", "").replace("db SELECT", "db SELECT\n          redis SET"),
            [(">", 'redis "SET"', "parent")],
            id="moved below another",
        ),
        pytest.param(
            WEB.replace("        db COMMIT", "      db COMMIT"),
            [(">", 'db "COMMIT"', "parent")],
            id="moved up in place",
        ),
        pytest.param(
            WEB.replace("redis GET\n      redis SET", "redis SET\n      redis GET"),
            [("^", 'redis "GET"', "")],
            id="swapped",
        ),
        pytest.param(
            WEB.replace("      render\n", "").replace("      auth", "      render\n      auth"),
            [("^", "render", "")],
            id="last is first",
        ),
        pytest.param(WEB + "\n    cron\n", [("+", "trace 1", ""), ("+", "cron", "")], id="extra trace"),
        pytest.param(
            WEB.replace("      render", "\n    render"),
            [("+", "trace 1", ""), (">", "render", "parent")],
            id="context lost",
        ),
        pytest.param(WEB.replace("render", "render !error"), [("~", "render", "error")], id="error"),
    ],
)
def test_each_change_is_one_difference(compare, received, expected):
    """A change shows as itself, and never as a cascade."""
    assert sorted(compare(WEB, received)) == sorted(expected)


def test_every_difference_is_found(compare):
    """The first difference does not hide the others."""
    received = WEB.replace("web GET", "web PUT").replace("render", "render a=b\n      log")

    assert compare(WEB, received) == [
        ("~", 'web "PUT"', "resource"),
        ("~", "render", "meta.a"),
        ("+", "log", ""),
    ]


@pytest.mark.parametrize("stored", ["a\n  b 1\n  &b 2\n  &c", "a\n  b 1\n  b 2\n  c"])
def test_received_siblings_that_overlap_have_no_order(compare, stored):
    """What ran at the same time may come in any order, however it was stored."""
    assert compare(stored, "a\n  c\n  &b 2\n  &b 1") == []


def test_stored_siblings_that_overlap_have_no_order(compare):
    """What once ran at the same time may run in turn."""
    assert compare("a\n  b 1\n  &b 2\n  &c", "a\n  c\n  b 2\n  b 1") == []


def test_overlap_frees_only_the_group(compare):
    """A sibling that ran after the group has to stay behind it."""
    assert compare("a\n  b\n  &c\n  d", "a\n  d\n  c\n  &b") == [("^", "d", "")]


def test_overlapping_siblings_are_a_multiset(compare):
    """Three where there were two is one addition."""
    assert compare("a\n  b\n  &b", "a\n  b\n  &b\n  &b") == [("+", "b", "")]


def test_overlapping_subtrees_keep_their_children(compare):
    """Each of two concurrent spans has to have its own children."""
    stored = "a\n  b\n    x\n  &c\n    y"

    assert compare(stored, "a\n  c\n    y\n  &b\n    x") == []
    assert [mark for mark, *_ in compare(stored, "a\n  c\n    x\n  &b\n    y")] == [">", ">"]


def test_overlapping_traces_have_no_order(compare):
    """Traces that overlap in time may arrive in any order."""
    assert compare("a\n\n&b", "b\n\n&a") == []


def test_traces_in_turn_have_an_order(compare):
    """Traces that follow one another have to arrive as they were stored."""
    assert [mark for mark, *_ in compare("a\n\nb", "b\n\na")] == ["^"]


def test_lost_trace(compare):
    """A trace that is missing is missed."""
    assert compare("a\n\nb", "b") == [("-", "trace 0", ""), ("-", "a", "")]


def test_parent_in_another_process(spans_of):
    """A root that has a remote parent differs from one that has none."""
    stored, received = spans_of("a"), spans_of("a")
    received[0].parent_id = 42

    found = differences(stored, received)

    assert found == [("~", "a", "parent_id")]


@pytest.mark.parametrize("seed", range(20))
def test_a_random_edit_is_found(spans_of, seed):
    """A tree equals itself, one insertion is one `+`, one removal one `-`."""
    chance = random.Random(seed)
    depths = [0]
    for _ in range(30):
        depths.append(chance.randint(1, depths[-1] + 1))
    lines = ["  " * depth + chance.choice(["a", "b x", "b y t=1"]) for depth in depths]
    place = chance.randrange(1, len(lines))
    inserted = [*lines[:place], "  " * depths[place] + "new", *lines[place:]]
    before, after = (spans_of("\n".join(text)) for text in (lines, inserted))

    assert differences(before, before) == []
    assert differences(before, after) == [("+", "new", "")]
    assert differences(after, before) == [("-", "new", "")]


def test_many_edits_of_a_big_tree_are_themselves(compare):
    """Two thousand spans with an edit in every hundred show those edits, below a new root, too."""
    lines = ["root", *(f"  {name} x" for _ in range(500) for name in ("a", "  b", "  b", "c"))]
    edited = [f"{line} t=1" if place % 100 == 1 else line for place, line in enumerate(lines)]

    found = compare("\n".join(lines), "\n".join(["new", *(f"  {line}" for line in edited)]))

    assert found == [("+", "new", ""), *[("~", 'a "x"', "meta.t")] * 20]


@pytest.mark.parametrize("change", ["other", "shuffled", "deep"])
def test_big_trees_take_bounded_time(spans_of, change):
    """Two thousand spans on each side are compared in two seconds, however they differ."""
    places = list(range(2_000))
    shuffled = random.Random(1).sample(places, len(places))
    before, after = {
        "other": ([f"  a{i} x{i}" for i in places], [f"  b{i} y{i}" for i in places]),
        "shuffled": ([f"  a x{i}" for i in places], [f"  a x{i}" for i in shuffled]),
        "deep": (["  " * i + "  a x" for i in places], ["  " * i + "  a y" for i in places]),
    }[change]
    stored, received = (spans_of("\n".join(["root", *lines])) for lines in (before, after))

    started_s = process_time()
    assert differences(stored, received)
    assert process_time() - started_s < 2
