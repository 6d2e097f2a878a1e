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
    """Declare a function as a scenario of an integration."""

    def declare(function: Callable[..., Any]) -> Scenario:
        return Scenario(integration, function)

    return declare
