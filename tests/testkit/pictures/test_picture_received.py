import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testkit.collector import MalformedPayload
from testkit.pictures import received as module
from testkit.pictures.received import Received
from testkit.snapshots.model import walk


def span(span_id, parent_id=0, start=0, duration=10, trace_id=1, **fields):
    return {
        **{"trace_id": trace_id, "span_id": span_id, "parent_id": parent_id, "start": start, "duration": duration},
        **{"name": f"s{span_id}", **fields},
    }


def shape(view):
    """Each span as its name, indented as deep as it is; traces are parted by an empty line."""
    return "\n\n".join(
        "\n".join(" " * (node.depth - 1) + node.written["name"] for node in walk(trace) if node.is_span)
        for trace in view.traces
    )


def test_spans_are_below_their_parents(view_of):
    """What the tracer sent is the tree that it made."""
    assert shape(view_of("a\n  b\n    c\n  d\n\ne")) == "a\n b\n  c\n d\n\ne"


def test_the_order_of_arrival_does_not_matter(received):
    """A child may come before its parent, and a trace in many payloads; siblings and traces stand by their start."""
    received.take([[span(3, 1, start=30)]])
    received.take([[span(9, trace_id=2, start=5)]])
    received.take([[span(2, 1, start=20)], [span(1, start=10)]])

    assert shape(received.view()) == "s9\n\ns1\n s2\n s3"


def test_a_parent_in_another_process_may_be_missing(received):
    """Its children are roots until it comes."""
    received.take([[span(2, 1)]])
    assert shape(received.view()) == "s2"

    received.take([[span(1)]])
    assert shape(received.view()) == "s1\n s2"


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([span(1, 1)], "s1"),
        ([span(1, 2), span(2, 1)], "s1\n s2"),
        ([span(5), span(1, 2, start=1), span(2, 3, start=2), span(3, 1, start=3)], "s5\ns1\n s3\n  s2"),
        ([span(1), span(1, start=1), span(2, 1, start=2)], "s1\n s2\ns1"),
        ([span(0), span(2)], "s0\n s2"),
    ],
    ids=["its own parent", "a ring of two", "a ring of three", "an id twice", "the id 0"],
)
def test_spans_that_form_no_tree_are_shown_all_the_same(received, spans, expected):
    """Every span is there once, whatever it says of its parent."""
    received.take([spans])

    assert shape(received.view()) == expected


@given(st.lists(st.tuples(st.integers(1, 2), *[st.integers(0, 6)] * 3), max_size=12))
def test_every_span_is_there_once(spans):
    """Whatever is said of traces, ids, parents and times: in the tree of its own trace, and in no other."""
    received = Received()
    received.take([[span(own, above, start, trace_id=trace, type=f"{trace}") for trace, own, above, start in spans]])

    trees = [
        [(node.written["type"], node.written["name"]) for node in walk(trace) if node.is_span]
        for trace in received.view().traces
    ]

    assert sorted(itertools.chain(*trees)) == sorted((f"{trace}", f"s{own}") for trace, own, _, _ in spans)
    assert all(len({trace for trace, _ in tree}) == 1 for tree in trees)


def test_a_deep_trace_meets_no_limit(received):
    """A chain of 5,000 spans is a tree as any other."""
    received.take([[span(number, number - 1, start=number) for number in range(1, 5_001)]])

    assert max(node.depth for node in walk(received.view().traces[0])) == 5_000


def test_no_more_is_kept_than_there_is_room_for(received, monkeypatch):
    """What comes later is counted."""
    monkeypatch.setattr(module, "KEPT", 3)
    received.take([[span(1), span(2)]])
    received.take([[span(3), span(4), span(5)]])

    view = received.view()

    assert (view.spans, view.lost, shape(view)) == (3, 2, "s1\ns2\ns3")


@pytest.mark.parametrize(
    "wrong", [{"span_id": "1"}, {"start": 1.5}, {"trace_id": []}, {"meta": []}, {"error": "yes"}], ids=str
)
def test_a_span_of_wrong_types_is_refused_with_its_payload(received, wrong):
    """The error says which field; nothing of the payload is taken."""
    with pytest.raises(MalformedPayload, match=f"a span's {next(iter(wrong))}: expected a .*, found"):
        received.take([[span(1), {**span(2), **wrong}]])

    assert received.view().traces == []


def test_odd_values_are_shown_as_text(received):
    """Tags that are no text, and fields that are absent."""
    received.take([[{"trace_id": 1, "span_id": 1, "name": None, "meta": {1: None}, "metrics": {"m": [1]}}]])

    record = received.view().traces[0].children[0].written
    assert (record["name"], record["meta.1"], record["metrics.m"]) == ("", "None", "[1]")


def test_whoever_waits_is_told_of_what_comes(received):
    """A change wakes, and time runs out where there is none."""
    told = []
    waiting = threading.Thread(target=lambda: told.append(received.wait(0, 60)))
    waiting.start()
    received.take([[span(1)]])
    waiting.join()
    assert told == [1]

    assert received.wait(1, 0.01) == 1
    received.end("ended with status 0")
    assert received.wait(1, 60) == 2 and received.view().ended == "ended with status 0"


def test_a_view_stays_as_it_is(received):
    """Whoever draws it is not disturbed by what comes meanwhile."""
    received.take([[span(1)]])
    before = received.view()

    received.take([[span(2, 1)]])
    received.view()

    assert shape(before) == "s1"
