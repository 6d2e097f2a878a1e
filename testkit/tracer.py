"""A tracer for tests: it differs from the real one in its ids, its clock and its writer, and in nothing else."""

from __future__ import annotations

import itertools

from ddtrace import Span, Tracer
from testkit.spans import SpanContainer
from testkit.writer import RecordingWriter

TICK_NS = 1_000_000


class CountingIds:
    """Ids that count up from 1."""

    def __init__(self) -> None:
        self.next_id = itertools.count(1).__next__


class TickingClock:
    """A clock that moves on by one millisecond each time that it is read; nanoseconds since the epoch."""

    def __init__(self, start_ns: int = 1_600_000_000_000_000_000) -> None:
        self._ticks = itertools.count(start_ns, TICK_NS)

    def __call__(self) -> int:
        return next(self._ticks)


class DummyTracer(Tracer):
    """A tracer whose ids count up, whose clock ticks, and whose traces stay here.

    ``started`` holds every span that was started, finished or not.
    """

    def __init__(self) -> None:
        super().__init__(ids=CountingIds(), clock=TickingClock(), writer=RecordingWriter())
        self.enabled = True
        self.started: list[Span] = []
        self.on_start_span(self.started.append)

    @property
    def recorded(self) -> RecordingWriter:
        """What keeps the traces; a forked child has one of its own."""
        assert isinstance(self._writer, RecordingWriter)
        return self._writer

    @property
    def spans(self) -> SpanContainer:
        """The spans of all finished traces so far."""
        return SpanContainer(span for trace in self.recorded.traces for span in trace)

    def pop(self) -> list[Span]:
        """The spans of the traces finished since the last time."""
        return [span for trace in self.pop_traces() for span in trace]

    def pop_traces(self) -> list[list[Span]]:
        """The traces finished since the last time."""
        return self.recorded.pop_traces()
