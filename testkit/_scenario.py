"""A scenario: one named use of a library, as a user would write it, which knows nothing of tracing."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Callable

from ddtrace.contrib._integration import Integration


@dataclass(frozen=True)
class Scenario:
    """A function, sync or async, that uses an integration's library; its parameters are pytest fixtures."""

    integration: Integration
    function: Callable[..., Any]

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.__name__

    @property
    def parameters(self) -> tuple[str, ...]:
        """The fixtures that it asks for; values of text, so that another process can be given them, too."""
        return tuple(inspect.signature(self.function).parameters)

    @property
    def is_async(self) -> bool:
        """Whether it is a coroutine function."""
        return inspect.iscoroutinefunction(self.function)


def scenario(integration: Integration) -> Callable[[Callable[..., Any]], Scenario]:
    """Declare a function as a scenario of an integration; raises ValueError where the file has one of that name."""

    def declare(function: Callable[..., Any]) -> Scenario:
        earlier = function.__globals__.get(function.__name__)
        if isinstance(earlier, Scenario):
            places = [str(each.__code__.co_firstlineno) for each in (earlier.function, function)]
            raise ValueError(
                f"{function.__code__.co_filename} has two scenarios named {function.__name__}, at lines "
                f"{' and '.join(places)}; the second would hide the first, rename one"
            )
        return Scenario(integration, function)

    return declare
