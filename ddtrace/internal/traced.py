"""Run a function, or await a coroutine function, within a span each time that it is called."""

from __future__ import annotations

import functools
from typing import Any, Callable, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_COROUTINE_FLAG = 0x80


def traced(
    tracer: Any,
    function: F,
    name: str | None,
    service: str | None,
    resource: str | None,
    span_type: str | None,
) -> F:
    """The function, each call a span of the ``Tracer``; the span's name is ``module.function`` unless one is given."""
    span_name = name or f"{function.__module__}.{function.__name__}"

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        if tracer._wrap_executor is not None:
            return tracer._wrap_executor(
                tracer,
                function,
                args,
                kwargs,
                span_name,
                service=service,
                resource=resource,
                span_type=span_type,
            )
        with tracer.trace(span_name, service=service, resource=resource, span_type=span_type):
            return function(*args, **kwargs)

    @functools.wraps(function)
    async def run_coroutine(*args: Any, **kwargs: Any) -> Any:
        with tracer.trace(span_name, service=service, resource=resource, span_type=span_type):
            return await function(*args, **kwargs)

    return run_coroutine if _is_coroutine_function(function) else run


def _is_coroutine_function(function: Callable[..., Any]) -> bool:
    # inspect, which would know, is not worth its import; a callable object has no code.
    while isinstance(function, functools.partial):
        function = function.func
    return bool(getattr(getattr(function, "__code__", None), "co_flags", 0) & _COROUTINE_FLAG)
