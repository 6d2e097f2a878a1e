"""What asyncio does not do for the current span by itself."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

import ddtrace.contrib.asyncio
from ddtrace import Span, patch
from ddtrace import tracer as global_tracer
from ddtrace.context import Context
from ddtrace.contrib.asyncio import (
    context_provider,
    ensure_future,
    integration,
    run_in_executor,
    set_call_context,
)
from ddtrace.provider import DefaultContextProvider
from testkit import DummyTracer, run_python
from testkit.interpreter import same_path


def test_patching_changes_nothing() -> None:
    """``patch(asyncio=True)`` is accepted, and leaves asyncio as it is."""
    before = dict(vars(asyncio)), dict(vars(asyncio.BaseEventLoop))
    patch(asyncio=True)
    try:
        assert integration.load_patching().is_patched
        assert (dict(vars(asyncio)), dict(vars(asyncio.BaseEventLoop))) == before
    finally:
        integration.unpatch()


def test_names_load_when_they_are_used() -> None:
    """Importing the declaration does not import asyncio; using a name does."""
    source = """
import sys, ddtrace.contrib.asyncio as package
assert "asyncio" not in sys.modules and "ddtrace.contrib.asyncio.tasks" not in sys.modules
assert callable(package.ensure_future) and "asyncio" in sys.modules
"""
    run_python("-c", source, env=same_path())


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that the package does not have is refused as by any module."""
    with pytest.raises(AttributeError, match="'ddtrace.contrib.asyncio' has no attribute 'colour'"):
        ddtrace.contrib.asyncio.colour


def test_provider_is_the_default_one(tracer: DummyTracer) -> None:
    """A tracer configured with it works as before, and what was active stays so."""
    with tracer.trace("work") as span:
        tracer.configure(context_provider=context_provider)
        assert isinstance(context_provider, DefaultContextProvider)
        assert tracer.current_span() is span


def test_task_goes_on_below_the_context_it_is_given(tracer: DummyTracer) -> None:
    """What a task does after ``set_call_context`` belongs to that context; its creator's span is unchanged."""

    async def work() -> None:
        tracer.trace("part").finish()

    async def main() -> None:
        with tracer.trace("creator") as creator:
            task = asyncio.create_task(work())
            set_call_context(task, Context(trace_id=11, span_id=22))
            await task
            assert tracer.current_span() is creator

    asyncio.run(main())

    part = tracer.spans.find("part")
    assert (part.trace_id, part.parent_id) == (11, 22)


def test_task_with_callbacks_goes_on_below_the_context_too(tracer: DummyTracer) -> None:
    """A callback brings a context of its own, which is not the task's."""

    async def main() -> Context | None:
        task = asyncio.create_task(_current_context(tracer))
        task.add_done_callback(lambda _: None)
        set_call_context(task, Context(trace_id=11, span_id=22))
        return await task

    context = asyncio.run(main())
    assert context is not None and context.trace_id == 11


async def _current_context(tracer: DummyTracer) -> Context | None:
    return tracer.current_trace_context()


def test_running_task_takes_another_context(tracer: DummyTracer) -> None:
    """A task may set its own."""

    async def main() -> Context | None:
        task = asyncio.current_task()
        assert task is not None
        set_call_context(task, Context(trace_id=11, span_id=22))
        return tracer.current_trace_context()

    context = asyncio.run(main())
    assert context is not None and context.trace_id == 11


