"""Take finished traces and see to it that they leave the process."""

from __future__ import annotations

import abc
import logging
import os
import sys
import threading
from collections import deque
from typing import IO, TYPE_CHECKING, Any, Callable, NamedTuple

from ddtrace.constants import KEEP_SPANS_RATE_KEY, LARGEST_ID
from ddtrace.internal import forks
from ddtrace.internal.agent_url import DEFAULT_HOST, DEFAULT_PORT, http_url
from ddtrace.internal.log import get_logger, throttled
from ddtrace.internal.periodic import PeriodicThread
from ddtrace.settings.option import Option, from_environment
from ddtrace.span import Span

if TYPE_CHECKING:
    from ddtrace.internal.encoding import Payload
    from ddtrace.internal.transport import Transport

__all__ = ["API_VERSIONS", "AgentWriter", "Counts", "LogWriter", "TraceWriter"]

log = get_logger(__name__)

BUFFER_BYTES = Option(
    "buffer_bytes",
    int,
    8 << 20,
    "Bytes of encoded traces kept until they are sent.",
    "DD_TRACE_WRITER_BUFFER_SIZE_BYTES",
    minimum=0,
)
MAX_PAYLOAD_BYTES = Option(
    "max_payload_bytes",
    int,
    8 << 20,
    "Bytes that one encoded trace may have.",
    "DD_TRACE_WRITER_MAX_PAYLOAD_SIZE_BYTES",
    minimum=0,
)
INTERVAL_S = Option(
    "interval_s", float, 1.0, "Seconds between two sendings.", "DD_TRACE_WRITER_INTERVAL_SECONDS", minimum=0.001
)
TIMEOUT_S = Option(
    "timeout_s", float, 2.0, "Seconds to wait for the agent.", "DD_TRACE_AGENT_TIMEOUT_SECONDS", minimum=0.001
)


API_VERSIONS = ("v0.3", "v0.4", "v0.5")
"""Versions of the agent's API that we speak."""


def check_api_version(version: str) -> str:
    """The version; raises ValueError, saying what was found and expected, unless it is one of API_VERSIONS."""
    if version not in API_VERSIONS:
        raise ValueError(f"Unsupported API version {version!r}; expected one of {', '.join(API_VERSIONS)}")
    return version


API_VERSION = Option(
    "api_version",
    str,
    "v0.4",
    "Version of the agent's API.",
    "DD_TRACE_API_VERSION",
    parser=check_api_version,
    expects=f"API version, of which there are {', '.join(API_VERSIONS)}",
)

MAX_TRACES = 2**16 - 1
"""Traces kept until they are sent, however small."""

KEEP_RATE_SENDINGS = 10
"""How many sendings the share of traces that are kept is measured over."""


class TraceWriter(abc.ABC):
    """The contract of a writer."""

    @staticmethod
    def encode(spans: list[Span]) -> bytes:
        """One trace in the agent's format v0.4: a msgpack array of span maps."""
        return _payload_type(API_VERSION.default)().encode(spans)

    @staticmethod
    def encode_payload(traces: list[list[Span]], api_version: str = API_VERSION.default) -> bytes | bytearray:
        """Traces as one request to the agent carries them; ``api_version`` is one of API_VERSIONS, else ValueError."""
        payload = _payload_type(api_version)()
        for trace in traces:
            payload.append(payload.encode(trace))
        return payload.content()

    @abc.abstractmethod
    def write(self, spans: list[Span]) -> None:
        """Take one finished trace, or a chunk of one; never blocks on the network."""

    @abc.abstractmethod
    def flush_queue(self) -> None:
        """Send what was taken, and return when that is done."""

    @abc.abstractmethod
    def stop(self, timeout_s: float | None = None) -> None:
        """Send what was taken, and take no more; waits for at most ``timeout_s`` seconds."""

    @abc.abstractmethod
    def recreate(self) -> TraceWriter:
        """A writer with the same settings and nothing in it, as a forked child needs it."""


class Counts(NamedTuple):
    """Traces since the writer was made: taken = sent + dropped + buffered, always."""

    taken: int
    sent: int
    dropped: int
    buffered: int


