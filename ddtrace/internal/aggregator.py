"""Hand on what is finished of a trace: all of it once no span is open, or a part of a long one."""

from __future__ import annotations

import logging
import threading
from operator import attrgetter
from typing import Callable

from ddtrace.internal import forks
from ddtrace.internal.log import get_logger, throttled
from ddtrace.internal.native import compiled, know
from ddtrace.internal.processors import Processor, standard_processors
from ddtrace.internal.trace import Trace
from ddtrace.settings.config import config
from ddtrace.span import Span

log = get_logger(__name__)

TOP_LEVEL_KEY = "_dd.top_level"
know(top_level_key=TOP_LEVEL_KEY)

PARTIAL_FLUSH_KEY = "_dd.py.partial_flush"

_by_start = attrgetter("start_ns")


class Aggregator:
    """Collects finished spans and passes each complete chunk through the processors to ``write``."""

    def __init__(self, write: Callable[[list[Span]], None], partial_flush_min_spans: int | None) -> None:
        self.write = write
        self.standard = standard_processors()
        self.filters: list[Processor] = []
        self.partial_flush_min_spans = partial_flush_min_spans
        # Not a plain one: a destructor, or a handler of a signal, may finish a span in a thread that has it.
        self._lock = threading.RLock()

    def renew_lock(self) -> None:
        """To be called in a forked child."""
        # Another thread may have held it at the moment of the fork, and that thread is not here to let go.
        self._lock = threading.RLock()

    @compiled
    def finish(self, span: Span) -> None:
        """Take a finished span, and hand its trace on if that was the last open one."""
        parent = span._parent
        if parent is None or parent.service != span.service:
            span._metrics[TOP_LEVEL_KEY] = 1
        trace = span._trace
        finished = trace.finished
        finished.append(span)
        trace.open.pop()
        if not trace.open:
            self._hand_on(trace, is_partial=False)
        elif self.partial_flush_min_spans and len(finished) >= self.partial_flush_min_spans:
            self._hand_on(trace, is_partial=True)

    def _hand_on(self, trace: Trace, is_partial: bool) -> None:
        # The last two spans may finish at once in two threads, and both then find nothing open: the lock gives the
        # chunk to one of them. Spans which finish meanwhile are appended behind the slice and stay.
        with self._lock:
            chunk = trace.finished[:]
            del trace.finished[: len(chunk)]
        if not chunk or trace.generation != forks.generation:
            return
        if len(chunk) > 1:
            chunk.sort(key=_by_start)
        if is_partial:
            chunk[0]._metrics[PARTIAL_FLUSH_KEY] = len(chunk)
        processed = self._process(chunk)
        if processed:
            self._write(processed)

    def _process(self, spans: list[Span]) -> list[Span] | None:
        processed: list[Span] | None = spans
        for process in (*self.standard, *self.filters):
            try:
                processed = process(processed)
            except Exception:
                if config._raise:
                    raise
                log.exception("%r failed on a trace of %d spans; the trace goes on", process, len(processed))
            if not processed:
                return None
        return processed

    def _write(self, spans: list[Span]) -> None:
        try:
            self.write(spans)
        except Exception:
            if config._raise:
                raise
            throttled(log, logging.ERROR, "a trace could not be written and is lost")
            log.debug("the trace was lost by", exc_info=True)
