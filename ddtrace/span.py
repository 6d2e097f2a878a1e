"""One timed operation, with what is known of it."""

from __future__ import annotations

import math
import random
import sys
import traceback as tracebacks
from types import TracebackType
from typing import Any, Callable, Iterator

from ddtrace.constants import (
    ANALYTICS_SAMPLE_RATE_KEY,
    DECISION_MAKER_KEY,
    ERROR_MSG,
    ERROR_STACK,
    ERROR_TYPE,
    MANUAL_DROP_KEY,
    MANUAL_KEEP_KEY,
    SAMPLING_AGENT_DECISION,
    SAMPLING_LIMIT_DECISION,
    SAMPLING_PRIORITY_KEY,
    SAMPLING_RULE_DECISION,
    SERVICE_KEY,
    SERVICE_VERSION_KEY,
    SPAN_MEASURED_KEY,
    USER_KEEP,
    USER_REJECT,
    VERSION_KEY,
)
from ddtrace.context import Context
from ddtrace.ext.http import STATUS_CODE
from ddtrace.ext.net import TARGET_PORT
from ddtrace.internal.clock import time_ns
from ddtrace.internal.log import get_logger
from ddtrace.internal.native import compiled, know
from ddtrace.internal.trace import Trace
from ddtrace.settings.config import config

__all__ = ["Span"]

log = get_logger(__name__)

LARGEST_EXACT_INT = 2**53
"""Integers up to this size are metrics; larger ones would lose digits as a double and become tags."""

TRACEBACK_FRAMES = 30

_MANUAL_DECISION = "-4"


