"""Where the standard library's logging is wrapped, and what its records get."""

from __future__ import annotations

import logging
import threading
from types import SimpleNamespace
from typing import Any

from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import shield, swallow
from ddtrace.contrib.logging import integration
from ddtrace.pin import Pin
from ddtrace.settings.config import config
from ddtrace.tracer import Tracer

OUTSIDE = {"trace_id": "0", "span_id": "0", "service": "", "env": "", "version": ""}
"""What a record has outside of any trace where nothing is configured, by the names behind ``dd.``."""

config._add(integration.name, {"tracer": None})


# -- wrappers ----------------------------------------------------------------------------------------------------------


def make_record(wrapped: Any, instance: logging.Logger, args: tuple, kwargs: dict) -> logging.LogRecord:
    record = wrapped(*args, **kwargs)
    try:
        found = correlation(instance)
        # What the application put there itself, by ``extra`` or by a record factory, stays.
        put = vars(record).setdefault
        put("dd.trace_id", found["trace_id"])
        put("dd.span_id", found["span_id"])
        put("dd.service", config.service or "")
        put("dd.env", config.env or "")
        put("dd.version", config.version or "")
    except Exception as error:
        swallow("put a trace's ids on a log record", error)
    return record


def format_with_braces(wrapped: Any, instance: logging.StrFormatStyle, args: tuple, kwargs: dict) -> str:
    """``{dd.trace_id}`` asks for an attribute of an attribute ``dd``, which only a copy of the record gets.

    Another thread may be formatting the very same record, and must neither see nor miss it.
    """
    with shield("show a log record with its trace's ids"):
        if "{dd." in instance._fmt:
            args, kwargs = (with_dd(*args, **kwargs),), {}
    return wrapped(*args, **kwargs)


# -- what records get --------------------------------------------------------------------------------------------------


class _Asking(threading.local):
    is_under_way = False


_asking = _Asking()


def correlation(logger: logging.Logger) -> dict[str, str]:
    """The ids of the current trace and span, among others; both are "0" where there is none, or no tracer to ask."""
    tracer = tracer_of(logger)
    # A context provider may log, too.
    if tracer is None or _asking.is_under_way:
        return OUTSIDE
    _asking.is_under_way = True
    try:
        return tracer.get_log_correlation_context()
    except Exception as error:
        swallow("ask for the current trace", error)
        return OUTSIDE
    finally:
        _asking.is_under_way = False


def tracer_of(logger: logging.Logger) -> Tracer | None:
    """The tracer that is set for logging, else that of the logger's pin."""
    tracer: Tracer | None = config.integration(integration.name).get("tracer")
    if tracer is not None:
        return tracer
    pin = Pin.lookup(logger)
    return None if pin is None else pin.tracer


def with_dd(record: logging.LogRecord) -> logging.LogRecord:
    """A copy of a record whose attribute ``dd`` has what the ``dd.`` attributes hold; the record, where it has one."""
    own = vars(record)
    if "dd" in own:
        return record
    copy = object.__new__(type(record))
    vars(copy).update(own, dd=SimpleNamespace(**{name: own.get(f"dd.{name}", OUTSIDE[name]) for name in OUTSIDE}))
    return copy


# -- targets -----------------------------------------------------------------------------------------------------------

patching = Patching(
    integration,
    targets=(
        Target("logging", "Logger.makeRecord", make_record),
        Target("logging", "StrFormatStyle._format", format_with_braces),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
