"""Where Cassandra's driver is wrapped, and how a span waits for the answer."""

from __future__ import annotations

import threading
import weakref
from types import TracebackType
from typing import Any

from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import UNTRACED, Call, open_call, shield, swallow
from ddtrace.contrib.cassandra import integration
from ddtrace.contrib.cassandra.facts import describe_answer, describe_failure, describe_query
from ddtrace.pin import Pin
from ddtrace.span import Span

NAME = "cassandra.query"

_calls: weakref.WeakKeyDictionary[Any, Awaited] = weakref.WeakKeyDictionary()
"""By the future of its answer, each call that has none yet."""

_asked: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
"""How many answers each future was to get so far: one a page."""

_watched: weakref.WeakSet[Any] = weakref.WeakSet()
"""The futures which have our callbacks; they call them for each page."""


class Awaited(Call):
    """A call that is sent. Two threads may come with its answer, the driver's and one that has waited for it."""

    __slots__ = ("page", "lock")

    def __init__(self, call: Call, page: int) -> None:
        super().__init__(call.span)
        self.page = page
        self.lock = threading.Lock()


class Asking(Call):
    """A call whose span is the current one while a query is sent, and which goes on until there is an answer."""

    __slots__ = ("_provider", "_before", "_future")

    def __init__(self, call: Call, provider: Any, before: Any) -> None:
        super().__init__(call.span)
        self._provider = provider
        self._before = before
        self._future: Any = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        is_waiting = self._future is not None
        if is_waiting and kind is not None:
            with shield("wait for no answer"):
                _calls.pop(self._future, None)
        if kind is not None or not is_waiting:
            super().__exit__(kind, error, traceback)
        with shield("end being the current span"):
            self._provider.activate(self._before)

    def ends_with_answer_of(self, future: Any) -> None:
        """Have the span finished with the next answer that a future gets, and not with the block."""
        _asked[future] = page = _asked.get(future, 0) + 1
        _calls[future] = Awaited(self, page)
        self._future = future


def ask(session: Any) -> Asking | Any:
    """Open the span of a query."""
    try:
        pin = Pin.lookup(pinned(session))
        if pin is None or not pin.tracer.enabled:
            return UNTRACED
        provider = pin.tracer.context_provider
        before = provider.active()
        return Asking(open_call(integration, pin, NAME), provider, before)
    except Exception as error:
        swallow("start a span", error)
        return UNTRACED


def pinned(session: Any) -> Any:
    """A session with a pin, else its cluster where that has one, or its class, else the class of sessions."""
    if "_datadog_pin" not in vars(session) and Pin.lookup(session.cluster) is not None:
        return session.cluster
    return session


# -- answers -----------------------------------------------------------------------------------------------------------


class Listener:
    """Our callbacks of one future, which calls them with every answer that it gets."""

    __slots__ = ("_reference", "_page")

    def __init__(self, future: Any) -> None:
        # A callback that held the future would be held by it.
        self._reference = weakref.ref(future)
        self._page = _asked[future]

    def note_answer(self, rows: Any) -> None:
        self._finish(describe_answer, rows)

    def note_failure(self, error: BaseException) -> None:
        self._finish(describe_failure, error)

    def _finish(self, describe: Any, answer: Any) -> None:
        # The driver's thread may be late: who waited for this answer may have asked for the next page meanwhile.
        page, self._page = self._page, self._page + 1
        finish(self._reference(), describe, answer, page)


def watch(future: Any) -> None:
    """Have a future tell us of its answers; of one that it has already it tells at once."""
    listener = Listener(future)
    _watched.add(future)
    future.add_callbacks(listener.note_answer, listener.note_failure)


def finish(future: Any, describe: Any, answer: Any, page: int | None = None) -> None:
    """Finish the span that waits for an answer, unless it is finished; once this returns, it is."""
    with shield("finish a span"):
        call = None if future is None else _calls.get(future)
        if call is None or page not in (None, call.page):
            return
        with call.lock:
            if _calls.get(future) is call:
                call.describe(describe, future, answer, call.page)
                call.__exit__(None, None, None)
                del _calls[future]


# -- wrappers ----------------------------------------------------------------------------------------------------------


def execute_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with ask(instance) as call:
        call.describe(describe_query, instance, args[0] if args else kwargs.get("query"))
        future = wrapped(*args, **kwargs)
        call.describe(await_answer, call, future)
        return future


def await_answer(span: Span, call: Asking, future: Any) -> None:
    """The answer may have come by now: it is waited for before it is asked about."""
    call.ends_with_answer_of(future)
    watch(future)


def start_fetching_next_page(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with ask_for_page(instance) as call:
        call.describe(describe_page, instance)
        call.describe(await_page, call, instance)
        return wrapped(*args, **kwargs)


def ask_for_page(future: Any) -> Asking | Any:
    """Open the span of a further page, if there is one."""
    with shield("look for a further page"):
        if future.has_more_pages:
            return ask(future.session)
    return UNTRACED


def describe_page(span: Span, future: Any) -> None:
    describe_query(span, future.session, future.query)


def await_page(span: Span, call: Asking, future: Any) -> None:
    """A future tells at once of the page that it has, which is not the one to wait for."""
    if future not in _watched:
        _asked[future] = 1
        watch(future)
    call.ends_with_answer_of(future)


def result(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    # The driver lets this go on before it calls our callbacks.
    try:
        rows = wrapped(*args, **kwargs)
    except Exception as error:
        finish(instance, describe_failure, error)
        raise
    finish(instance, describe_answer, rows)
    return rows


def clear_callbacks(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    """The application means its own callbacks."""
    cleared = wrapped(*args, **kwargs)
    with shield("wait for an answer"):
        if instance in _watched:
            watch(instance)
    return cleared


patching = Patching(
    integration,
    targets=(
        Target("cassandra.cluster", "Session.execute_async", execute_async),
        Target("cassandra.cluster", "ResponseFuture.start_fetching_next_page", start_fetching_next_page),
        Target("cassandra.cluster", "ResponseFuture.result", result),
        Target("cassandra.cluster", "ResponseFuture.clear_callbacks", clear_callbacks),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
