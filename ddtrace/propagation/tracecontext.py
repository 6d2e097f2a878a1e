"""The headers of the W3C: traceparent has the place in the trace, tracestate one member for each vendor.

Ours is ``dd``: ``s`` is the sampling priority, ``o`` the origin, ``t.<key>`` a tag of the trace. The members of the
others are sent on as they came.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, MutableMapping, NamedTuple

from ddtrace.constants import DECISION_MAKER_KEY, LARGEST_ID, ORIGIN_KEY, SAMPLING_PRIORITY_KEY, USER_ID_KEY
from ddtrace.context import Context
from ddtrace.propagation._headers import forms_of, read_priority, text_of
from ddtrace.propagation._tags import NEVER_SENT, PREFIX, Tags, drop_wrong_decision_maker, is_usual

TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"
NAMES = (TRACEPARENT, TRACESTATE)

_TRACEPARENT, _TRACESTATE = map(forms_of, NAMES)

_LENGTH = 55
"""Of a traceparent, version 00; a later version may have more, but begins alike."""

_LOW_128_BITS = 2**128 - 1

_MOST_MEMBERS = 32
_LONGEST_MEMBER = 256
_USUAL_LENGTH = 32

_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?", re.DOTALL)
_NOT_IN_KEY = re.compile(r"[^!-+\--9<>-~]")
_NOT_IN_VALUE = re.compile(r"[^ -+\--:<-}]")
_FIRST_TAGS = {DECISION_MAKER_KEY: 0, USER_ID_KEY: 1}


def inject(context: Context, headers: MutableMapping[str, str], tags: Tags) -> None:
    """Write the context's place, and its verdict and tags before the members of other vendors."""
    priority = context._metrics.get(SAMPLING_PRIORITY_KEY)
    sampled = "01" if priority is not None and priority > 0 else "00"
    try:
        # A third of what formatting costs.
        trace_hex, span_hex = context.trace_id.to_bytes(16).hex(), context.span_id.to_bytes(8).hex()
    except OverflowError:
        trace_hex, span_hex = f"{context.trace_id & _LOW_128_BITS:032x}", f"{context.span_id & LARGEST_ID:016x}"
    origin = context._meta.get(ORIGIN_KEY)
    tracestate = _render_usual(tags[0], priority) if not origin and is_usual(tags) else _render(tags, priority, origin)
    theirs = context._meta.get(TRACESTATE)
    if theirs:
        tracestate = _join(tracestate, _split(theirs)[1])
    headers[TRACEPARENT] = f"00-{trace_hex}-{span_hex}-{sampled}"
    if tracestate:
        headers[TRACESTATE] = tracestate


def extract(headers: dict[str, Any]) -> Context | None:
    """The context in headers whose names are in lower case; None without a valid traceparent."""
    traceparent = text_of(headers, _TRACEPARENT)
    if traceparent is None:
        return None
    match = _PARENT.fullmatch(traceparent.strip())
    if match is None:
        return None
    version, trace_hex, span_hex, flags = match.groups()
    if version == "ff" or (version == "00" and match.end() != _LENGTH):
        return None
    trace_id = int(trace_hex, 16)
    span_id = int(span_hex, 16)
    if not trace_id or not span_id:
        return None
    priority = int(flags, 16) & 1
    meta = {TRACEPARENT: match.string[:_LENGTH]}
    tracestate = text_of(headers, _TRACESTATE)
    tracestate = _usable(tracestate) if tracestate else ""
    if not tracestate:
        return Context(trace_id, span_id, None, priority, meta)
    meta[TRACESTATE] = tracestate
    text = _split(tracestate)[0]
    # Most traces have the same short text, which pays to remember.
    ours = _read_usual(text) if len(text) <= _USUAL_LENGTH else _read_ours(text)
    # A tracer in between that knows the flag only has decided anew where the two disagree.
    if ours.priority is not None and (ours.priority > 0) == (priority == 1):
        priority = ours.priority
    meta.update(ours.tags)
    return Context(trace_id, span_id, ours.origin, priority, meta)


def _usable(tracestate: str) -> str:
    """The tracestate as it came or, where a member cannot be sent on or there are too many, without those."""
    if tracestate.isascii() and tracestate.isprintable() and tracestate.count(",") < _MOST_MEMBERS:
        return tracestate
    members = (member.strip() for member in tracestate.split(","))
    good = [member for member in members if member and member.isascii() and member.isprintable()]
    return ",".join(good[:_MOST_MEMBERS])


def _split(tracestate: str) -> tuple[str, str]:
    """What our member says, and the members of the others."""
    if "dd=" not in tracestate:
        return "", tracestate
    first, _, rest = tracestate.partition(",")
    if first.startswith("dd=") and "dd=" not in rest:
        return first[3:], rest.strip()
    members = [member for member in map(str.strip, tracestate.split(",")) if member]
    ours = [member for member in members if member.startswith("dd=")]
    theirs = [member for member in members if not member.startswith("dd=")]
    return ours[0][3:] if ours else "", ",".join(theirs)


def _join(ours: str, theirs: str) -> str:
    if not ours or not theirs:
        return ours or theirs
    if theirs.count(",") >= _MOST_MEMBERS - 1:
        theirs = ",".join(theirs.split(",", _MOST_MEMBERS)[: _MOST_MEMBERS - 1])
    return f"{ours},{theirs}"


class _Ours(NamedTuple):
    """What our member says."""

    priority: int | None
    origin: str | None
    tags: dict[str, str]


def _read_ours(ours: str) -> _Ours:
    priority = origin = None
    tags = {}
    for field in ours.split(";"):
        key, _, value = field.partition(":")
        if key == "s":
            priority = read_priority(value)
        elif key == "o":
            origin = value.replace("~", "=") or None
        elif key.startswith("t.") and value:
            tag = PREFIX + key[2:]
            # Of what a key may not have, these two only can have come so far.
            if tag not in NEVER_SENT and "=" not in tag and " " not in tag:
                tags[tag] = value.replace("~", "=")
    drop_wrong_decision_maker(tags)
    return _Ours(priority, origin, tags)


_read_usual = lru_cache(maxsize=64)(_read_ours)


@lru_cache(maxsize=64)
def _render_usual(tag: tuple[str, str], priority: float | None) -> str:
    return _render([tag], priority, None)


def _render(tags: Tags, priority: float | None, origin: str | None) -> str:
    """Our member; empty where there is nothing to say. What would make it too long is left out."""
    fields = [] if priority is None else [f"s:{int(priority)}"]
    if origin:
        fields.append(f"o:{_safe(origin)}")
    for key, value in sorted(tags, key=_place):
        # Longer ones cannot fit.
        if len(key) + len(value) <= 2 * _LONGEST_MEMBER:
            fields.append(f"t.{_NOT_IN_KEY.sub('_', key[len(PREFIX):])}:{_safe(value)}")
    if not fields:
        return ""
    member = "dd=" + ";".join(fields)
    return member if len(member) <= _LONGEST_MEMBER else _shortened(fields)


def _place(tag: tuple[str, str]) -> int:
    return _FIRST_TAGS.get(tag[0], len(_FIRST_TAGS))


def _safe(value: str) -> str:
    return _NOT_IN_VALUE.sub("_", value).replace("=", "~")


def _shortened(fields: list[str]) -> str:
    kept = []
    left = _LONGEST_MEMBER - len("dd=")
    for field in fields:
        # Each but the first needs a semicolon.
        needed = len(field) + bool(kept)
        if needed <= left:
            kept.append(field)
            left -= needed
    return "dd=" + ";".join(kept) if kept else ""
