"""Spans to msgpack, as the trace agent takes it.

A payload collects encoded traces until they are sent. Each format of the agent has one: v0.4 an array of span maps
(v0.3 is the same on another path), v0.5 a table of strings and rows that point into it.
"""

from __future__ import annotations

import itertools
import sys
from typing import Any, Protocol

import msgspec

from ddtrace.constants import ORIGIN_KEY
from ddtrace.span import Span

LONGEST_VALUE = 25_000
"""Characters of a tag, or of another text of a span; a longer one is cut, and says so."""

TRUNCATED = "...(truncated)"

_LOW_64_BITS = 2**64 - 1
_LARGEST_FLOAT = int(sys.float_info.max)


class _WireSpan(msgspec.Struct, omit_defaults=True, gc=False):
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


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)


class Payload(Protocol):
    """Encoded traces on their way to an agent."""

    version: str
    """The version of the agent's API."""

    path: str
    """Where the agent takes this format."""

    count: int
    """How many traces are in it."""

    size_bytes: int
    """About as many bytes as ``content`` would have."""

    strings: object
    """What encoded traces point into: they mean something only in a payload with the same one."""

    def encode(self, spans: list[Span]) -> bytes:
        """One trace in this payload's format; what the wire cannot hold is replaced, never the cause of an error."""

    def append(self, encoded: bytes) -> None:
        """Take a trace that a payload with the same ``strings`` has encoded."""

    def content(self) -> bytes | bytearray:
        """The whole, as it is sent."""

    def downgraded(self) -> Payload | None:
        """The same traces for an agent of the version before, or none of them where their bytes mean nothing to it.

        None where there is no version before.
        """


class _Traces:
    """A msgpack array of encoded traces, in one buffer that grows.

    Kept apart and joined at the end, they would need half as long again as encoding them: new memory is dear.
    """

    def __init__(self) -> None:
        self.count = 0
        self._buffer = bytearray(_ARRAY_OF_ANY_LENGTH)

    def __len__(self) -> int:
        return len(self._buffer)

    def append(self, encoded: bytes) -> None:
        self._buffer += encoded
        self.count += 1

    def content(self) -> bytearray:
        self._buffer[1 : len(_ARRAY_OF_ANY_LENGTH)] = self.count.to_bytes(4, "big")
        return self._buffer


_ARRAY_OF_ANY_LENGTH = b"\xdd\0\0\0\0"


class PayloadV04:
    """An array of traces, each an array of span maps."""

    version = "v0.4"
    path = "/v0.4/traces"
    strings = None

    def __init__(self) -> None:
        self._traces = _Traces()

    @property
    def count(self) -> int:
        return self._traces.count

    @property
    def size_bytes(self) -> int:
        return len(self._traces)

    @staticmethod
    def encode(spans: list[Span]) -> bytes:
        wire_spans = _wire_spans(spans)
        encoded = _encode(wire_spans)
        # No value within fewer bytes can be too long.
        if len(encoded) > LONGEST_VALUE and _shorten(wire_spans):
            encoded = _encode(wire_spans)
        return encoded

    def append(self, encoded: bytes) -> None:
        self._traces.append(encoded)

    def content(self) -> bytearray:
        return self._traces.content()

    def downgraded(self) -> Payload | None:
        older = PayloadV03()
        older._traces = self._traces
        return older


class PayloadV03(PayloadV04):
    """The same bytes for an older agent."""

    version = "v0.3"
    path = "/v0.3/traces"

    def downgraded(self) -> None:
        return None


