"""A span's time, its end and its place in a trace; tags and errors have files of their own."""

import pytest

from ddtrace import Span
from ddtrace.context import Context
from ddtrace.internal.trace import Trace


def test_resource_falls_back_to_the_name():
    """A span without a resource is grouped by its name."""
    assert Span("web.request").resource == "web.request"
    assert Span("web.request", resource="GET /").resource == "GET /"


def test_ids_are_drawn_where_none_are_given():
    """Trace and span ids are independent, positive and below 2**64; a root has no parent."""
    span = Span("a")

    assert 0 < span.trace_id < 2**64
    assert 0 < span.span_id < 2**64
    assert span.trace_id != span.span_id
    assert span.parent_id is None


@pytest.mark.parametrize("argument", ["trace_id", "span_id", "parent_id"])
def test_an_id_must_be_an_int(argument):
    """The error names the argument, the value and the expected type."""
    with pytest.raises(TypeError, match=rf"{argument} must be an int, got '12' \(str\)"):
        Span("a", **{argument: "12"})


def test_start_is_kept_in_nanoseconds():
    """``start`` is seconds and ``start_ns`` nanoseconds of the same moment."""
    span = Span("a", start=12.5)

    assert (span.start, span.start_ns) == (12.5, 12_500_000_000)


def test_start_can_be_set():
    """A later start in seconds moves the nanoseconds."""
    span = Span("a")

    span.start = 3.25

    assert span.start_ns == 3_250_000_000


def test_duration_is_none_until_the_end():
    """An open span has no duration and is not finished."""
    span = Span("a", start=10)

    assert (span.duration, span.duration_ns, span.finished) == (None, None, False)


def test_finish_takes_a_time():
    """``finish(finish_time)`` is in seconds since the epoch."""
    span = Span("a", start=10)

    span.finish(finish_time=12.5)

    assert (span.duration, span.duration_ns, span.finished) == (2.5, 2_500_000_000, True)


def test_finish_reads_the_clock():
    """Without a time the span ends when the trace's clock says."""
    ticks = iter((1_000, 3_500))
    span = Span("a", _trace=Trace(clock=lambda: next(ticks)))

    span.finish()

    assert (span.start_ns, span.duration_ns) == (1_000, 2_500)


def test_duration_is_never_negative():
    """A clock that is set back gives a span of no length."""
    span = Span("a", start=10)

    span.finish(finish_time=9)

    assert span.duration_ns == 0


def test_second_finish_does_nothing():
    """Duration and callbacks belong to the first call."""
    calls = []
    span = Span("a", start=10, on_finish=[calls.append])

    span.finish(finish_time=11)
    span.finish(finish_time=15)

    assert span.duration == 1
    assert calls == [span]


def test_duration_can_be_set():
    """Setting a duration, in seconds, ends the span without callbacks."""
    calls = []
    span = Span("a", on_finish=[calls.append])

    span.duration = 1.5

    assert (span.duration_ns, span.finished, calls) == (1_500_000_000, True, [])


def test_finished_can_be_set():
    """True ends the span without callbacks, False opens it again, and a second True keeps the duration."""
    calls = []
    span = Span("a", on_finish=[calls.append])

    span.finished = True
    duration_ns = span.duration_ns
    span.finished = True

    assert duration_ns >= 0
    assert span.duration_ns == duration_ns
    assert calls == []

    span.finished = False
    assert span.duration_ns is None


def test_finish_with_ancestors_ends_the_whole_line(tracer):
    """The span and every local span above it are finished, and no other."""
    root = tracer.start_span("root")
    other = tracer.start_span("other", child_of=root)
    middle = tracer.start_span("middle", child_of=root)
    leaf = tracer.start_span("leaf", child_of=middle)

    leaf.finish_with_ancestors()

    assert [span.finished for span in (root, middle, leaf)] == [True, True, True]
    assert not other.finished


def test_context_names_the_span():
    """A span's context carries its ids, and is made once."""
    span = Span("a", trace_id=5, span_id=6)

    assert (span.context.trace_id, span.context.span_id) == (5, 6)
    assert span.context is span.context


def test_spans_of_a_trace_share_what_their_contexts_carry(tracer):
    """A decision made through one span's context is seen through every other."""
    with tracer.trace("root") as root, tracer.trace("child") as child:
        child.context.sampling_priority = 2
        child.context._meta["_dd.p.test"] = "value"

    assert root.context.sampling_priority == 2
    assert root.context._meta["_dd.p.test"] == "value"


def test_span_of_a_given_context_bears_its_own_ids():
    """A span made with a parent's context shares its tags but not its span id."""
    parent = Context(trace_id=5, span_id=6, sampling_priority=2)

    span = Span("a", trace_id=5, span_id=7, context=parent)

    assert span.context.span_id == 7
    assert span.context.sampling_priority == 2


def test_local_root_is_the_top_of_this_process(tracer):
    """The local root has no local parent, though it may have a remote one."""
    remote = Context(trace_id=1, span_id=2)
    root = tracer.start_span("root", child_of=remote)
    leaf = tracer.start_span("leaf", child_of=tracer.start_span("middle", child_of=root))

    assert leaf._local_root is root
    assert root._local_root is root


def test_pprint_is_one_line_of_facts():
    """The debug text names every field as key=value, tags and metrics in order."""
    span = Span("web", "shop", "GET /", "web", trace_id=1, span_id=2, parent_id=3, start=10)
    span.set_tags({"b": "2", "a": "1", "n": 5})
    span.finish(finish_time=11)

    assert span._pprint() == (
        "name='web' id=2 trace_id=1 parent_id=3 service='shop' resource='GET /' type='web' start=10.0 end=11.0 "
        "duration=1.0 error=0 tags={'a': '1', 'b': '2'} metrics={'n': 5}"
    )


def test_pprint_of_an_open_span_has_no_end():
    """What is not known yet is None."""
    assert " end=None duration=None " in Span("a")._pprint()


def test_repr_names_the_span():
    """The ids and the name are enough to find it."""
    assert repr(Span("a", trace_id=1, span_id=2)) == "<Span(id=2,trace_id=1,parent_id=None,name=a)>"
