"""A writer that sends nothing: it encodes each trace as it would be sent, and keeps it."""

from __future__ import annotations

from ddtrace.span import Span
from ddtrace.writer import TraceWriter


class RecordingWriter(TraceWriter):
    """Keeps finished traces as spans and as the bytes an agent would get, in order of arrival."""

    def __init__(self) -> None:
        self.traces: list[list[Span]] = []
        self.encoded: list[bytes] = []

    def write(self, spans: list[Span]) -> None:
        self.encoded.append(self.encode(spans))
        self.traces.append(spans)

    def pop_traces(self) -> list[list[Span]]:
        """What was written since the last time."""
        traces, self.traces = self.traces, []
        self.encoded = []
        return traces

    def flush_queue(self) -> None:
        """There is nothing to wait for."""

    def stop(self, timeout_s: float | None = None) -> None:
        """There is nothing to stop."""

    def recreate(self) -> RecordingWriter:
        return RecordingWriter()
