"""The headers x-datadog-*."""

import pytest

from ddtrace.context import Context
from ddtrace.propagation.http import HTTPPropagator
from tests.unit.propagation.conftest import injected, place

HIGH = 0x640CFD8D00000000
ERROR = "_dd.propagation_error"


@pytest.fixture(autouse=True)
def style(use):
    use("datadog")


def extracted(trace_id="7", parent_id="8", priority=None, origin=None, tags=None):
    headers = {
        "x-datadog-trace-id": trace_id,
        "x-datadog-parent-id": parent_id,
        "x-datadog-sampling-priority": priority,
        "x-datadog-origin": origin,
        "x-datadog-tags": tags,
    }
    return HTTPPropagator.extract({name: value for name, value in headers.items() if value is not None})


@pytest.mark.parametrize(
    "context, expected",
    [
        (Context(7, 8), {}),
        (Context(7, 8, sampling_priority=-1), {"x-datadog-sampling-priority": "-1"}),
        (Context(7, 8, sampling_priority=2.0), {"x-datadog-sampling-priority": "2"}),
        (Context(7, 8, dd_origin="rum"), {"x-datadog-origin": "rum"}),
        (Context(7, 8, meta={"_dd.p.dm": "-1", "_dd.p.a": "b=c"}), {"x-datadog-tags": "_dd.p.dm=-1,_dd.p.a=b=c"}),
        (Context(7, 8, meta={"colour": "blue", "_dd.p.upstream_services": "x", "_dd.p.tid": "1"}), {}),
        (Context(HIGH << 64 | 7, 8), {"x-datadog-tags": "_dd.p.tid=640cfd8d00000000"}),
    ],
)
def test_what_is_known_is_written(context, expected):
    """Ids are decimal, the trace id's low 64 bits; everything else has a header only where there is something."""
    assert injected(context) == {"x-datadog-trace-id": "7", "x-datadog-parent-id": "8", **expected}


def test_what_is_there_is_read():
    """Ids, priority, origin and tags."""
    context = extracted(priority="2", origin="rum", tags="_dd.p.dm=-4,_dd.p.a=b=c,colour=blue")

    assert place(context) == (7, 8, 2)
    assert context._meta == {"_dd.origin": "rum", "_dd.p.dm": "-4", "_dd.p.a": "b=c"}


@pytest.mark.parametrize(
    "trace_id",
    ["", "0", "-1", "one", "1.5", "1_0", "0x1", str(2**64), "9" * 100_000, "\u0661", "\ud800", [7], b"\xff", 2**70],
)
def test_trace_id_must_be_of_64_bits(trace_id):
    """Without one from 1 to 2**64-1 there is no context."""
    assert extracted(trace_id=trace_id) == Context()


@pytest.mark.parametrize("value", ["7", " 7 ", b"7", 7])
def test_trace_id_may_be_text_bytes_or_a_number(value):
    """What frameworks hand over differs."""
    assert extracted(trace_id=value).trace_id == 7


@pytest.mark.parametrize("parent_id", ["0", None])
def test_missing_parent_is_none(parent_id):
    """The trace id alone is a context, too."""
    assert place(extracted(parent_id=parent_id)) == (7, None, None)


@pytest.mark.parametrize("field", [{"parent_id": "x"}, {"parent_id": str(2**64)}, {"priority": "x"}, {"priority": ""}])
def test_field_that_is_no_number_spoils_all(field):
    """Where one number is none, the headers are not to be trusted."""
    assert extracted(**field) == Context()


@pytest.mark.parametrize("origin", ["caf\xe9", "a\r\nb: c"])
def test_origin_is_printable_ascii_in_both_directions(origin):
    """What could break out of a header is neither read nor written."""
    assert extracted(origin=origin).dd_origin is None
    assert "x-datadog-origin" not in injected(Context(7, 8, meta={"_dd.origin": origin}))


@pytest.mark.parametrize(
    "tags, error",
    [
        ("_dd.p.a=" + "x" * 505, "extract_max_size"),
        ("_dd.p.a", "decoding_error"),
        ("_dd.p.a=", "decoding_error"),
        ("=b", "decoding_error"),
        ("_dd.p.a=b,", "decoding_error"),
        ("_dd.p.a b=c", "decoding_error"),
        ("_dd.p.a=\xe9", "decoding_error"),
        ("_dd.p.dm=keep", "decoding_error"),
        ("_dd.p.dm=-10", "decoding_error"),
        ("_dd.p.tid=12", "malformed_tid 12"),
        ("_dd.p.tid=640CFD8D00000000", "malformed_tid 640CFD8D00000000"),
    ],
)
def test_wrong_tags_are_told_and_left_out(tags, error):
    """The ids are used all the same; the trace says what was wrong with the tags."""
    context = extracted(tags=tags)

    assert place(context) == (7, 8, None)
    assert context._meta == {ERROR: error}


def test_tags_of_a_gone_format_are_left_out():
    """_dd.p.upstream_services is not taken over."""
    assert extracted(tags="_dd.p.upstream_services=x")._meta == {}


def test_longest_tags_travel():
    """512 characters are not too many, in either direction."""
    tags = "_dd.p.b=c,_dd.p.a=" + "x" * 494

    context = extracted(tags=tags, parent_id="8")

    assert len(tags) == 512
    assert context._meta == {"_dd.p.b": "c", "_dd.p.a": "x" * 494}
    assert injected(context)["x-datadog-tags"] == tags


@pytest.mark.parametrize(
    "meta, error",
    [
        ({"_dd.p.a": "x" * 505}, "inject_max_size"),
        ({"_dd.p.a": "b,c"}, "encoding_error"),
        ({"_dd.p.a": "caf\xe9"}, "encoding_error"),
        ({"_dd.p.a": ""}, "encoding_error"),
        ({"_dd.p.a": "a\r\nb"}, "encoding_error"),
        ({"_dd.p.a": 1}, "encoding_error"),
        ({"_dd.p.a b": "c"}, "encoding_error"),
        ({"_dd.p.a=b": "c"}, "encoding_error"),
    ],
)
def test_tags_that_cannot_be_written_are_told(meta, error):
    """All else is written; the trace says why the tags were not."""
    context = Context(7, 8, meta=meta)

    assert injected(context) == {"x-datadog-trace-id": "7", "x-datadog-parent-id": "8"}
    assert context._meta[ERROR] == error


def test_length_of_nothing_turns_tags_off(monkeypatch):
    """DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH=0: neither read nor written, which the trace tells where it has some."""
    monkeypatch.setenv("DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH", "0")
    context, without = Context(7, 8, meta={"_dd.p.a": "b"}), Context(7, 8)

    assert extracted(tags="_dd.p.a=b")._meta == {}
    assert "x-datadog-tags" not in injected(context) and injected(without)
    assert (context._meta[ERROR], without._meta) == ("disabled", {})


def test_length_can_be_less(monkeypatch):
    """The setting holds for both directions."""
    monkeypatch.setenv("DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH", "9")

    assert extracted(tags="_dd.p.a=b")._meta == {"_dd.p.a": "b"}
    assert extracted(tags="_dd.p.a=bc")._meta == {ERROR: "extract_max_size"}
    assert "x-datadog-tags" not in injected(Context(7, 8, meta={"_dd.p.a": "bc"}))


def test_trace_id_of_128_bits_is_put_together():
    """The high half is a tag on the wire, and none afterwards."""
    context = extracted(tags="_dd.p.tid=640cfd8d00000000,_dd.p.dm=-0")

    assert context.trace_id == HIGH << 64 | 7
    assert context._meta == {"_dd.p.dm": "-0"}
