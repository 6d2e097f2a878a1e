"""Spans to msgpack, as the trace agent takes it.

A payload collects encoded traces until they are sent. Each format of the agent has one: v0.4 an array of span maps
(v0.3 is the same on another path), v0.5 a table of strings and rows that point into it.
"""

from __future__ import annotations

import itertools
from typing import Any, Protocol

from ddtrace.constants import ORIGIN_KEY
from ddtrace.internal.native import compiled, know
from ddtrace.internal.wire import (
    LONGEST_VALUE,
    WireSpan,
    encode,
    encoder,
    mark_origin,
    sanitised,
    shorten,
    shortened,
    wire_spans_of,
)
from ddtrace.span import Span


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


know(longest_value=LONGEST_VALUE)


@compiled
def encode_maps(spans: list[Span]) -> bytes:
    """A trace as an array of maps."""
    wire_spans = wire_spans_of(spans)
    encoded = encode(wire_spans)
    # No value within fewer bytes can be too long.
    if len(encoded) > LONGEST_VALUE and shorten(wire_spans):
        encoded = encode(wire_spans)
    return encoded


@compiled
def encode_rows(spans: list[Span], strings: dict[str, int]) -> bytes:
    """A trace as an array of rows with places in a table of strings."""
    wire_spans = wire_spans_of(spans)
    try:
        return encoder.encode([_row(wire_span, strings) for wire_span in wire_spans])
    except Exception:
        return encoder.encode([_row(sanitised(wire_span), strings) for wire_span in wire_spans])


def _row(span: WireSpan, place: dict[str, int]) -> tuple[Any, ...]:
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
        mark_origin(spans)
        return encode_maps(spans)

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
        mark_origin(spans)
        return encode_rows(spans, self.strings)

    def append(self, encoded: bytes) -> None:
        self._traces.append(encoded)

    def content(self) -> bytes:
        strings = encoder.encode(self.strings.in_order())
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
            return self[shortened(string)]
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