class Span:
    """One timed operation. Ends with ``finish()``, or with the block that it was opened for.

    ``start`` and ``duration`` are seconds, ``start_ns`` and ``duration_ns`` nanoseconds; a duration is None until the
    span is finished. Ids are integers of 64 bits.
    """

    __slots__ = (
        "name",
        "service",
        "resource",
        "span_type",
        "trace_id",
        "span_id",
        "parent_id",
        "start_ns",
        "duration_ns",
        "error",
        "sampled",
        "_meta",
        "_metrics",
        "_parent",
        "_trace",
        "_context",
        "_on_finish",
        "_ignored_exceptions",
        "__weakref__",
    )

    name: str
    service: str | None
    resource: str
    span_type: str | None
    trace_id: int
    span_id: int
    parent_id: int | None
    start_ns: int
    duration_ns: int | None
    error: int
    sampled: bool

    def __init__(
        self,
        name: str,
        service: str | None = None,
        resource: str | None = None,
        span_type: str | None = None,
        trace_id: int | None = None,
        span_id: int | None = None,
        parent_id: int | None = None,
        start: float | None = None,
        context: Context | None = None,
        on_finish: list[Callable[[Span], None]] | None = None,
        *,
        _trace: Trace | None = None,
        _parent: Span | None = None,
    ) -> None:
        # Made by hand and not by a tracer: nobody vouches for the ids, and nobody waits for the span.
        _check_ids(trace_id=trace_id, span_id=span_id, parent_id=parent_id)
        _begin(
            self,
            name,
            service,
            resource,
            span_type,
            trace_id or random.getrandbits(64) or 1,
            span_id or random.getrandbits(64) or 1,
            parent_id,
            _trace or _trace_of(context),
            _parent,
        )
        self._context = context
        self._on_finish = on_finish
        if start is not None:
            self.start = start

    # -- time ---------------------------------------------------------------------------------------------------------

    @property
    def start(self) -> float:
        """When the span began, in seconds since the epoch."""
        return self.start_ns / 1e9

    @start.setter
    def start(self, value: float) -> None:
        self.start_ns = int(value * 1e9)

    @property
    def duration(self) -> float | None:
        """How long the span took, in seconds; None until it is finished."""
        return None if self.duration_ns is None else self.duration_ns / 1e9

    @duration.setter
    def duration(self, value: float) -> None:
        self.duration_ns = int(value * 1e9)

    @property
    def finished(self) -> bool:
        """Whether the span has ended."""
        return self.duration_ns is not None

    @finished.setter
    def finished(self, value: bool) -> None:
        if not value:
            self.duration_ns = None
        elif self.duration_ns is None:
            self.duration_ns = self._trace.clock() - self.start_ns

    @compiled
    def finish(self, finish_time: float | None = None) -> None:
        """End the span now, or at ``finish_time`` (seconds since the epoch); a second call does nothing."""
        if self.duration_ns is not None:
            return
        trace = self._trace
        end_ns = trace.clock() if finish_time is None else int(finish_time * 1e9)
        duration_ns = end_ns - self.start_ns
        # The clock may be set back under us, and an agent takes no negative duration.
        self.duration_ns = duration_ns if duration_ns > 0 else 0
        if self._on_finish:
            for callback in self._on_finish:
                callback(self)
        if trace.deactivate is not None:
            trace.deactivate(self)
        if trace.collect is not None:
            trace.collect(self)

    def finish_with_ancestors(self) -> None:
        """Finish this span and every local span above it."""
        span: Span | None = self
        while span is not None:
            span.finish()
            span = span._parent

    # -- tags ---------------------------------------------------------------------------------------------------------

    @compiled
    def set_tag(self, key: str, value: Any = None) -> None:
        """Describe the span by one more fact.

        Numbers become metrics, all else text. Some keys mean more than a tag: ``manual.keep`` and ``manual.drop``
        decide on the whole trace, ``service.name`` renames the span's service, ``_dd.measured`` asks for statistics.
        """
        # What nearly every call is, first and on its own.
        if type(value) is str and type(key) is str and key not in _SPECIAL_TAGS:
            self._meta[key] = value
            if key in self._metrics:
                del self._metrics[key]
            return
        try:
            self._set_any_tag(key, value)
        except Exception:
            # A proxy of nothing, say, may raise whatever it is asked: also what it is.
            log.warning("a tag of span %r cannot be used; it is ignored", self.name, exc_info=True)

    def _set_any_tag(self, key: Any, value: Any) -> None:
        if not isinstance(key, str):
            log.warning("the tag key %s of span %r is not a str; the tag is ignored", repr(key), self.name)
            return
        special = _SPECIAL_TAGS.get(key)
        if special is not None:
            value = special(self, value)
            if value is _HANDLED:
                return
        if type(value) is not str and _is_metric(value):
            self.set_metric(key, value)
        else:
            self._set_text(key, value)

    def _set_text(self, key: str, value: Any) -> None:
        try:
            self._meta[key] = str(value)
        except Exception:
            log.warning(
                "the value of tag %r of span %r has no text; the tag is ignored",
                key,
                self.name,
                exc_info=True,
            )
            return
        if key in self._metrics:
            del self._metrics[key]

    def set_tag_str(self, key: str, value: str | bytes) -> None:
        """Set a tag whose value is text already; bytes are decoded as UTF-8, replacing what is not.

        Anything else is ignored, with one logged line.
        """
        kind = type(value)
        # By the type, for a proxy of nothing may raise when it is asked for its class.
        if kind is not str and issubclass(kind, bytes):
            value = bytes.decode(value, "utf-8", errors="replace")
        elif kind is not str and not issubclass(kind, str):
            # An agent refuses a whole payload for the sake of one tag that is no text.
            message = f"the value of tag {key!r} must be str or bytes, got {type(value).__name__}"
            if config._raise:
                raise TypeError(message)
            log.warning("%s; the tag is ignored", message)
            return
        self._meta[key] = value
        if key in self._metrics:
            del self._metrics[key]

    def set_tags(self, tags: dict[str, Any]) -> None:
        """Set several tags."""
        if tags:
            for key, value in tags.items():
                self.set_tag(key, value)

    def set_metric(self, key: str, value: float) -> None:
        """Set a number; what is no finite number is ignored."""
        # Not isinstance: the agent takes plain numbers only, and neither a bool nor numpy's float is one.
        if type(value) is not int:
            if type(value) is not float:
                try:
                    value = float(value)
                except Exception:
                    log.debug("the metric %r of span %r is no number: %r", key, self.name, type(value))
                    return
            if not math.isfinite(value):
                log.debug("the metric %r of span %r is not finite", key, self.name)
                return
        self._metrics[key] = value
        if key in self._meta:
            del self._meta[key]

    def set_metrics(self, metrics: dict[str, float]) -> None:
        """Set several numbers."""
        if metrics:
            for key, value in metrics.items():
                self.set_metric(key, value)

    def get_tag(self, key: str) -> str | None:
        """The text of one tag."""
        return self._meta.get(key)

    def get_tags(self) -> dict[str, str]:
        """A copy of all tags."""
        return dict(self._meta)

    def get_metric(self, key: str) -> float | None:
        """One number."""
        return self._metrics.get(key)

    def get_metrics(self) -> dict[str, float]:
        """A copy of all numbers."""
        return dict(self._metrics)

    # -- errors -------------------------------------------------------------------------------------------------------

    def set_exc_info(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        """Record an exception: type, message and stack; nothing happens unless all three are given."""
        if not (exc_type and exc_val is not None and exc_tb):
            return
        if self._ignored_exceptions and issubclass(exc_type, self._ignored_exceptions):
            return
        self.error = 1
        self._meta[ERROR_TYPE] = f"{exc_type.__module__}.{exc_type.__name__}"
        self._meta[ERROR_STACK] = "".join(
            tracebacks.format_exception(exc_type, exc_val, exc_tb, limit=-TRACEBACK_FRAMES)
        )
        self._set_text(ERROR_MSG, exc_val)

    def set_traceback(self, limit: int = TRACEBACK_FRAMES) -> None:
        """Record the exception being handled or, where there is none, the current stack of ``limit`` frames."""
        exc_type, exc_val, exc_tb = sys.exc_info()
        if exc_type is not None:
            self.set_exc_info(exc_type, exc_val, exc_tb)
        else:
            self._meta[ERROR_STACK] = "".join(tracebacks.format_stack(limit=limit + 1)[:-1])

    def _ignore_exception(self, exc_type: type[BaseException]) -> None:
        self._ignored_exceptions += (exc_type,)

    # -- place in the trace -------------------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        """The span's place in its trace, to be carried elsewhere."""
        context = self._context
        if context is None or context.span_id != self.span_id:
            context = self._context = Context(
                self.trace_id, self.span_id, meta=self._trace.meta, metrics=self._trace.metrics
            )
        return context

    @property
    def _local_root(self) -> Span:
        for span in self._ancestry():
            root = span
        return root

    def _ancestry(self) -> Iterator[Span]:
        span: Span | None = self
        while span is not None:
            yield span
            span = span._parent

    @compiled
    def __enter__(self) -> Span:
        return self

    @compiled
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        if exc_type is not None:
            self.set_exc_info(exc_type, exc_val, exc_tb)
        self.finish()

    def _pprint(self) -> str:
        end_ns = None if self.duration_ns is None else self.start_ns + self.duration_ns
        facts = {
            "name": self.name,
            "id": self.span_id,
            "trace_id": self.trace_id,
            "parent_id": self.parent_id,
            "service": self.service,
            "resource": self.resource,
            "type": self.span_type,
            "start": self.start,
            "end": None if end_ns is None else end_ns / 1e9,
            "duration": self.duration,
            "error": self.error,
            "tags": dict(sorted(self._meta.items())),
            "metrics": dict(sorted(self._metrics.items())),
        }
        return " ".join(f"{key}={value!r}" for key, value in facts.items())

    def __repr__(self) -> str:
        return f"<Span(id={self.span_id},trace_id={self.trace_id},parent_id={self.parent_id},name={self.name})>"


@compiled
def root_span(
    name: str,
    service: str | None,
    resource: str | None,
    span_type: str | None,
    trace_id: int,
    span_id: int,
    parent_id: int | None,
    meta: dict[str, str],
    metrics: dict[str, float],
    clock: Callable[[], int],
    deactivate: Callable[[Span], None],
    collect: Callable[[Span], None] | None,
    generation: int,
) -> Span:
    """The first span of a trace in this process; for the tracer, which knows that its arguments are good."""
    trace = Trace(meta, metrics, clock, deactivate, collect, generation)
    return _begin(_bare_span(Span), name, service, resource, span_type, trace_id, span_id, parent_id, trace, None)


@compiled
def child_span(
    parent: Span, name: str, service: str | None, resource: str | None, span_type: str | None, span_id: int
) -> Span:
    """A span below another one, in the same trace; likewise."""
    trace_id, parent_id, trace = parent.trace_id, parent.span_id, parent._trace
    return _begin(_bare_span(Span), name, service, resource, span_type, trace_id, span_id, parent_id, trace, parent)


_bare_span = Span.__new__


def _begin(
    span: Span,
    name: str,
    service: str | None,
    resource: str | None,
    span_type: str | None,
    trace_id: int,
    span_id: int,
    parent_id: int | None,
    trace: Trace,
    parent: Span | None,
) -> Span:
    # All its attributes, for a bare span of ``Span.__new__``.
    span.name = name
    span.service = service
    span.resource = resource or name
    span.span_type = span_type
    span.trace_id = trace_id
    span.span_id = span_id
    span.parent_id = parent_id
    span.duration_ns = None
    span.error = 0
    span.sampled = True
    span._meta = {}
    span._metrics = {}
    span._parent = parent
    span._trace = trace
    span._context = None
    span._on_finish = None
    span._ignored_exceptions = ()
    span.start_ns = trace.clock()
    return span


def _trace_of(context: Context | None) -> Trace:
    return Trace(clock=time_ns) if context is None else Trace(context._meta, context._metrics)


def _check_ids(**ids: int | None) -> None:
    for name, value in ids.items():
        if value is not None and not isinstance(value, int):
            raise TypeError(f"{name} must be an int, got {value!r} ({type(value).__name__})")


def _is_metric(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, float) or (isinstance(value, int) and abs(value) <= LARGEST_EXACT_INT)


# -- tags that mean more than a tag: each returns the value to store, or _HANDLED --------------------------------------

_HANDLED = object()


def _decide(priority: int) -> Callable[[Span, Any], Any]:
    def decide(span: Span, value: Any) -> Any:
        span._trace.metrics[SAMPLING_PRIORITY_KEY] = priority
        span._trace.meta[DECISION_MAKER_KEY] = _MANUAL_DECISION
        # The rates of the decision that this one takes the place of.
        root_metrics = span._local_root._metrics
        for key in (SAMPLING_AGENT_DECISION, SAMPLING_RULE_DECISION, SAMPLING_LIMIT_DECISION):
            root_metrics.pop(key, None)
        return _HANDLED

    return decide


def _rename_service(span: Span, value: Any) -> Any:
    span.service = value = value if value is None or type(value) is str else str(value)
    return value


def _set_version_too(span: Span, value: Any) -> Any:
    span.set_tag(VERSION_KEY, value)
    return value


def _measure(span: Span, value: Any) -> Any:
    span.set_metric(SPAN_MEASURED_KEY, 1 if value is None else int(bool(value)))
    return _HANDLED


def _keep_status_as_text(span: Span, value: Any) -> Any:
    span._set_text(STATUS_CODE, value)
    return _HANDLED


def _as_number_if_numeric(span: Span, value: Any) -> Any:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return value


def _must_be_numeric(span: Span, value: Any) -> Any:
    try:
        span.set_metric(ANALYTICS_SAMPLE_RATE_KEY, float(value))
    except (TypeError, ValueError, OverflowError):
        log.debug("the analytics sample rate %r is no number; it is ignored", value)
    return _HANDLED


_SPECIAL_TAGS: dict[str, Callable[[Span, Any], Any]] = {
    ANALYTICS_SAMPLE_RATE_KEY: _must_be_numeric,
    MANUAL_DROP_KEY: _decide(USER_REJECT),
    MANUAL_KEEP_KEY: _decide(USER_KEEP),
    SERVICE_KEY: _rename_service,
    SERVICE_VERSION_KEY: _set_version_too,
    SPAN_MEASURED_KEY: _measure,
    STATUS_CODE: _keep_status_as_text,
    TARGET_PORT: _as_number_if_numeric,
}

know(span_type=Span, special_tags=_SPECIAL_TAGS)