def test_task_of_a_loop_that_does_not_run_takes_a_context(tracer: DummyTracer) -> None:
    """Nothing need be running where it is called."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(_current_context(tracer))

    set_call_context(task, Context(trace_id=11, span_id=22))
    context = loop.run_until_complete(task)
    loop.close()

    assert context is not None and context.trace_id == 11


def test_task_is_asked_for_its_context(tracer: DummyTracer) -> None:
    """One that names it, as those of Python 3.12 do, is believed."""
    held = contextvars.copy_context()

    class Task(asyncio.Task):
        def get_context(self) -> contextvars.Context:
            return held

    async def main() -> None:
        task = Task(_current_context(tracer), loop=asyncio.get_running_loop())
        set_call_context(task, Context(trace_id=11, span_id=22))
        await task

    asyncio.run(main())
    context = held.run(tracer.current_trace_context)
    assert context is not None and context.trace_id == 11


def test_what_is_no_task_is_refused() -> None:
    """The error names what was given, and what was expected."""
    with pytest.raises(TypeError, match="must be an asyncio.Task, got 1 "):
        set_call_context(1, None)  # type: ignore[arg-type]


def test_ensured_future_has_its_creator_s_span(tracer: DummyTracer) -> None:
    """The new task begins with the span that was current where it was made."""

    async def main() -> bool:
        with tracer.trace("creator") as creator:
            context = await ensure_future(_current_context(tracer), tracer=tracer)
            return context == creator.context

    assert asyncio.run(main())


def test_future_of_a_loop_that_does_not_run(tracer: DummyTracer) -> None:
    """The loop that is given gets the task."""
    loop = asyncio.new_event_loop()

    future = ensure_future(_current_context(tracer), loop=loop)
    result = loop.run_until_complete(future)
    loop.close()

    assert result is None and future.get_loop() is loop


@pytest.mark.parametrize("make", [lambda: None, lambda: ThreadPoolExecutor(1)], ids=["default", "own pool"])
def test_thread_has_the_span_of_the_task(tracer: DummyTracer, make) -> None:
    """What an executor's thread does for a task belongs to the task's span, and the thread keeps nothing."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        pool = make()
        if pool is None:
            loop.set_default_executor(ThreadPoolExecutor(1))
        with tracer.trace("work") as work:
            assert await run_in_executor(loop, pool, tracer.current_span, tracer=tracer) is work
        assert await loop.run_in_executor(pool, tracer.current_span) is None
        if pool is not None:
            pool.shutdown()

    asyncio.run(main())


class _Noting(DefaultContextProvider):
    """Notes what is made active."""

    def __init__(self) -> None:
        super().__init__()
        self.activated: list[object] = []

    def activate(self, ctx: Context | Span | None) -> None:
        self.activated.append(ctx)
        super().activate(ctx)


def test_thread_has_it_from_the_tracer_that_is_named(tracer: DummyTracer) -> None:
    """Its provider says what is active, and is told so in the thread."""
    provider = _Noting()
    tracer.configure(context_provider=provider)

    async def main() -> None:
        with tracer.trace("work") as work:
            provider.activated.clear()
            await run_in_executor(asyncio.get_running_loop(), None, int, tracer=tracer)
            assert work in provider.activated

    asyncio.run(main())


def test_thread_has_it_from_the_global_tracer_where_none_is_named() -> None:
    """As all functions that take a tracer have it."""

    async def main() -> Context | None:
        global_tracer.context_provider.activate(Context(trace_id=11, span_id=22))
        return await run_in_executor(asyncio.get_running_loop(), None, global_tracer.current_trace_context)

    context = contextvars.copy_context().run(asyncio.run, main())
    assert context is not None and context.trace_id == 11


def test_process_pool_gets_the_function_itself(tracer: DummyTracer) -> None:
    """What goes to another process must be picklable, and is what the caller gave."""

    async def main() -> int:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool, tracer.trace("work"):
            return await run_in_executor(asyncio.get_running_loop(), pool, int, "1", tracer=tracer)

    assert asyncio.run(main()) == 1


def test_signatures_are_those_of_1_x() -> None:
    """Callers pass these by name."""
    assert list(inspect.signature(ensure_future).parameters) == ["coro_or_future", "loop", "tracer"]
    assert list(inspect.signature(set_call_context).parameters) == ["task", "ctx"]
    assert list(inspect.signature(run_in_executor).parameters) == ["loop", "executor", "func", "args", "tracer"]
