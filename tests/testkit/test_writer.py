"""The writer that sends nothing: what it keeps is what an agent would get."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest

from testkit import DummyTracer, RecordingWriter

INTEGERS = ("trace_id", "span_id", "start", "duration")


@pytest.fixture
def decoded(tracer: DummyTracer) -> list[dict[str, Any]]:
    """The spans of one trace as an agent reads them: a request, and below it a command that fails."""
    with tracer.trace("web.request", service="shop", resource="GET /", span_type="web") as request:
        request.set_metric("rows", 2)
        with pytest.raises(ValueError), tracer.trace("redis.command") as command:
            command.set_tag("out.host", "a")
            raise ValueError("as asked")
    return msgpack.unpackb(tracer.recorded.encoded[0])


def test_a_trace_is_an_array_of_maps(decoded: list[dict[str, Any]]) -> None:
    """An agent reads one map a span."""
    assert [span["name"] for span in decoded] == ["web.request", "redis.command"]


def test_fields_have_the_agents_names(decoded: list[dict[str, Any]]) -> None:
    """Service, resource and type are where an agent looks for them."""
    assert {key: decoded[0][key] for key in ("service", "resource", "type")} == {
        "service": "shop",
        "resource": "GET /",
        "type": "web",
    }


def test_ids_and_times_are_integers(decoded: list[dict[str, Any]]) -> None:
    """Ids, and nanoseconds, are integers in every span."""
    assert all(type(span[key]) is int for span in decoded for key in INTEGERS)


def test_a_child_names_its_parent(decoded: list[dict[str, Any]]) -> None:
    """The parent's id is that of the span above, in the same trace."""
    request, command = decoded
    assert (command["trace_id"], command["parent_id"]) == (request["trace_id"], request["span_id"])


def test_tags_are_meta_and_metrics_apart(decoded: list[dict[str, Any]]) -> None:
    """Tags are text below meta, metrics are numbers below metrics."""
    assert decoded[0]["metrics"]["rows"] == 2
    assert decoded[1]["meta"]["out.host"] == "a"


def test_an_error_is_marked(decoded: list[dict[str, Any]]) -> None:
    """The failed span alone has error 1, and says what it was."""
    assert [span.get("error", 0) for span in decoded] == [0, 1]
    assert decoded[1]["meta"]["error.message"] == "as asked"


def test_spans_and_bytes_are_kept_side_by_side(tracer: DummyTracer) -> None:
    """There is one piece of bytes a trace, in the same order."""
    for name in ("first", "second"):
        tracer.trace(name).finish()

    kept = [(spans[0].name, msgpack.unpackb(data)[0]["name"]) for spans, data in _kept(tracer.recorded)]
    assert kept == [("first", "first"), ("second", "second")]


def _kept(writer: RecordingWriter) -> Any:
    return zip(writer.traces, writer.encoded, strict=True)


def test_popped_traces_are_gone(tracer: DummyTracer) -> None:
    """After a pop neither spans nor bytes are kept."""
    tracer.trace("popped").finish()

    tracer.recorded.pop_traces()

    assert (tracer.recorded.traces, tracer.recorded.encoded) == ([], [])


def test_a_forked_childs_writer_is_empty(tracer: DummyTracer) -> None:
    """What the parent recorded is not recorded again by its child."""
    tracer.trace("parent").finish()

    assert tracer.recorded.recreate().traces == []
