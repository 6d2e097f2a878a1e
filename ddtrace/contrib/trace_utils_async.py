"""The coroutine's side of ``ddtrace.contrib.trace_utils``."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Awaitable, Callable

from ddtrace.contrib._wrapping import Wrapper, enabled_pin

__all__ = ["with_traced_module"]


def with_traced_module(func: Callable[..., Awaitable[Any]]) -> Callable[[ModuleType], Wrapper]:
    """As ``trace_utils.with_traced_module``, for a coroutine function."""

    def with_mod(mod: ModuleType) -> Wrapper:
        async def wrapper(wrapped: Callable[..., Awaitable[Any]], instance: Any, args: tuple, kwargs: dict) -> Any:
            pin = enabled_pin(instance, mod)
            if pin is None:
                return await wrapped(*args, **kwargs)
            return await func(mod, pin, wrapped, instance, args, kwargs)

        return wrapper

    return with_mod
