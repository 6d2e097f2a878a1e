"""A span as the wire has it: the agent's names, and values that msgpack holds and the agent takes."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from ddtrace.constants import LARGEST_ID, ORIGIN_KEY
from ddtrace.span import Span

LONGEST_VALUE = 25_000
"""Characters of a tag, or of another text of a span; a longer one is cut, and says so."""

TRUNCATED = "...(truncated)"

_LARGEST_FLOAT = int(sys.float_info.max)


class WireSpan(msgspec.Struct, omit_defaults=True, gc=False):
    """The fields of a span on the wire, by the agent's names; those equal to their default are left out."""

    trace_id: int
    span_id: int
    service: Any
    resource: str
    name: str
    start: int
    duration: int
    parent_id: Any = None
    error: int = 0
    type: Any = None
    meta: dict = {}
    metrics: dict = {}


def _plain(value: Any) -> Any:
    # msgspec takes exact types only; a subclass of str or of a number is as good as its base.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return str(value)


encoder = msgspec.msgpack.Encoder(enc_hook=_plain)


def mark_origin(spans: list[Span]) -> None:
    """Put the trace's origin on each span."""
    origin = spans[0]._trace.meta.get(ORIGIN_KEY)
    if origin is not None:
        for span in spans:
            span._meta[ORIGIN_KEY] = origin


def wire_spans_of(spans: list[Span]) -> list[WireSpan]:
    wire_spans = [
        WireSpan(
            span.trace_id & LARGEST_ID,
            span.span_id,
            span.service,
            span.resource,
            span.name,
            span.start_ns,
            span.duration_ns or 0,
            span.parent_id,
            1 if span.error else 0,
            span.span_type,
            span._meta,
            span._metrics,
        )
        for span in spans
    ]
    for span in wire_spans:
        # An application may assign anything to these, and an agent refuses a whole payload for the sake of one number
        # in the place of a text. Spelled out, since a call would cost more than the question.
        if not (
            type(span.name) is type(span.resource) is str
            and (span.service is None or type(span.service) is str)
            and (span.type is None or type(span.type) is str)
        ):
            _make_text(span)
    return wire_spans


def encode(wire_spans: list[WireSpan]) -> bytes:
    try:
        return encoder.encode(wire_spans)
    except Exception:
        return encoder.encode([sanitised(wire_span) for wire_span in wire_spans])


def shorten(wire_spans: list[WireSpan]) -> bool:
    """Cut what is too long; the tags of the span itself, which somebody may keep, stay as they are."""
    is_any_long = False
    for span in wire_spans:
        # Joined first: that takes half as long as asking each, and hardly any span has so much to say.
        fields = (span.name, span.resource, span.service or "", span.type or "")
        try:
            may_be_long = len("".join((*fields, *span.meta.values()))) > LONGEST_VALUE
        except Exception:
            # Something among them is no text.
            may_be_long = True
        if may_be_long:
            is_any_long = True
            span.name, span.resource = shortened(span.name), shortened(span.resource)
            span.service, span.type = shortened(span.service), shortened(span.type)
            span.meta = {key: shortened(value) for key, value in span.meta.items()}
    return is_any_long


def shortened(value: Any) -> Any:
    if isinstance(value, str) and str.__len__(value) > LONGEST_VALUE:
        return str.__getitem__(value, slice(LONGEST_VALUE - len(TRUNCATED))) + TRUNCATED
    return value


def _make_text(span: WireSpan) -> None:
    span.name = _as_text_or_none(span.name)
    span.resource = _as_text_or_none(span.resource)
    span.service = _as_text_or_none(span.service)
    span.type = _as_text_or_none(span.type)


def sanitised(span: WireSpan) -> WireSpan:
    """The same span with lone surrogates replaced, and with numbers that fit 64 bits."""
    return WireSpan(
        _as_id(span.trace_id),
        _as_id(span.span_id),
        _as_text_or_none(span.service),
        _as_text_or_none(span.resource),
        _as_text_or_none(span.name),
        _as_int64(span.start),
        _as_int64(span.duration),
        None if span.parent_id is None else _as_id(span.parent_id),
        span.error,
        _as_text_or_none(span.type),
        {_as_text(key): _as_text(value) for key, value in span.meta.items()},
        {_as_text(key): _as_number(value) for key, value in span.metrics.items()},
    )


def _as_text(value: Any) -> str:
    try:
        text = _plain(value) if isinstance(value, (str, bytes)) else str(value)
        return text.encode("utf-8", errors="replace").decode("utf-8")
    except Exception:
        return f"<{type(value).__name__} without text>"


def _as_text_or_none(value: Any) -> str | None:
    return None if value is None else _as_text(value)


def _as_number(value: Any) -> float:
    if isinstance(value, int):
        plain = int(value)
        if -(2**63) <= plain <= LARGEST_ID:
            return plain
        return float(max(-_LARGEST_FLOAT, min(plain, _LARGEST_FLOAT)))
    return float(value) if isinstance(value, float) else 0.0


def _as_int64(value: Any) -> int:
    return max(-(2**63), min(int(value), 2**63 - 1))


def _as_id(value: Any) -> int:
    return int(value) & LARGEST_ID
