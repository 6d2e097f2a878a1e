"""Where Cassandra's driver is wrapped, and how a span waits for the answer."""

from __future__ import annotations

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

_calls: weakref.WeakKeyDictionary[Any, Call] = weakref.WeakKeyDictionary()
"""By the future of its answer, each call that has none yet."""

_watched: weakref.WeakSet[Any] = weakref.WeakSet()
"""The futures which have our callbacks; they call them for each page."""


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
        _calls[future] = Call(self.span)
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
        if not swallow("start a span", error):
            raise
        return UNTRACED


def pinned(session: Any) -> Any:
    """A session with a pin, else its cluster where that has one, or its class, else the class of sessions."""
    if "_datadog_pin" not in vars(session) and Pin.lookup(session.cluster) is not None:
        return session.cluster
    return session


# -- answers -----------------------------------------------------------------------------------------------------------


def watch(future: Any) -> None:
    """Have a future tell us of its answers; of one that it has already it tells at once."""
    # A callback that held the future would be held by it.
    reference = weakref.ref(future)
    _watched.add(future)
    future.add_callbacks(note_answer, note_failure, callback_args=(reference,), errback_args=(reference,))


def note_answer(rows: Any, reference: weakref.ref[Any]) -> None:
    finish(reference(), describe_answer, rows)


def note_failure(error: BaseException, reference: weakref.ref[Any]) -> None:
    finish(reference(), describe_failure, error)


def finish(future: Any, describe: Any, answer: Any) -> None:
    """Finish the span that waits for this answer, unless it is finished: two threads may come here."""
    with shield("finish a span"):
        call = None if future is None else _calls.pop(future, None)
        if call is not None:
            call.describe(describe, future, answer)
            call.__exit__(None, None, None)


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
    if not instance.has_more_pages:
        return wrapped(*args, **kwargs)
    with ask(instance.session) as call:
        call.describe(describe_query, instance.session, instance.query)
        call.describe(await_page, call, instance)
        return wrapped(*args, **kwargs)


def await_page(span: Span, call: Asking, future: Any) -> None:
    """A future tells at once of the page that it has, which is not the one to wait for."""
    if future not in _watched:
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
