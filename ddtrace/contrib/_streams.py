"""A generator of a library, sync or async, within a span that lasts from its first step to its end.

The span is the current one while the generator runs, and not while its consumer does: between two steps the consumer
may do work of its own, in another task or thread too, or never come back.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, AsyncGenerator, Awaitable, Callable, Generator

from ddtrace.contrib._integration import Integration
from ddtrace.contrib._tracing import UNTRACED, open_call, shield
from ddtrace.pin import Pin
from ddtrace.provider import BaseContextProvider
from ddtrace.span import Span

Describe = Callable[[Span], None]


def trace_generator(
    integration: Integration, instance: Any, name: str, generator: Generator, describe: Describe | None = None
) -> Generator:
    """The generator, with a declared span; ``describe(span)`` is called, shielded, when it takes its first step.

    ``instance`` is the object that may bear a pin. What is sent, thrown, returned and closed is the generator's own.
    """
    return _named_like(generator, _relay(_Stream(integration, instance, name, describe), generator))


def trace_async_generator(
    integration: Integration, instance: Any, name: str, generator: AsyncGenerator, describe: Describe | None = None
) -> AsyncGenerator:
    """The same for an asynchronous generator."""
    return _named_like(generator, _relay_async(_Stream(integration, instance, name, describe), generator))


def _named_like(generator: Any, relay: Any) -> Any:
    relay.__name__, relay.__qualname__ = generator.__name__, generator.__qualname__
    return relay


def _relay(stream: _Stream, generator: Generator) -> Generator:
    step, argument = generator.send, None
    with stream:
        while True:
            try:
                item = stream.run(step, argument)
            except StopIteration as end:
                return end.value
            try:
                argument = yield item
                step = generator.send
            except GeneratorExit:
                return stream.run(generator.close)
            except BaseException as error:  # noqa: B036 (raised again by the generator, or handled there)
                step, argument = generator.throw, error


async def _relay_async(stream: _Stream, generator: AsyncGenerator) -> AsyncGenerator:
    step, argument = generator.asend, None
    with stream:
        while True:
            try:
                item = await stream.run_async(step, argument)
            except StopAsyncIteration:
                return
            try:
                argument = yield item
                step = generator.asend
            except GeneratorExit:
                await stream.run_async(generator.aclose)
                return
            except BaseException as error:  # noqa: B036 (raised again by the generator, or handled there)
                step, argument = generator.athrow, error


class _Stream:
    """The span of one generator, opened with the block that relays it."""

    __slots__ = ("_integration", "_instance", "_name", "_describe", "_call", "_provider")

    def __init__(self, integration: Integration, instance: Any, name: str, describe: Describe | None) -> None:
        self._integration = integration
        self._instance = instance
        self._name = name
        self._describe = describe
        self._call: Any = UNTRACED
        self._provider: BaseContextProvider | None = None

    def __enter__(self) -> _Stream:
        with shield("start the span of a generator"):
            pin = Pin.lookup(self._instance)
            if pin is not None and pin.tracer.enabled:
                provider = pin.tracer.context_provider
                before = provider.active()
                self._call = open_call(self._integration, pin, self._name)
                provider.activate(before)
                self._provider = provider
        if self._describe is not None:
            self._call.describe(self._describe)
        # A generator that nobody finishes must not keep the client alive.
        self._instance = self._describe = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._call.__exit__(kind, error, traceback)

    def run(self, step: Callable[..., Any], *args: Any) -> Any:
        """Take one step with the span as the current one."""
        before = self._activate()
        try:
            return step(*args)
        finally:
            self._restore(before)

    async def run_async(self, step: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        """Await one step with the span as the current one."""
        before = self._activate()
        try:
            return await step(*args)
        finally:
            self._restore(before)

    def _activate(self) -> Any:
        before = None
        if self._provider is not None:
            with shield("activate the span of a generator"):
                before = self._provider.active()
                self._provider.activate(self._call.span)
        return before

    def _restore(self, before: Any) -> None:
        if self._provider is not None:
            with shield("restore what was active"):
                self._provider.activate(before)
