"""The current span of tasks, and of the threads that an event loop hands work to."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from typing import Any, Awaitable, Callable

from ddtrace.context import Context
from ddtrace.contrib._handover import handed_over, runs_in_threads
from ddtrace.provider import DefaultContextProvider
from ddtrace.span import Span
from ddtrace.tracer import Tracer
from ddtrace.tracer import tracer as global_tracer

__all__ = ["context_provider", "ensure_future", "run_in_executor", "set_call_context"]


class _TaskContextProvider(DefaultContextProvider):
    """The default provider, which knows tasks already."""

    def __init__(self) -> None:
        """Leave active what is: that somebody imports this module changes nothing."""


context_provider = _TaskContextProvider()
"""For ``tracer.configure(context_provider=...)``."""


def set_call_context(task: asyncio.Task[Any], ctx: Span | Context | None) -> None:
    """Make a span or a context the current one of a task, from now on.

    Raises TypeError where ``task`` is no task.
    """
    if not isinstance(task, asyncio.Task):
        raise TypeError(f"task must be an asyncio.Task, got {task!r} ({type(task).__name__})")
    if task is _current_task():
        context_provider.activate(ctx)
    else:
        _context_of(task).run(context_provider.activate, ctx)


def ensure_future(coro_or_future: Awaitable[Any], *, loop: Any = None, tracer: Tracer | None = None) -> Any:
    """``asyncio.ensure_future``; the new task has the current span of its creator."""
    return asyncio.ensure_future(coro_or_future, loop=loop)


def run_in_executor(
    loop: asyncio.AbstractEventLoop,
    executor: Any,
    func: Callable[..., Any],
    *args: Any,
    tracer: Tracer | None = None,
) -> asyncio.Future[Any]:
    """``loop.run_in_executor``, with what is active here active in the executor's thread while the function runs."""
    if executor is None or runs_in_threads(executor):
        func = handed_over(tracer or global_tracer, func)
    return loop.run_in_executor(executor, func, *args)


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _context_of(task: asyncio.Task[Any]) -> contextvars.Context:
    if hasattr(task, "get_context"):
        return task.get_context()
    # Python 3.11 has no name for it, but the task holds it, before those of its callbacks.
    return next(held for held in gc.get_referents(task) if type(held) is contextvars.Context)