class AgentWriter(TraceWriter):
    """Buffers encoded traces and PUTs them to a trace agent from a thread of its own.

    The thread and the modules it needs begin with the first trace. A full buffer drops what does not fit and counts
    it; an agent that cannot be reached costs the application nothing but that, and one log line a minute.
    ``on_rates`` is given the sampling rates that the agent answers with; the interpreter's exit waits for the last
    traces for at most ``exit_timeout_s`` seconds. ``api_version`` is one of API_VERSIONS, else ValueError; an agent
    that does not know it gets the one before. ``is_sync`` sends each trace before ``write`` returns.
    """

    def __init__(
        self,
        agent_url: str,
        on_rates: Callable[[dict[str, float]], None] | None = None,
        exit_timeout_s: float = 5,
        *,
        api_version: str | None = None,
        is_sync: bool = False,
    ) -> None:
        if api_version is not None:
            check_api_version(api_version)
        self.agent_url = agent_url
        self.api_version = api_version or from_environment(API_VERSION, API_VERSION.env)
        self.exit_timeout_s = exit_timeout_s
        self._on_rates = on_rates
        self._is_sync = is_sync
        self._buffer_bytes = from_environment(BUFFER_BYTES, BUFFER_BYTES.env)
        self._max_payload_bytes = from_environment(MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES.env)
        self._interval_s = from_environment(INTERVAL_S, INTERVAL_S.env)
        self._timeout_s = from_environment(TIMEOUT_S, TIMEOUT_S.env)
        # Both may be taken by a thread that has them: a handler of a signal, or a destructor, may finish a span amid
        # what it interrupts.
        self._lock = threading.RLock()
        self._sending = threading.RLock()
        self._payload: Payload | None = None
        self._taken = self._sent = self._dropped = self._in_flight = 0
        self._keep_rate = 1.0
        self._sendings: deque[Counts] = deque([self.counts], maxlen=KEEP_RATE_SENDINGS)
        self._thread: PeriodicThread | None = None
        self._transport: Transport | None = None
        self._is_stopped = False
        self._ignore_exit: Callable[[], None] | None = None
        self._ignore_sigterm: Callable[[], None] | None = None

    @property
    def counts(self) -> Counts:
        """What became of the traces so far."""
        with self._lock:
            return self._counts()

    def _counts(self) -> Counts:
        waiting = self._payload.count if self._payload is not None else 0
        return Counts(self._taken, self._sent, self._dropped, waiting + self._in_flight)

    def recreate(self) -> AgentWriter:
        # What is buffered here is the parent's to send, also when this child exits.
        self._ignore_end()
        return type(self)(
            self.agent_url,
            self._on_rates,
            self.exit_timeout_s,
            api_version=self.api_version,
            is_sync=self._is_sync,
        )

    def write(self, spans: list[Span]) -> None:
        if self._transport is None:
            self._begin()
        elif self._ignore_sigterm is None and threading.current_thread() is threading.main_thread():
            self._begin()
        spans[0]._metrics[KEEP_SPANS_RATE_KEY] = self._keep_rate
        refusal = self._take(spans)
        if refusal:
            throttled(log, logging.WARNING, "trace of %d spans dropped: " + refusal, len(spans))
        elif self._is_sync:
            self.flush_queue()

    def _take(self, spans: list[Span]) -> str:
        """Buffer a trace, or say why not."""
        while True:
            payload = self._payload
            encoded = payload.encode(spans)
            with self._lock:
                # Another thread may have taken that payload to send it; does what it encoded fit the new one?
                if payload.strings is self._payload.strings:
                    return self._append(self._payload, encoded)

    def _append(self, payload: Payload, encoded: bytes) -> str:
        self._taken += 1
        size_bytes = payload.size_bytes + len(encoded)
        if self._is_stopped:
            refusal = "the writer is stopped"
        elif len(encoded) > self._max_payload_bytes:
            refusal = "it is larger than DD_TRACE_WRITER_MAX_PAYLOAD_SIZE_BYTES"
        elif size_bytes > self._buffer_bytes or payload.count >= MAX_TRACES:
            refusal = "the buffer is full"
        else:
            payload.append(encoded)
            if size_bytes > self._buffer_bytes // 2 and self._thread is not None:
                self._thread.wake()
            return ""
        self._dropped += 1
        return refusal

    def _begin(self) -> None:
        with forks.held_off:
            from ddtrace.internal import exits, signals
            from ddtrace.internal.transport import Transport

            payload_type = _payload_type(self.api_version)
        with self._lock:
            if self._transport is None:
                # gevent may have replaced the kind of locks since this was made, and a greenlet that waits for an old
                # one would stop them all.
                self._sending = threading.RLock()
                self._payload = payload_type()
                self._transport = Transport(self.agent_url, self._timeout_s, retry_within_s=self._interval_s / 2)
                if not self._is_stopped:
                    self._ignore_exit = exits.at_exit(self._stop_at_exit)
                    self._start_thread()
            if self._ignore_sigterm is None and not self._is_stopped:
                self._ignore_sigterm = signals.flush_on_sigterm(self)

    def _start_thread(self) -> None:
        thread = PeriodicThread("ddtrace.writer", self._interval_s, self.flush_queue)
        try:
            thread.start()
        except RuntimeError:
            log.debug("no thread can start any more; traces are sent at shutdown only", exc_info=True)
        else:
            self._thread = thread

    def flush_queue(self) -> None:
        if self._lock._is_owned():
            # Asked by a handler of a signal, amid what it interrupted in this thread: whoever sends now may wait for
            # that, so nobody here can wait for him.
            if self._thread is not None:
                self._thread.wake()
            return
        with self._sending:
            with self._lock:
                payload = self._payload
                if payload is None or not payload.count:
                    return
                self._payload = type(payload)()
                self._in_flight += payload.count
            is_sent = False
            try:
                is_sent = self._send(payload)
            finally:
                with self._lock:
                    self._in_flight -= payload.count
                    if is_sent:
                        self._sent += payload.count
                    else:
                        self._dropped += payload.count
                    self._measure_keep_rate()

    def _measure_keep_rate(self) -> None:
        now, before = self._counts(), self._sendings[0]
        taken = now.taken - before.taken
        self._keep_rate = 1 - (now.dropped - before.dropped) / taken if taken else 1.0
        self._sendings.append(now)

    def _send(self, payload: Payload) -> bool:
        try:
            answer = self._transport.send(payload)
        except Exception as error:
            self._report_loss(payload, f"{type(error).__name__}: {error}")
            return False
        older = payload.downgraded() if answer.is_unknown_api else None
        if older is not None:
            return self._send_downgraded(payload, older)
        if not answer.is_taken:
            self._report_loss(payload, f"it answered {answer.status}")
        elif answer.rates and self._on_rates is not None:
            try:
                self._on_rates(answer.rates)
            except Exception as error:
                throttled(log, logging.ERROR, "the agent's sampling rates were not taken over: %r", error)
        return answer.is_taken

    def _report_loss(self, payload: Payload, reason: str) -> None:
        message = "%d traces lost on the way to the agent at %s: %s"
        throttled(log, logging.ERROR, message, payload.count, self.agent_url, reason)

    def _send_downgraded(self, refused: Payload, older: Payload) -> bool:
        """Speak the version before from now on, and send in it what can be said in it."""
        lost = refused.count - older.count
        with self._lock:
            waiting = self._payload
            # Another thread may have sent at the same time, and learnt it before.
            if waiting.version == refused.version:
                self.api_version = older.version
                self._payload = waiting.downgraded()
                self._dropped += waiting.count - self._payload.count
                lost += waiting.count - self._payload.count
        log.warning(
            "the agent at %s does not know its API %s and gets %s from now on; traces lost by that: %d",
            self.agent_url,
            refused.version,
            older.version,
            lost,
        )
        return bool(older.count) and self._send(older)

    def stop(self, timeout_s: float | None = None) -> None:
        with self._lock:
            self._is_stopped = True
            thread = self._thread
        if thread is not None:
            thread.stop()
            thread.join(timeout_s)
        else:
            self.flush_queue()
        # A thread that is still sending has not got to the end in time, and needs the connection.
        if self._transport is not None and self._sending.acquire(blocking=False):
            self._transport.close()
            self._sending.release()
        self._ignore_end()

    def is_held_here(self) -> bool:
        """Whether this thread is in the midst of something that a flush in another has to wait for."""
        return self._lock._is_owned() or self._sending._is_owned()

    def _stop_at_exit(self) -> None:
        self.stop(self.exit_timeout_s)

    def _ignore_end(self) -> None:
        """Undo what ``_begin`` asked for: to be told of the end of the process."""
        for ignore in (self._ignore_exit, self._ignore_sigterm):
            if ignore is not None:
                ignore()


