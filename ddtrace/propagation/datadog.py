"""The headers x-datadog-*: decimal ids of 64 bits, priority, origin, and the trace's tags as ``key=value,...``.

The high half of a 128-bit trace id travels as one of the tags, so that a tracer which knows 64 bits only understands
the rest.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, MutableMapping

from ddtrace.constants import HIGH_TRACE_ID_KEY, LARGEST_ID, ORIGIN_KEY, SAMPLING_PRIORITY_KEY
from ddtrace.context import Context
from ddtrace.internal.log import get_logger
from ddtrace.propagation._headers import forms_of, read_high_id, read_id, read_priority, text_of
from ddtrace.propagation._tags import (
    ERROR_KEY,
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

_HIGH_TAG = f"{HIGH_TRACE_ID_KEY}="
_USUAL_LENGTH = 64
# Printable ASCII without blank, comma and equals sign for a key, without comma for a value.
_TAG_KEY = re.compile(r"[!-+\--<>-~]+")
_TAG_VALUE = re.compile(r"[ -+\--~]+")


def inject(context: Context, headers: MutableMapping[str, str], tags: Tags) -> None:
    """Write the context's place, verdict and tags."""
    # All that could fail comes first, so that headers are written either whole or not at all.
    trace_id = str(context.trace_id & LARGEST_ID)
    span_id = str(context.span_id & LARGEST_ID)
    priority = context._metrics.get(SAMPLING_PRIORITY_KEY)
    verdict = None if priority is None else str(int(priority))
    origin = context._meta.get(ORIGIN_KEY)
    high = (context.trace_id >> 64) & LARGEST_ID
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
    # Each is looked for under its usual name first, and here: most requests have all of them or none.
    get = headers.get
    text = get(TRACE_ID)
    if type(text) is not str:
        text = text_of(headers, _TRACE_ID)
    trace_id = None if text is None else read_id(text)
    if not trace_id:
        return None
    text = get(PARENT_ID)
    if type(text) is not str:
        text = text_of(headers, _PARENT_ID)
    parent_id = 0 if text is None else read_id(text)
    if parent_id is None:
        return None
    metrics = {}
    text = get(SAMPLING_PRIORITY)
    if type(text) is not str:
        text = text_of(headers, _SAMPLING_PRIORITY)
    if text is not None:
        priority = read_priority(text)
        if priority is None:
            return None
        metrics[SAMPLING_PRIORITY_KEY] = priority
    text = get(TAGS)
    if type(text) is not str:
        text = text_of(headers, _TAGS)
    if text:
        meta, high = _read_tags(text)
        trace_id |= high << 64
    else:
        meta = {}
    return Context(trace_id, parent_id or None, text_of(headers, _ORIGIN), None, meta, metrics)


def _read_tags(text: str) -> tuple[dict[str, str], int]:
    """The trace's tags, and the high half of its id, which travels as one of them."""
    max_length = _max_length()
    if not max_length:
        return {}, 0
    if len(text) > max_length:
        return {ERROR_KEY: "extract_max_size"}, 0
    # The high half is another with each trace, and comes last as we write it ourselves; what comes before has few
    # values, which pays to remember.
    others, _, last = text.rpartition(",")
    if len(others) <= _USUAL_LENGTH and last.startswith(_HIGH_TAG):
        high = read_high_id(last[len(_HIGH_TAG) :])
        meta = None if high is None else _read_usual(others)
        if meta is not None:
            return meta.copy(), high
    meta = _parse_tags(text)
    return meta, _take_high_trace_id(meta) if HIGH_TRACE_ID_KEY in meta else 0


def _parse_tags(text: str) -> dict[str, str]:
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


@lru_cache(maxsize=64)
def _read_usual(text: str) -> dict[str, str] | None:
    """The tags, to be copied; None where there is more to say of them."""
    meta = _parse_tags(text)
    return None if ERROR_KEY in meta or HIGH_TRACE_ID_KEY in meta else meta


def _take_high_trace_id(meta: dict[str, str]) -> int:
    text = meta.pop(HIGH_TRACE_ID_KEY)
    high = read_high_id(text)
    if high is None:
        meta[ERROR_KEY] = f"malformed_tid {text}"
        return 0
    return high


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
