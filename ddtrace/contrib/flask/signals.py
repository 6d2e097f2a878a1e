"""Spans for those who listen to Flask's signals."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Generator, Iterable

import blinker
import flask.signals
import wrapt

from ddtrace.contrib._http_server import above, current_span, part_of_request
from ddtrace.contrib._tracing import swallow
from ddtrace.contrib.flask import integration
from ddtrace.contrib.trace_utils import func_name
from ddtrace.settings.config import config
from ddtrace.span import Span

REQUEST = "flask.request"
SIGNAL = "flask.signal"


def trace_signals() -> Generator[None, None, None]:
    """Have Flask's own signals send to traced receivers."""
    signals = {name: value for name, value in vars(flask.signals).items() if isinstance(value, blinker.Signal)}
    for name, signal in signals.items():
        signal.receivers_for = functools.partial(receivers_for, name, signal.receivers_for)
    yield
    for signal in signals.values():
        del signal.receivers_for


def receivers_for(signal: str, original: Any, sender: Any) -> Iterable[Any]:
    receivers = original(sender)
    # Flask sends six signals a request, of which most have no receiver.
    if not original.__self__.receivers:
        return receivers
    try:
        if above(current_span(sender), REQUEST) and config.integration(integration.name)["trace_signals"]:
            return [traced_receiver(signal, receiver) for receiver in receivers]
    except Exception as error:
        swallow("trace the receivers of a signal", error)
    return receivers


def traced_receiver(signal: str, receiver: Any) -> Any:
    # A coroutine function has to stay one; Flask makes it sync, by a thread or a loop of its own.
    if inspect.iscoroutinefunction(receiver):
        return receiver
    name = func_name(receiver)

    def call_receiver(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        with part_of_request(integration, args[0] if args else None, name, REQUEST) as call:
            call.describe(Span.set_tag_str, SIGNAL, signal)
            return wrapped(*args, **kwargs)

    return wrapt.FunctionWrapper(receiver, call_receiver)