class LogWriter(TraceWriter):
    """Writes each trace as one line of JSON, for where no agent can be reached but the output is collected.

    A line is ``{"traces": [[span, ...]]}``, with ids as 16 hexadecimal digits in upper case and times in
    nanoseconds. ``out`` is a text stream, standard output unless given.
    """

    def __init__(self, out: IO[str] | None = None) -> None:
        self._out = out

    def write(self, spans: list[Span]) -> None:
        # Not on top: json is no part of what importing ddtrace costs.
        import json

        out = self._out or sys.stdout
        # In one call, so that the lines of two threads do not mix.
        out.write(json.dumps({"traces": [[_as_json(span) for span in spans]]}, default=str) + "\n")
        out.flush()

    def flush_queue(self) -> None:
        """Nothing waits."""

    def stop(self, timeout_s: float | None = None) -> None:
        """There is nothing to stop."""

    def recreate(self) -> LogWriter:
        return self


def _as_json(span: Span) -> dict[str, Any]:
    ids = {"trace_id": span.trace_id, "parent_id": span.parent_id or 0, "span_id": span.span_id}
    return {
        **{name: f"{value & LARGEST_ID:016X}" for name, value in ids.items()},
        "service": span.service,
        "resource": span.resource,
        "name": span.name,
        "error": span.error,
        "start": span.start_ns,
        "duration": span.duration_ns,
        "meta": span._meta,
        "metrics": span._metrics,
        "type": span.span_type,
    }


def default_writer(agent_url: str, on_rates: Callable[[dict[str, float]], None], exit_timeout_s: float) -> TraceWriter:
    """The writer for where this process runs."""
    # A function as a service has no agent beside it, unless an extension is one; it is frozen between two calls,
    # so that nothing may wait for a thread.
    is_function = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
    has_agent = is_function and os.path.exists(_LAMBDA_EXTENSION)
    if is_function and not has_agent and agent_url == http_url(DEFAULT_HOST, DEFAULT_PORT):
        return LogWriter()
    return AgentWriter(agent_url, on_rates, exit_timeout_s, is_sync=has_agent)


_LAMBDA_EXTENSION = "/opt/extensions/datadog-agent"


def _payload_type(version: str) -> type[Payload]:
    # Here and not on top: encoder and http client are half of what importing ddtrace could cost.
    from ddtrace.internal.encoding import PAYLOADS

    check_api_version(version)
    return PAYLOADS[version]
