"""Take what is active here along to another thread, which runs a function on its behalf."""

from __future__ import annotations

import sys
from typing import Any, Callable

from ddtrace.contrib._tracing import shield
from ddtrace.provider import BaseContextProvider
from ddtrace.span import Span
from ddtrace.tracer import Tracer


def handed_over(tracer: Tracer, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function to be called once in the place of another, with what is active here active there.

    It is the very same function where nothing is active, or where the tracer is disabled.
    """
    with shield("hand over what is active"):
        if tracer.enabled and callable(function):
            provider = tracer.context_provider
            active = provider.active()
            if active is not None:
                return _HandedOver(provider, active, function)
    return function


def runs_in_threads(executor: Any) -> bool:
    """Whether an executor runs a function as it is; one of other processes or interpreters would pickle it."""
    thread = sys.modules.get("concurrent.futures.thread")
    interpreter = sys.modules.get("concurrent.futures.interpreter")
    if thread is None or not isinstance(executor, thread.ThreadPoolExecutor):
        return False
    # From Python 3.14 on, these are thread pools by inheritance only.
    return interpreter is None or not isinstance(executor, interpreter.InterpreterPoolExecutor)


class _HandedOver:
    __slots__ = ("_provider", "_active", "_function")

    def __init__(self, provider: BaseContextProvider, active: Any, function: Callable[..., Any]) -> None:
        self._provider = provider
        self._active = active
        self._function = function

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        before = None
        with shield("activate what was handed over"):
            before = self._provider.active()
            self._provider.activate(_open_or_its_context(self._active))
        # The traceback of an exception that somebody keeps holds this object, which must not hold the span.
        self._active = None
        try:
            return self._function(*args, **kwargs)
        finally:
            with shield("restore what was active"):
                self._provider.activate(before)


def _open_or_its_context(active: Any) -> Any:
    # A provider passes over a finished span, and the work would begin a trace of its own.
    return active.context if isinstance(active, Span) and active.finished else active
