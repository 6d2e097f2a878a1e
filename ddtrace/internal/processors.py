"""What happens to a finished chunk of a trace before it is written.

A processor takes a list of spans and returns it, or None to drop it.
"""

from __future__ import annotations

from typing import Callable, Optional

from ddtrace.constants import BASE_SERVICE_KEY
from ddtrace.settings.config import config
from ddtrace.span import Span

Processor = Callable[[list[Span]], Optional[list[Span]]]


def tag_chunk(spans: list[Span]) -> list[Span]:
    """Put what belongs to the whole trace on the first span of the chunk."""
    first = spans[0]
    for key, text in first._trace.meta.items():
        first._meta.setdefault(key, text)
    for key, number in first._trace.metrics.items():
        first._metrics.setdefault(key, number)
    first._meta["language"] = "python"
    return spans


def tag_base_service(spans: list[Span]) -> list[Span]:
    """Name the application's own service on the spans that bear another one."""
    own = config.service or ""
    lowered = own.lower()
    for span in spans:
        service = span.service
        if service is not None and service != own and service.lower() != lowered:
            span._meta[BASE_SERVICE_KEY] = own
    return spans


def drop_unsampled(spans: list[Span]) -> list[Span] | None:
    """Drop a chunk of which no span is sampled."""
    return spans if any(span.sampled for span in spans) else None


STANDARD: tuple[Processor, ...] = (tag_chunk, tag_base_service, drop_unsampled)
