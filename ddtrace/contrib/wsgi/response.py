"""What an application returned, between it and its server: the spans last until it has been read or closed.

A server may iterate over it in another thread or task than the one that called the application, so that the span of
the response is current only while the application's own code runs, and what was current there before it is after.
"""

from __future__ import annotations

from typing import Any, Callable, Iterator

from ddtrace.contrib._http_server import ServerRequest, activate
from ddtrace.contrib._tracing import Call, _Untraced, shield, swallow
from ddtrace.provider import Active


class TracedResponse:
    """An iterable; the spans of request and response end with its last item, its first error, or its ``close``."""

    __slots__ = ("_result", "_request", "_response", "_provider", "_current", "_is_over", "__weakref__")

    def __init__(self, result: Any, request: ServerRequest, response: Call | _Untraced) -> None:
        self._result = result
        self._request = request
        self._response = response
        self._provider = request.provider
        self._current: Active = response.span or request.span
        self._is_over = False

    def __iter__(self) -> Iterator[Any]:
        return _Items(self, self.run(iter, self._result).__next__)

    def __reduce_ex__(self, protocol: Any) -> Any:
        # A copy has no spans to end: it is one of what the application returned.
        return _as_it_is, (self._result,)

    def close(self) -> None:
        """Close what the application returned, if it can be closed."""
        self.run(getattr(self._result, "close", _nothing))
        if not self._is_over:
            self.run(self.end)

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function of the application with the span of the response being current."""
        before = self.enter()
        try:
            return function(*args)
        except BaseException as error:
            self.end(error)
            raise
        finally:
            activate(self._provider, before)

    def enter(self) -> Active:
        """Make the span of the response current; what was so before is returned."""
        try:
            before = self._provider.active()
            self._provider.activate(self._current)
            return before
        except Exception as error:
            swallow("make the span of a response current", error)
            return None

    def end(self, error: BaseException | None = None) -> None:
        """Finish the spans, once; to be called with that of the response being current."""
        if self._is_over:
            return
        self._is_over = True
        exception = (None, None, None) if error is None else (type(error), error, error.__traceback__)
        self._response.__exit__(*exception)
        self._request.__exit__(*exception)
        with shield("keep the trace of a response"):
            # What the application does from now on, in close() say, still belongs to it.
            self._current = self._request.span.context


def _as_it_is(result: Any) -> Any:
    return result


def _nothing() -> None:
    """Close what has no ``close``."""


class TracedIterator(TracedResponse):
    """One that is its own iterator."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        iterator = self.run(iter, self._result)
        return self if iterator is self._result else _Items(self, iterator.__next__)

    def __next__(self) -> Any:
        return next_item(self, self._result.__next__)


class SizedResponse(TracedResponse):
    """One of known length, from which a server tells the length of the body."""

    __slots__ = ()

    def __len__(self) -> int:
        return len(self._result)


class _Items:
    """The items of a response that is no iterator itself."""

    __slots__ = ("_response", "_next")

    def __init__(self, response: TracedResponse, next_of_result: Callable[[], Any]) -> None:
        self._response = response
        self._next = next_of_result

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next_item(self._response, self._next)


def next_item(response: TracedResponse, next_of_result: Callable[[], Any]) -> Any:
    """The next item, made with the span of the response being current; the spans end where there is none."""
    before = response.enter()
    try:
        return next_of_result()
    except StopIteration:
        response.end()
        raise
    except BaseException as error:
        response.end(error)
        raise
    finally:
        activate(response._provider, before)


def traced_response(result: Any, request: ServerRequest, response: Call | _Untraced) -> TracedResponse:
    """The result of an application, as far as a server may ask: by iterating, for its length, and to close it."""
    kind = type(result)
    if hasattr(kind, "__next__"):
        return TracedIterator(result, request, response)
    if hasattr(kind, "__len__"):
        return SizedResponse(result, request, response)
    return TracedResponse(result, request, response)
