"""The headers x-datadog-*: decimal ids of 64 bits, priority, origin, and the trace's tags as ``key=value,...``.

The high half of a 128-bit trace id travels as one of the tags, so that a tracer which knows 64 bits only understands
the rest.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, MutableMapping

from ddtrace.constants import ORIGIN_KEY, SAMPLING_PRIORITY_KEY
from ddtrace.context import Context
from ddtrace.internal.log import get_logger
from ddtrace.propagation._headers import forms_of, read_priority, text_of
from ddtrace.propagation._tags import (
    ERROR_KEY,
    HIGH_TRACE_ID_KEY,
    NEVER_SENT,
    PREFIX,
    Tags,
    drop_wrong_decision_maker,
    is_usual,
)
from ddtrace.settings.config import config

log = get_logger(__name__)

TRACE_ID = "x-datadog-trace-id"
PARENT_ID = "x-datadog-parent-id"
SAMPLING_PRIORITY = "x-datadog-sampling-priority"
ORIGIN = "x-datadog-origin"
TAGS = "x-datadog-tags"
NAMES = (TRACE_ID, PARENT_ID, SAMPLING_PRIORITY, ORIGIN, TAGS)

_TRACE_ID, _PARENT_ID, _SAMPLING_PRIORITY, _ORIGIN, _TAGS = map(forms_of, NAMES)

# The high half of the trace id is taken, and put back where it belongs.
_NOT_TAKEN = NEVER_SENT - {HIGH_TRACE_ID_KEY}

_LOW_64_BITS = 2**64 - 1
_DIGITS_OF_64_BITS = 20

_DIGITS_OF_HIGH_TRACE_ID = 16
_HEX = "0123456789abcdef"
# Printable ASCII without blank, comma and equals sign for a key, without comma for a value.
_TAG_KEY = re.compile(r"[!-+\--<>-~]+")
_TAG_VALUE = re.compile(r"[ -+\--~]+")


def inject(context: Context, headers: MutableMapping[str, str], tags: Tags) -> None:
    """Write the context's place, verdict and tags."""
    # All that could fail comes first, so that headers are written either whole or not at all.
    trace_id = str(context.trace_id & _LOW_64_BITS)
    span_id = str(context.span_id & _LOW_64_BITS)
    priority = context._metrics.get(SAMPLING_PRIORITY_KEY)
    verdict = None if priority is None else str(int(priority))
    origin = context._meta.get(ORIGIN_KEY)
    high = (context.trace_id >> 64) & _LOW_64_BITS
    if high:
        tags = [*tags, (HIGH_TRACE_ID_KEY, f"{high:016x}")]
    rendered, error = _render_usual(tags[0], _max_length()) if is_usual(tags) else _render(tags, _max_length())
    if error:
        context._meta[ERROR_KEY] = error
    headers[TRACE_ID] = trace_id
    headers[PARENT_ID] = span_id
    if verdict is not None:
        headers[SAMPLING_PRIORITY] = verdict
    if origin and origin.isascii() and origin.isprintable():
        headers[ORIGIN] = origin
    if rendered:
        headers[TAGS] = rendered


def extract(headers: dict[str, Any]) -> Context | None:
    """The context in headers whose names are in lower case; None without a valid trace id."""
    # Looked for under its usual name first, and here, since most requests come without it.
    text = headers.get(TRACE_ID)
    if type(text) is not str:
        text = text_of(headers, _TRACE_ID)
    trace_id = None if text is None else _read_id(text)
    if not trace_id:
        return None
    text = text_of(headers, _PARENT_ID)
    parent_id = 0 if text is None else _read_id(text)
    if parent_id is None:
        return None
    metrics = {}
    text = text_of(headers, _SAMPLING_PRIORITY)
    if text is not None:
        priority = read_priority(text)
        if priority is None:
            return None
        metrics[SAMPLING_PRIORITY_KEY] = priority
    text = text_of(headers, _TAGS)
    meta = _read_tags(text) if text else {}
    if HIGH_TRACE_ID_KEY in meta:
        trace_id |= _take_high_trace_id(meta) << 64
    return Context(trace_id, parent_id or None, text_of(headers, _ORIGIN), None, meta, metrics)


def _read_id(text: str) -> int | None:
    # The length before int(), which takes the square of it. isdigit() alone would let other scripts' digits pass.
    if len(text) <= _DIGITS_OF_64_BITS and text.isdigit() and text.isascii():
        value = int(text)
        return value if value <= _LOW_64_BITS else None
    stripped = text.strip()
    return None if stripped == text else _read_id(stripped)


def _read_tags(text: str) -> dict[str, str]:
    max_length = config._x_datadog_tags_max_length
    if not max_length:
        return {}
    if len(text) > max_length:
        return {ERROR_KEY: "extract_max_size"}
    if not (text.isascii() and text.isprintable()):
        return {ERROR_KEY: "decoding_error"}
    meta = {}
    for pair in text.split(","):
        key, _, value = pair.partition("=")
        if not key or not value or " " in key:
            return {ERROR_KEY: "decoding_error"}
        if key.startswith(PREFIX) and key not in _NOT_TAKEN:
            meta[key] = value
    drop_wrong_decision_maker(meta)
    return meta


def _take_high_trace_id(meta: dict[str, str]) -> int:
    high = meta.pop(HIGH_TRACE_ID_KEY)
    if len(high) != _DIGITS_OF_HIGH_TRACE_ID or high.strip(_HEX):
        meta[ERROR_KEY] = f"malformed_tid {high}"
        return 0
    return int(high, 16)


def _max_length() -> int:
    return config._x_datadog_tags_max_length


@lru_cache(maxsize=64)
def _render_usual(tag: tuple[str, str], max_length: int) -> tuple[str, str]:
    return _render([tag], max_length)


def _render(tags: Tags, max_length: int) -> tuple[str, str]:
    """The tags as one text, and the error where they cannot be sent."""
    if not tags:
        return "", ""
    if not max_length:
        return "", "disabled"
    try:
        # Each pair has an equals sign, each but the last a comma.
        if sum(len(key) + len(value) + 2 for key, value in tags) - 1 > max_length:
            return "", "inject_max_size"
        if all(_TAG_KEY.fullmatch(key) and _TAG_VALUE.fullmatch(value) for key, value in tags):
            return ",".join(map("=".join, tags)), ""
    except TypeError:
        log.debug("the trace's tags %r are not text", tags)
    return "", "encoding_error"
