"""Who knows the current span: one context variable, so that threads and tasks each have their own."""

from __future__ import annotations

import abc
import contextvars
from typing import Callable, Union

from ddtrace.context import Context
from ddtrace.internal.native import compiled, know
from ddtrace.span import Span

__all__ = ["BaseContextProvider", "DefaultContextProvider"]

Active = Union[Span, Context, None]

_active: contextvars.ContextVar[Active] = contextvars.ContextVar("ddtrace_active", default=None)
know(active_item=_active)


class BaseContextProvider(abc.ABC):
    """The contract of a provider; a tracer takes any of them."""

    @abc.abstractmethod
    def _has_active_context(self) -> bool:
        """Whether anything is active here."""

    @abc.abstractmethod
    def activate(self, ctx: Active) -> None:
        """Make a span or a context the current one here."""

    @abc.abstractmethod
    def active(self) -> Active:
        """The current span or context here."""

    def deactivate(self, span: Span) -> None:
        """Hand over to a finished span's parent, if that span is still the current one here."""
        if self.active() is span:
            self.activate(span._parent)

    def __call__(self) -> Active:
        return self.active()


class DefaultContextProvider(BaseContextProvider):
    """The provider on context variables, which asyncio, threads and gevent all understand."""

    def __init__(self) -> None:
        _active.set(None)

    def _has_active_context(self) -> bool:
        return _active.get() is not None

    def activate(self, ctx: Active) -> None:
        _active.set(ctx)

    @compiled
    def active(self) -> Active:
        """The current span or context; a span that finished elsewhere gives way to its nearest open ancestor."""
        item = _active.get()
        if type(item) is Span and item.duration_ns is not None:
            while item is not None and item.duration_ns is not None:
                item = item._parent
            _active.set(item)
        return item

    @compiled
    def deactivate(self, span: Span) -> None:
        # Only where it is the current one: a span may finish in another task than the one that it was started in,
        # and a token of that other context could not be used here.
        if _active.get() is span:
            _active.set(span._parent)


def quick_activate(provider: BaseContextProvider) -> Callable[[Active], object]:
    """The provider's ``activate``; of the default one the very function that it calls, at half the cost a span."""
    return _active.set if type(provider) is DefaultContextProvider else provider.activate
