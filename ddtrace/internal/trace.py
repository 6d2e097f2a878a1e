"""What the spans of one trace in one process have in common.

A span that starts puts a token into ``open``, a span that finishes takes one out. Both are single list operations,
which the interpreter makes atomic, so no lock is held between starting and finishing a span.
"""

from __future__ import annotations

from typing import Any, Callable

from ddtrace.internal import forks
from ddtrace.internal.clock import time_ns
from ddtrace.internal.native import know


class Trace:
    """The local part of a trace: its finished spans, how many are open, and the tags of the whole.

    ``meta`` and ``metrics`` belong to the context that the spans share; they are sent with the first span of a chunk.
    Each span that finishes is given to ``deactivate``, and then to ``collect``, which the trace of a disabled tracer
    does not have. ``generation`` is that of the process which began the trace: a forked child inherits the object, but
    the trace is its parent's to report.
    """

    __slots__ = ("meta", "metrics", "open", "finished", "clock", "deactivate", "collect", "generation")

    def __init__(
        self,
        meta: dict[str, str] | None = None,
        metrics: dict[str, float] | None = None,
        clock: Callable[[], int] = time_ns,
        deactivate: Callable[[Any], None] | None = None,
        collect: Callable[[Any], None] | None = None,
        generation: int | None = None,
    ) -> None:
        self.meta = {} if meta is None else meta
        self.metrics = {} if metrics is None else metrics
        self.clock = clock
        self.deactivate = deactivate
        self.collect = collect
        self.generation = forks.generation if generation is None else generation
        self.open: list[None] = []
        self.finished: list[Any] = []


know(trace_type=Trace)
