"""Functions of the application that an integration calls at its own moments, such as the end of a request."""

from __future__ import annotations

from typing import Any, Callable

from ddtrace.internal.log import get_logger

__all__ = ["Hooks"]

log = get_logger(__name__)

Function = Callable[..., Any]


class Hooks:
    """Functions by the name of their moment, called in the order in which they were registered.

    ``config.falcon.hooks.on("request", function)``, or as a decorator ``@config.falcon.hooks.on("request")``.
    """

    __slots__ = ("_functions",)

    def __init__(self) -> None:
        self._functions: dict[str, list[Function]] = {}

    def register(self, hook: str, func: Function | None = None) -> Any:
        """Call ``func`` at each ``hook``; without one, return a decorator that does so and returns the function."""
        if func is None:

            def decorate(func: Function) -> Function:
                self.register(hook, func)
                return func

            return decorate
        functions = self._functions.setdefault(hook, [])
        if func not in functions:
            functions.append(func)
        return None

    on = register

    def deregister(self, hook: str, func: Function) -> None:
        """Undo ``register``; nothing happens where the function is not registered."""
        functions = self._functions.get(hook, [])
        if func in functions:
            functions.remove(func)

    def emit(self, hook: str, *args: Any, **kwargs: Any) -> None:
        """Call the functions of a moment; one that raises is logged, and the others are called."""
        for func in tuple(self._functions.get(hook, ())):
            try:
                func(*args, **kwargs)
            except Exception:
                log.error("the function %r of the hook %r failed", func, hook, exc_info=True)

    def __deepcopy__(self, memo: dict[int, Any]) -> Hooks:
        # Not the functions themselves: a copy of a bound method would work on a copy of its object.
        twin = Hooks()
        twin._functions = {hook: list(functions) for hook, functions in self._functions.items()}
        return twin