class PayloadV05:
    """A table of strings, and an array of traces whose spans are rows of numbers and places in the table."""

    version = "v0.5"
    path = "/v0.5/traces"

    def __init__(self) -> None:
        self._traces = _Traces()
        self.strings = _StringTable()

    @property
    def count(self) -> int:
        return self._traces.count

    @property
    def size_bytes(self) -> int:
        return len(self._traces) + self.strings.size_bytes

    def encode(self, spans: list[Span]) -> bytes:
        wire_spans = _wire_spans(spans)
        try:
            return _encoder.encode([self._row(wire_span) for wire_span in wire_spans])
        except Exception:
            return _encoder.encode([self._row(_sanitised(wire_span)) for wire_span in wire_spans])

    def _row(self, span: _WireSpan) -> tuple[Any, ...]:
        place = self.strings
        return (
            place[span.service or ""],
            place[span.name or ""],
            place[span.resource or ""],
            span.trace_id,
            span.span_id,
            span.parent_id or 0,
            span.start,
            span.duration,
            span.error,
            {place[key]: place[value] for key, value in span.meta.items()},
            {place[key]: value for key, value in span.metrics.items()},
            place[span.type or ""],
        )

    def append(self, encoded: bytes) -> None:
        self._traces.append(encoded)

    def content(self) -> bytes:
        strings = _encoder.encode(self.strings.in_order())
        return b"".join((b"\x92", strings, self._traces.content()))

    def downgraded(self) -> Payload:
        return PayloadV04()


class _StringTable(dict):
    """The place of each string, given to it when it is first asked for.

    Several threads may ask at once, and a destructor amid another's question, so there is no lock: one C function
    gives the place. A number that was drawn in vain leaves an empty place.
    """

    def __init__(self) -> None:
        # The agent knows these two places by heart.
        super().__init__({"": 0, ORIGIN_KEY: 1})
        self._places = itertools.count(2)
        self.size_bytes = 0

    def __missing__(self, string: str) -> int:
        if type(string) is not str:
            raise TypeError(f"{string!r} is no plain str")
        if len(string) > LONGEST_VALUE:
            return self[_shortened(string)]
        self.size_bytes += len(string.encode()) + _STRING_HEADER_BYTES
        return self.setdefault(string, next(self._places))

    def in_order(self) -> list[str]:
        places = self.copy()
        strings = [""] * (max(places.values()) + 1)
        for string, place in places.items():
            strings[place] = string
        return strings


PAYLOADS: dict[str, type[Payload]] = {kind.version: kind for kind in (PayloadV03, PayloadV04, PayloadV05)}
"""The payload of each version of the agent's API."""

_STRING_HEADER_BYTES = 5
"""At most, before each string in msgpack."""


def _wire_spans(spans: list[Span]) -> list[_WireSpan]:
    origin = spans[0]._trace.meta.get(ORIGIN_KEY)
    if origin is not None:
        for span in spans:
            span._meta[ORIGIN_KEY] = origin
    wire_spans = [
        _WireSpan(
            span.trace_id & _LOW_64_BITS,
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


def _encode(wire_spans: list[_WireSpan]) -> bytes:
    try:
        return _encoder.encode(wire_spans)
    except Exception:
        return _encoder.encode([_sanitised(wire_span) for wire_span in wire_spans])


def _shorten(wire_spans: list[_WireSpan]) -> bool:
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
            span.name, span.resource = _shortened(span.name), _shortened(span.resource)
            span.service, span.type = _shortened(span.service), _shortened(span.type)
            span.meta = {key: _shortened(value) for key, value in span.meta.items()}
    return is_any_long


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and str.__len__(value) > LONGEST_VALUE:
        return str.__getitem__(value, slice(LONGEST_VALUE - len(TRUNCATED))) + TRUNCATED
    return value


def _make_text(span: _WireSpan) -> None:
    span.name = _as_text_or_none(span.name)
    span.resource = _as_text_or_none(span.resource)
    span.service = _as_text_or_none(span.service)
    span.type = _as_text_or_none(span.type)


def _sanitised(span: _WireSpan) -> _WireSpan:
    """The same span with lone surrogates replaced, and with numbers that fit 64 bits."""
    return _WireSpan(
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
        if -(2**63) <= plain <= _LOW_64_BITS:
            return plain
        return float(max(-_LARGEST_FLOAT, min(plain, _LARGEST_FLOAT)))
    return float(value) if isinstance(value, float) else 0.0


def _as_int64(value: Any) -> int:
    return max(-(2**63), min(int(value), 2**63 - 1))


def _as_id(value: Any) -> int:
    return int(value) & _LOW_64_BITS
