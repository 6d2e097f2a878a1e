"""The headers of Zipkin: hexadecimal ids and a verdict, in several headers or in the single header b3."""

from __future__ import annotations

import re
from typing import Any, MutableMapping

from ddtrace.constants import AUTO_KEEP, AUTO_REJECT, LARGEST_ID, USER_KEEP
from ddtrace.context import Context
from ddtrace.propagation._headers import forms_of, text_of
from ddtrace.propagation._tags import Tags

SINGLE = "b3"
TRACE_ID = "x-b3-traceid"
SPAN_ID = "x-b3-spanid"
SAMPLED = "x-b3-sampled"
FLAGS = "x-b3-flags"
NAMES = (TRACE_ID, SPAN_ID, SAMPLED, FLAGS)

_SINGLE = forms_of(SINGLE)
_TRACE_ID, _SPAN_ID, _SAMPLED, _FLAGS = map(forms_of, NAMES)

_TRACE_HEX = re.compile(r"[0-9a-fA-F]{1,32}")
_SPAN_HEX = re.compile(r"[0-9a-fA-F]{1,16}")

_PRIORITIES = {"0": AUTO_REJECT, "1": AUTO_KEEP}
_SINGLE_PRIORITIES = {**_PRIORITIES, "d": USER_KEEP}


def inject_multi(context: Context, headers: MutableMapping[str, str], tags: Tags) -> None:
    """Write the context's place and verdict into several headers; there is none for the tags."""
    trace_hex, span_hex = _hex_ids(context)
    verdict = _verdict(context)
    headers[TRACE_ID] = trace_hex
    headers[SPAN_ID] = span_hex
    if verdict == "d":
        headers[FLAGS] = "1"
    elif verdict:
        headers[SAMPLED] = verdict


def extract_multi(headers: dict[str, Any]) -> Context | None:
    """The context in headers whose names are in lower case; None without a valid trace id."""
    trace_hex = text_of(headers, _TRACE_ID)
    if trace_hex is None:
        return None
    place = _read_ids(trace_hex, text_of(headers, _SPAN_ID) or "0")
    if place is None:
        return None
    if text_of(headers, _FLAGS) == "1":
        priority = USER_KEEP
    else:
        priority = _PRIORITIES.get(text_of(headers, _SAMPLED))
    return Context(*place, sampling_priority=priority)


def inject_single(context: Context, headers: MutableMapping[str, str], tags: Tags) -> None:
    """Write the context's place and verdict into one header, which has no room for the tags."""
    text = "-".join(_hex_ids(context))
    verdict = _verdict(context)
    headers[SINGLE] = f"{text}-{verdict}" if verdict else text


def extract_single(headers: dict[str, Any]) -> Context | None:
    """The context in the header b3, which may be a verdict and nothing else; None where it is neither."""
    text = text_of(headers, _SINGLE)
    if text is None:
        return None
    # The fourth part is the parent of the span, which is the sender's business.
    parts = text.strip().split("-", 3)
    if len(parts) == 1:
        priority = _SINGLE_PRIORITIES.get(parts[0])
        return None if priority is None else Context(sampling_priority=priority)
    place = _read_ids(parts[0], parts[1])
    if place is None:
        return None
    return Context(*place, sampling_priority=_SINGLE_PRIORITIES.get(parts[2]) if len(parts) > 2 else None)


def _hex_ids(context: Context) -> tuple[str, str]:
    trace_id = context.trace_id & (2**128 - 1)
    trace_hex = f"{trace_id:032x}" if trace_id >> 64 else f"{trace_id:016x}"
    return trace_hex, f"{context.span_id & LARGEST_ID:016x}"


def _read_ids(trace_hex: str, span_hex: str) -> tuple[int, int | None] | None:
    trace_hex = trace_hex.strip()
    span_hex = span_hex.strip()
    if _TRACE_HEX.fullmatch(trace_hex) is None or _SPAN_HEX.fullmatch(span_hex) is None:
        return None
    trace_id = int(trace_hex, 16)
    return (trace_id, int(span_hex, 16) or None) if trace_id else None


def _verdict(context: Context) -> str:
    """``0`` to drop, ``1`` to keep, ``d`` to keep at the user's wish; empty while undecided."""
    priority = context.sampling_priority
    if priority is None:
        return ""
    if priority <= AUTO_REJECT:
        return "0"
    return "1" if priority <= AUTO_KEEP else "d"
