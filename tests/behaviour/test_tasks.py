"""Tasks of asyncio: each has its own current span, and spans end where the program ends them."""

import asyncio

import pytest


def parents(tracer):
    """The name of each finished span's parent, by the span's name."""
    names = {span.span_id: span.name for span in tracer.spans}
    return {span.name: names.get(span.parent_id) for span in tracer.spans}


async def work(tracer, name, turns=3):
    with tracer.trace(name) as span:
        for _ in range(turns):
            await asyncio.sleep(0)
            assert tracer.current_span() is span
    return name


def test_gathered_tasks_are_siblings(tracer):
    """Tasks that take turns are below the span that created them, and not below one another."""

    async def main():
        with tracer.trace("main") as span:
            await asyncio.gather(*(work(tracer, name) for name in "abc"))
            assert tracer.current_span() is span

    asyncio.run(main())

    assert parents(tracer) == {"main": None, "a": "main", "b": "main", "c": "main"}
    assert len(tracer.recorded.traces) == 1


def test_group_that_fails_finishes_every_span(tracer):
    """Where one task of a group raises, the others are cancelled: each span has its own error."""

    async def fail():
        with tracer.trace("fails"):
            await asyncio.sleep(0)
            raise ValueError("planted")

    async def wait():
        with tracer.trace("waits"):
            await asyncio.Event().wait()

    async def main():
        with tracer.trace("main"):
            async with asyncio.TaskGroup() as group:
                group.create_task(wait())
                group.create_task(fail())

    with pytest.raises(ExceptionGroup):
        asyncio.run(main())

    errors = {span.name: span.get_tag("error.type") for span in tracer.spans}
    assert errors == {
        "main": "builtins.ExceptionGroup",
        "waits": "asyncio.exceptions.CancelledError",
        "fails": "builtins.ValueError",
    }
    assert all(span.finished for span in tracer.started)


def test_cancelled_task_leaves_its_canceller_s_span(tracer):
    """Cancelling a task within its span changes nothing of who is current elsewhere."""

    async def main():
        with tracer.trace("main") as span:
            task = asyncio.create_task(work(tracer, "task", turns=1000))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert tracer.current_span() is span

    asyncio.run(main())

    assert parents(tracer) == {"main": None, "task": "main"}
    assert tracer.spans.find("task").error == 1


def test_task_that_never_ran_has_no_span(tracer):
    """A task cancelled before its first step started nothing, and its creator's trace is complete."""

    async def main():
        with tracer.trace("main"):
            asyncio.create_task(work(tracer, "never")).cancel()
            await asyncio.sleep(0)

    asyncio.run(main())

    assert parents(tracer) == {"main": None}


def test_generator_closed_in_another_task(tracer, caplog):
    """A span that is open within an async generator ends where that is closed, and no task's span is disturbed."""

    async def numbers():
        with tracer.trace("generator"):
            for number in range(10):
                yield number

    async def close(generator):
        with tracer.trace("closer") as span:
            await generator.aclose()
            assert tracer.current_span() is span

    async def main():
        with tracer.trace("main"):
            generator = numbers()
            assert await anext(generator) == 0
            await asyncio.create_task(close(generator))

    asyncio.run(main())

    assert all(span.finished for span in tracer.started)
    assert tracer.current_span() is None
    assert caplog.records == []


def test_generator_closed_by_the_loop(tracer, caplog):
    """A half-read generator that the loop closes at its end finishes its span."""

    async def numbers():
        with tracer.trace("generator"):
            yield 1
            yield 2

    async def main():
        generator = numbers()
        await anext(generator)

    asyncio.run(main())

    assert tracer.spans.find("generator").finished
    assert caplog.records == []


def test_span_finished_in_another_task(tracer):
    """Whoever finishes a span, the task that started it goes on below the span's parent."""

    async def main():
        with tracer.trace("main") as main:
            span = tracer.trace("handed on")

            async def finish():
                span.finish()

            await asyncio.create_task(finish())
            assert tracer.current_span() is main

    asyncio.run(main())

    assert parents(tracer) == {"main": None, "handed on": "main"}


def test_task_that_outlives_its_creator_s_span(tracer):
    """What an open span of a task does after its parent ended still belongs to the trace."""

    async def main():
        may_end = asyncio.Event()

        async def late():
            with tracer.trace("late"):
                await may_end.wait()
                tracer.trace("later").finish()

        with tracer.trace("main"):
            task = asyncio.create_task(late())
            await asyncio.sleep(0)
        may_end.set()
        await task

    asyncio.run(main())

    assert parents(tracer) == {"main": None, "late": "main", "later": "late"}


def test_nothing_is_left_between_two_loops(tracer):
    """What one run of a loop left active is not there in the next."""

    async def leave_open():
        tracer.trace("left open")

    async def current():
        return tracer.current_span()

    asyncio.run(leave_open())

    assert asyncio.run(current()) is None
