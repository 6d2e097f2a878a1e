"""What happens to a finished chunk of a trace before it is written.

A processor takes a list of spans and returns it, or None to drop it.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Optional

from ddtrace.constants import BASE_SERVICE_KEY, HIGH_TRACE_ID_KEY, SPAN_KIND
from ddtrace.ext import SpanKind
from ddtrace.settings.config import config
from ddtrace.span import Span

Processor = Callable[[list[Span]], Optional[list[Span]]]

PEER_SERVICE_KEY = "peer.service"
PEER_SERVICE_SOURCE_KEY = "_dd.peer.service.source"
PEER_SERVICE_REMAPPED_KEY = "_dd.peer.service.remapped_from"

PEER_SERVICE_SOURCES = (
    "messaging.kafka.bootstrap.servers",
    "rpc.service",
    "db.name",
    "mongodb.db",
    "peer.hostname",
    "out.host",
)
"""The tags that tell, best first, which service a span of a client or producer calls."""

_OUTGOING = (SpanKind.CLIENT, SpanKind.PRODUCER)


def tag_chunk(spans: list[Span]) -> list[Span]:
    """Put what belongs to the whole trace on the first span of the chunk."""
    first = spans[0]
    for key, text in first._trace.meta.items():
        first._meta.setdefault(key, text)
    for key, number in first._trace.metrics.items():
        first._metrics.setdefault(key, number)
    first._meta["language"] = "python"
    high = first.trace_id >> 64
    if high > 0:
        # The wire holds 64 bits of an id; these are the rest.
        first._meta[HIGH_TRACE_ID_KEY] = f"{high:016x}"
    return spans


def tag_base_service(spans: list[Span]) -> list[Span]:
    """Name the application's own service on the spans that bear another one."""
    own = config.service or ""
    lowered = own.lower()
    judged, is_foreign = None, False
    for span in spans:
        service = span.service
        # Most spans of a trace have the very same service.
        if service is not judged:
            judged, is_foreign = service, service is not None and service.lower() != lowered
        if is_foreign:
            span._meta[BASE_SERVICE_KEY] = own
    return spans


def tag_peer_service(spans: list[Span]) -> list[Span]:
    """Name the service that a client's or producer's span calls, and rename it as the user asked."""
    if not config._peer_service_defaults_enabled and not config._peer_service_mapping:
        return spans
    for span in spans:
        meta = span._meta
        if PEER_SERVICE_KEY in meta:
            meta[PEER_SERVICE_SOURCE_KEY] = PEER_SERVICE_KEY
        elif config._peer_service_defaults_enabled and meta.get(SPAN_KIND) in _OUTGOING:
            source = next((key for key in PEER_SERVICE_SOURCES if meta.get(key)), None)
            if source is None:
                continue
            meta[PEER_SERVICE_KEY] = meta[source]
            meta[PEER_SERVICE_SOURCE_KEY] = source
        else:
            continue
        named = meta[PEER_SERVICE_KEY]
        renamed = config._peer_service_mapping.get(named)
        if renamed:
            meta[PEER_SERVICE_KEY] = renamed
            meta[PEER_SERVICE_REMAPPED_KEY] = named
    return spans


def filters_in(settings: dict[str, Any] | None) -> list[Processor] | None:
    """The processors of ``settings["FILTERS"]``, or None without settings; raises TypeError for what is no filter."""
    if settings is None:
        return None
    filters = list(settings.get("FILTERS") or ())
    for item in filters:
        if not callable(getattr(item, "process_trace", None)):
            raise TypeError(f"a filter needs a method process_trace(trace), which {item!r} has not")
    return [item.process_trace for item in filters]


def drop_unsampled(spans: list[Span]) -> list[Span] | None:
    """Drop a chunk of which no span is sampled."""
    return spans if spans[0].sampled or any(span.sampled for span in spans) else None


STANDARD: tuple[Processor, ...] = (tag_chunk, tag_peer_service, tag_base_service, drop_unsampled)


def standard_processors() -> tuple[Processor, ...]:
    """What is done before the application's own filters; the environment may ask for the sampling of single spans."""
    if not (os.environ.get("DD_SPAN_SAMPLING_RULES") or os.environ.get("DD_SPAN_SAMPLING_RULES_FILE")):
        return STANDARD
    from ddtrace.internal.span_sampling import sampler_from_environment

    span_sampler = sampler_from_environment()
    # Last, since what is not sent at all needs no marks.
    return STANDARD if span_sampler is None else (*STANDARD, span_sampler)
