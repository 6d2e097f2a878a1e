"""Take finished traces and see to it that they leave the process."""

from __future__ import annotations

import abc
import atexit
import logging
import threading
from typing import TYPE_CHECKING, Callable, NamedTuple

from ddtrace.internal import forks
from ddtrace.internal.log import get_logger, throttled
from ddtrace.internal.periodic import PeriodicThread
from ddtrace.settings.option import Option, from_environment
from ddtrace.span import Span

if TYPE_CHECKING:
    from ddtrace.internal.transport import Transport

__all__ = ["AgentWriter", "Counts", "TraceWriter"]

log = get_logger(__name__)

BUFFER_BYTES = Option(
    "buffer_bytes",
    int,
    8 << 20,
    "Bytes of encoded traces kept until they are sent.",
    "DD_TRACE_WRITER_BUFFER_SIZE_BYTES",
    minimum=0,
)
INTERVAL_S = Option(
    "interval_s", float, 1.0, "Seconds between two sendings.", "DD_TRACE_WRITER_INTERVAL_SECONDS", minimum=0.001
)
TIMEOUT_S = Option(
    "timeout_s", float, 2.0, "Seconds to wait for the agent.", "DD_TRACE_AGENT_TIMEOUT_SECONDS", minimum=0.001
)


class TraceWriter(abc.ABC):
    """The contract of a writer."""

    @staticmethod
    def encode(spans: list[Span]) -> bytes:
        """One trace in the agent's format v0.4: a msgpack array of span maps."""
        # Here and not on top: encoder and http client are half of what importing ddtrace could cost.
        from ddtrace.internal.encoding import encode_trace_v04

        return encode_trace_v04(spans)

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
    traces for at most ``exit_timeout_s`` seconds.
    """

    def __init__(
        self,
        agent_url: str,
        on_rates: Callable[[dict[str, float]], None] | None = None,
        exit_timeout_s: float = 5,
    ) -> None:
        self.agent_url = agent_url
        self._exit_timeout_s = exit_timeout_s
        self._on_rates = on_rates
        self._buffer_bytes = from_environment(BUFFER_BYTES, BUFFER_BYTES.env)
        self._interval_s = from_environment(INTERVAL_S, INTERVAL_S.env)
        self._timeout_s = from_environment(TIMEOUT_S, TIMEOUT_S.env)
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._buffer: list[bytes] = []
        self._buffered_bytes = 0
        self._taken = self._sent = self._dropped = self._in_flight = 0
        self._thread: PeriodicThread | None = None
        self._transport: Transport | None = None
        self._is_stopped = False

    @property
    def counts(self) -> Counts:
        """What became of the traces so far."""
        with self._lock:
            return Counts(self._taken, self._sent, self._dropped, len(self._buffer) + self._in_flight)

    def recreate(self) -> AgentWriter:
        # What is buffered here is the parent's to send, also when this child exits.
        atexit.unregister(self._stop_at_exit)
        return type(self)(self.agent_url, self._on_rates, self._exit_timeout_s)

    def write(self, spans: list[Span]) -> None:
        if self._transport is None:
            self._begin()
        encoded = self.encode(spans)
        with self._lock:
            self._taken += 1
            fits = self._buffered_bytes + len(encoded) <= self._buffer_bytes and not self._is_stopped
            if fits:
                self._buffer.append(encoded)
                self._buffered_bytes += len(encoded)
            else:
                self._dropped += 1
        if not fits:
            throttled(
                log,
                logging.WARNING,
                "trace of %d spans (%d bytes) dropped: %s",
                len(spans),
                len(encoded),
                "the writer is stopped" if self._is_stopped else "the buffer is full",
            )

    def _begin(self) -> None:
        with forks.held_off:
            from ddtrace.internal.transport import Transport

        with self._lock:
            if self._transport is None:
                self._transport = Transport(self.agent_url, self._timeout_s, retry_within_s=self._interval_s / 2)
                if not self._is_stopped:
                    atexit.register(self._stop_at_exit)
                    self._start_thread()

    def _start_thread(self) -> None:
        thread = PeriodicThread("ddtrace.writer", self._interval_s, self.flush_queue)
        try:
            thread.start()
        except RuntimeError:
            log.debug("no thread can start any more; traces are sent at shutdown only", exc_info=True)
        else:
            self._thread = thread

    def flush_queue(self) -> None:
        with self._sending:
            with self._lock:
                traces, self._buffer = self._buffer, []
                self._buffered_bytes = 0
                self._in_flight = len(traces)
            if not traces:
                return
            is_sent = False
            try:
                is_sent = self._send(traces)
            finally:
                with self._lock:
                    self._in_flight = 0
                    if is_sent:
                        self._sent += len(traces)
                    else:
                        self._dropped += len(traces)

    def _send(self, traces: list[bytes]) -> bool:
        try:
            rates = self._transport.send(traces)
        except Exception as error:
            throttled(
                log,
                logging.ERROR,
                "%d traces lost on the way to the agent at %s: %s: %s",
                len(traces),
                self.agent_url,
                type(error).__name__,
                error,
            )
            return False
        if rates and self._on_rates is not None:
            try:
                self._on_rates(rates)
            except Exception as error:
                throttled(log, logging.ERROR, "the agent's sampling rates were not taken over: %r", error)
        return True

    def stop(self, timeout_s: float | None = None) -> None:
        with self._lock:
            self._is_stopped = True
            thread = self._thread
        if thread is not None:
            thread.stop()
            thread.join(timeout_s)
        else:
            self.flush_queue()
        atexit.unregister(self._stop_at_exit)

    def _stop_at_exit(self) -> None:
        self.stop(self._exit_timeout_s)
