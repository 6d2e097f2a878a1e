"""Wrap and unwrap one function at a time, as integrations of 1.x do; those here declare targets instead."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Callable

from ddtrace.contrib._tracing import swallow
from ddtrace.pin import Pin, is_proxy

Wrapper = Callable[[Callable[..., Any], Any, tuple, dict], Any]


def wrap(module: Any, name: str, wrapper: Wrapper) -> Any:
    """Put ``wrapper(wrapped, instance, args, kwargs)`` in the place of a function of a module or class."""
    # Here and not on top: wrapt imports asyncio and ssl, which gevent has to patch before anybody imports them.
    import wrapt

    return wrapt.wrap_function_wrapper(module, name, wrapper)


def unwrap(obj: Any, attr: str) -> None:
    """Put the function back that a wrapper stands for; nothing happens where there is none."""
    # What the object itself holds, since a class binds its functions, and a classmethod would come back as a method.
    own = getattr(obj, "__dict__", {}).get(attr)
    found = getattr(obj, attr, None) if own is None else own
    if iswrapped(found):
        setattr(obj, attr, found.__wrapped__)


def iswrapped(obj: Any, attr: str | None = None) -> bool:
    """Whether an object, or an attribute of it, is a wrapper."""
    if attr is not None:
        obj = getattr(obj, attr, None)
    return is_proxy(obj)


def with_traced_module(func: Callable[..., Any]) -> Callable[[ModuleType], Wrapper]:
    """A decorator of ``func(mod, pin, wrapped, instance, args, kwargs)``; give the result a module to get a wrapper.

    The function is called where the instance or the module bears a pin whose tracer is enabled; the wrapped function
    is called as it is where none does.
    """

    def with_mod(mod: ModuleType) -> Wrapper:
        def wrapper(wrapped: Callable[..., Any], instance: Any, args: tuple, kwargs: dict) -> Any:
            pin = enabled_pin(instance, mod)
            if pin is None:
                return wrapped(*args, **kwargs)
            return func(mod, pin, wrapped, instance, args, kwargs)

        return wrapper

    return with_mod


def enabled_pin(*objs: Any) -> Pin | None:
    """The first pin of these objects, if its tracer is enabled."""
    try:
        pin = Pin._find(*objs)
        return pin if pin is not None and pin.enabled() else None
    except Exception as error:
        swallow("find a pin", error)
        return None
