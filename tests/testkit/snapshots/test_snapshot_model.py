import json

import pytest

from ddtrace.span import Span
from testkit.snapshots.encoding import render
from testkit.snapshots.model import Rules, SnapshotError, receive
from testkit.snapshots.redaction import Ignore, Port, Regex


@pytest.fixture
def stored_form(spans_of):
    """The stored form of an outline, as objects."""
    return lambda outline, redact=None: json.loads(render(receive(spans_of(outline), Rules(redact))))


def test_ids_are_renumbered(stored_form):
    """Traces count from 0, spans from 1 in depth-first order, and a root's parent is 0."""
    traces = stored_form("a\n  b\n    c\n  d\n\ne")

    ids = [[(s["name"], s["trace_id"], s["span_id"], s["parent_id"]) for s in spans] for spans in traces]
    assert ids == [[("a", 0, 1, 0), ("b", 0, 2, 1), ("c", 0, 3, 2), ("d", 0, 4, 1)], [("e", 1, 1, 0)]]


def test_order_of_keys(stored_form):
    """The important keys come first, the tags sorted; what is empty is left out."""
    [[span]] = stored_form("a GET service=s type=web z=1 b=2")

    assert list(span) == [
        *("name", "service", "resource", "trace_id", "span_id", "parent_id", "type", "error"),
        *("meta", "duration"),
    ]
    assert list(span["meta"]) == ["b", "z"]


def test_volatile_values_are_redacted_by_default(spans_of):
    """Pids, ports, runtime ids, tracebacks and times of a machine are not stored."""
    [span] = spans_of("a runtime-id=00ff00ff process_id:=4242 network.destination.port:=5432")
    span.set_tag("error.stack", "Traceback (most recent call last):\n  File x\nKeyError: 1\n")

    [[stored]] = json.loads(render(receive([span], Rules())))

    assert stored["meta"] == {"runtime-id": "<Hash:8>", "error.stack": "<Traceback:KeyError>"}
    assert stored["metrics"] == {"network.destination.port": "<Port>", "process_id": "<Pid>"}
    assert stored["duration"] == "<Duration>"
    assert "start" not in stored


def test_a_default_leaves_what_does_not_fit(stored_form):
    """A port that is none is stored as it is, for a reviewer to see."""
    [[span]] = stored_form("a network.destination.port:=0")

    assert span["metrics"] == {"network.destination.port": 0}


def test_a_redaction_reaches_tag_and_metric(stored_form):
    """A bare key means the tag and the metric of that name."""
    [[span]] = stored_form("a port=80 out.port:=81", {"port": Port(), "out.port": Port()})

    assert (span["meta"], span["metrics"]) == ({"port": "<Port>"}, {"out.port": "<Port>"})


def test_a_redaction_reaches_a_field(stored_form):
    """A field's name means the field, and not a tag of that name."""
    [[span]] = stored_form("a GET-1 resource=x", {"resource": Regex(r"GET-\d")})

    assert span["resource"] == r"<Regex:GET-\d>"
    assert span["meta"] == {"resource": "x"}


def test_redact_takes_redactions_only():
    """A plain value where a redaction belongs is an error that names the key."""
    with pytest.raises(TypeError, match=r"redact\['out.host'\] must be a Redaction, found 'x'"):
        Rules({"out.host": "x"})


def test_the_parent_in_another_process_is_stored(spans_of):
    """A remote parent's id is kept; an id of a span of the trace would mean that span."""
    first, second = spans_of("a\nb")
    first.parent_id, second.parent_id = 42, 1

    [spans] = json.loads(render(receive([first, second], Rules())))

    assert [span["parent_id"] for span in spans] == [42, "<Remote:1>"]


def test_overlapping_siblings_are_marked(stored_form):
    """Only what overlaps a sibling carries a mark, one number a group."""
    [spans] = stored_form("a\n  b\n  &c\n  d\n  e\n  &f")

    assert [span.get("start") for span in spans] == [
        *(None, "<Overlap:1>", "<Overlap:1>", None, "<Overlap:2>", "<Overlap:2>")
    ]


def test_overlapping_siblings_are_stored_in_one_order(stored_form):
    """Two runs of a concurrent program store the same text."""
    assert stored_form("a\n  b\n    x\n  &b\n    y\n  &c") == stored_form("a\n  c\n  &b\n    y\n  &b\n    x")


def test_overlapping_traces_are_stored_in_one_order(stored_form):
    """Two runs of a program with threads store the same text."""
    assert stored_form("a\n\n&b") == stored_form("b\n\n&a")


def test_an_unfinished_span_is_refused():
    """A span without a duration is no result."""
    with pytest.raises(SnapshotError, match="span 'a' is not finished"):
        receive([Span("a")], Rules())


def test_an_id_that_comes_twice_is_refused(spans_of):
    """Two spans with one id have no tree."""
    [span] = spans_of("a")

    with pytest.raises(SnapshotError, match="two spans have the id"):
        receive([span, span], Rules())


def test_a_ring_of_parents_is_refused(spans_of):
    """Spans that are each other's parents have no tree."""
    root, one, other = spans_of("a\n  b\n    c")
    one.parent_id = other.span_id

    with pytest.raises(SnapshotError, match="form a ring"):
        receive([root, one, other], Rules())


def test_text_that_looks_redacted_is_stored_as_literal(stored_form):
    """A tag cannot smuggle a redaction into the file."""
    [[span]] = stored_form("a x=<Port>", {"y": Ignore("unused")})

    assert span["meta"] == {"x": "<Literal:<Port>>"}
