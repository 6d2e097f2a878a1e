"""Generators within a span: transparent for who consumes them, and never current for anybody but themselves."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from ddtrace.contrib._streams import trace_async_generator, trace_generator


@pytest.fixture
def traced(integration, client):
    """A generator within a span."""

    def trace(generator: Any, **settings: Any) -> Any:
        function = trace_async_generator if hasattr(generator, "asend") else trace_generator
        return function(integration, client, "toy.call", generator, **settings)

    return trace


def count_to(number, log=None):
    try:
        for each in range(number):
            sent = yield each
            while sent is not None:
                sent = yield sent
        return number
    except KeyError:
        yield "handled"
    finally:
        if log is not None:
            log.append("closed")


async def count_async(number, log=None):
    try:
        for each in range(number):
            await asyncio.sleep(0)
            yield each
    finally:
        if log is not None:
            log.append("closed")


def test_values_and_return_value_are_the_generators_own(traced):
    """What comes out is what the library's generator gives, to the end."""
    stream = traced(count_to(2))

    def consume():
        result = yield from stream
        yield ("returned", result)

    assert list(consume()) == [0, 1, ("returned", 2)]


def test_what_is_sent_arrives(traced):
    """send() reaches the library's generator."""
    stream = traced(count_to(1))

    assert [next(stream), stream.send("loud")] == [0, "loud"]


def test_what_is_thrown_arrives_and_may_be_handled(traced, tracer):
    """throw() reaches it; what it handles is no error of the span."""
    stream = traced(count_to(1))
    next(stream)

    assert stream.throw(KeyError("colour")) == "handled"
    assert next(stream, "end") == "end"
    assert tracer.pop()[0].error == 0


def test_what_is_not_handled_is_recorded(traced, tracer):
    """The very exception reaches the consumer, and the span says so."""
    stream = traced(count_to(1))
    next(stream)
    failure = LookupError("no colour")

    with pytest.raises(LookupError) as caught:
        stream.throw(failure)

    assert caught.value is failure and failure.__context__ is None
    (span,) = tracer.pop()
    assert (span.error, span.get_tag("error.type")) == (1, "builtins.LookupError")


def test_closing_early_is_no_error(traced, tracer):
    """The generator is closed at once, and the span is finished without an error."""
    log = []
    stream = traced(count_to(2, log))
    next(stream)

    stream.close()

    assert log == ["closed"]
    (span,) = tracer.pop()
    assert span.error == 0


def test_a_forgotten_generator_finishes_its_span(traced, tracer):
    """Who drops it half-read closes it."""
    stream = traced(count_to(2))
    next(stream)
    del stream
    gc.collect()

    assert len(tracer.pop()) == 1


def test_it_is_named_like_its_own(traced):
    """A generator shows its function's name."""
    assert traced(count_to(1)).__qualname__ == "count_to"
    assert traced(count_async(1)).__qualname__ == "count_async"


def test_no_span_before_the_first_step(traced, tracer):
    """A generator that nobody steps does nothing, as without tracing."""
    stream = traced(count_to(1))

    assert tracer.started == []
    stream.close()
    assert tracer.started == []


def test_it_is_current_while_it_runs_only(traced, tracer):
    """Spans of the generator are its children, those of the consumer are not."""

    def query():
        with tracer.trace("query"):
            pass
        yield 1

    with tracer.trace("request") as request:
        for _ in traced(query()):
            assert tracer.current_span() is request
            with tracer.trace("render"):
                pass

    names = {span.name: span for span in tracer.pop()}
    assert names["toy.call"].parent_id == names["render"].parent_id == request.span_id
    assert names["query"].parent_id == names["toy.call"].span_id


def test_it_may_end_elsewhere(traced, tracer):
    """Begun in one task and closed in another, it leaves nothing current in either."""
    seen = []

    async def begin():
        stream = traced(count_async(2))
        await anext(stream)
        seen.append(tracer.current_span())
        return stream

    async def end(stream):
        await stream.aclose()
        seen.append(tracer.current_span())

    async def main():
        await asyncio.create_task(end(await asyncio.create_task(begin())))

    asyncio.run(main())

    assert seen == [None, None]
    assert len(tracer.pop()) == 1


def test_asynchronous_values_errors_and_closing(traced, tracer):
    """All that holds of a generator holds of an asynchronous one."""
    log = []

    async def main():
        assert [each async for each in traced(count_async(2, log))] == [0, 1]
        half_read = traced(count_async(2, log))
        await anext(half_read)
        await half_read.aclose()
        failing = traced(count_async(2, log))
        await anext(failing)
        with pytest.raises(LookupError):
            await failing.athrow(LookupError("no colour"))

    asyncio.run(main())

    assert log == ["closed"] * 3
    assert [span.error for span in tracer.pop()] == [0, 0, 1]


def test_a_description_that_fails_is_ours_alone(traced, tracer, monkeypatch):
    """The generator goes on, and the span is there."""
    monkeypatch.setattr("ddtrace.config._raise", False)

    def describe(span):
        span.set_tag_str("toy.command", "count")
        raise RuntimeError("ours")

    assert list(traced(count_to(2), describe=describe)) == [0, 1]
    assert tracer.pop()[0].get_tag("toy.command") == "count"


def test_a_disabled_tracer_is_asked_for_nothing(traced, tracer):
    """The generator runs as it is."""
    tracer.enabled = False

    assert list(traced(count_to(2))) == [0, 1]
    assert tracer.started == []
