"""What every contestant is given to trace: the same number of spans with the same texts."""

from __future__ import annotations

SERVICE = "shop"
NAME = "shop.step"
RESOURCE = "GET /basket"
SPAN_TYPE = "web"

TAGS = {
    "component": "shop",
    "span.kind": "internal",
    "out.host": "127.0.0.1",
    "shop.colour": "blue, or a little lighter",
}
TAG_ITEMS = tuple(TAGS.items())

SPANS_IN_TREE = 10
CHILDREN = range(3)
GRANDCHILDREN = range(2)
"""A root with three children of two children each."""

TRACE_ID = 0x5BD66EF5095369C7B0D1F8F4BD33716A
SPAN_ID = 0x53995C3F42CD8AD8
TRACEPARENT = f"00-{TRACE_ID:032x}-{SPAN_ID:016x}-01"

W3C_HEADERS = {
    "accept": "*/*",
    "host": "shop.example",
    "user-agent": "benchmark/1",
    "traceparent": TRACEPARENT,
    "tracestate": "dd=s:1;t.dm:-1,other=b7",
}
BOTH_HEADERS = {
    **W3C_HEADERS,
    "x-datadog-trace-id": str(TRACE_ID % 2**64),
    "x-datadog-parent-id": str(SPAN_ID),
    "x-datadog-sampling-priority": "1",
    "x-datadog-tags": f"_dd.p.dm=-1,_dd.p.tid={TRACE_ID >> 64:x}",
}
"""A request as it comes in, with few headers of its own."""
