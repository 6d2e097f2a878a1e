"""The tracer for tests: counted ids, a ticking clock, and spans that stay."""

from __future__ import annotations

import pytest

from testkit import CountingIds, DummyTracer, TickingClock


@pytest.fixture
def nested(tracer: DummyTracer) -> DummyTracer:
    """A tracer with one trace of two spans, named outer and inner."""
    with tracer.trace("outer"), tracer.trace("inner"):
        pass
    return tracer


def test_ids_count_up() -> None:
    """The first id is 1, and each is one more than the last."""
    ids = CountingIds()

    assert [ids.next_id() for _ in range(3)] == [1, 2, 3]


def test_clock_ticks() -> None:
    """Each reading of the clock is one millisecond after the last."""
    clock = TickingClock(start_ns=5)

    assert [clock(), clock(), clock()] == [5, 1_000_005, 2_000_005]


def test_spans_have_the_counted_ids(nested: DummyTracer) -> None:
    """A trace takes the first id, and each of its spans the next."""
    assert [(span.name, span.trace_id, span.span_id) for span in nested.spans] == [("outer", 1, 2), ("inner", 1, 3)]


def test_spans_have_the_ticking_times(nested: DummyTracer) -> None:
    """A span around another lasts for three ticks, the other for one."""
    assert [span.duration_ns for span in nested.spans] == [3_000_000, 1_000_000]


def test_two_tracers_record_the_same() -> None:
    """The same program under another such tracer gives the same bytes, the ids of the process aside."""

    def encoded() -> list[tuple]:
        tracer = DummyTracer()
        with tracer.trace("outer", service="shop"), tracer.trace("inner", resource="r"):
            pass
        return [(span.trace_id, span.span_id, span.parent_id, span.start_ns, span.duration_ns) for span in tracer.pop()]

    assert encoded() == encoded()


def test_an_open_trace_is_started_only(tracer: DummyTracer) -> None:
    """A span is among those started at once, and among the finished with its whole trace."""
    with tracer.trace("outer"):
        with tracer.trace("inner"):
            pass
        assert [span.name for span in tracer.started] == ["outer", "inner"]
        assert len(tracer.spans) == 0

    assert len(tracer.spans) == 2


def test_pop_gives_what_is_new(nested: DummyTracer) -> None:
    """Popped spans are not given again."""
    assert [span.name for span in nested.pop()] == ["outer", "inner"]
    assert nested.pop() == []


def test_pop_traces_keeps_traces_apart(nested: DummyTracer) -> None:
    """There is one list a trace."""
    with nested.trace("another"):
        pass

    assert [[span.name for span in trace] for trace in nested.pop_traces()] == [["outer", "inner"], ["another"]]


def test_it_traces_where_tracing_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """DD_TRACE_ENABLED of the process is none of its business."""
    monkeypatch.setenv("DD_TRACE_ENABLED", "false")

    assert DummyTracer().enabled


def test_it_knows_no_agent(tracer: DummyTracer) -> None:
    """There is no agent that anything could be sent to."""
    assert tracer.agent_trace_url is None


def test_a_new_tracer_has_no_current_span(tracer: DummyTracer) -> None:
    """What an earlier test left active is not the parent of this one's spans."""
    tracer.trace("left active")

    assert DummyTracer().current_span() is None
