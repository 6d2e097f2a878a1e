"""The tags that belong to a whole trace and travel with it: those that begin with ``_dd.p.``."""

from __future__ import annotations

from ddtrace.constants import DECISION_MAKER_KEY, HIGH_TRACE_ID_KEY

PREFIX = "_dd.p."
ERROR_KEY = "_dd.propagation_error"

# The first is rendered from the trace id, whatever a context says; the second is a format that is gone.
NEVER_SENT = frozenset((HIGH_TRACE_ID_KEY, "_dd.p.upstream_services"))
_USUAL_LENGTH = 16
_DECISIONS = frozenset(f"-{digit}" for digit in range(10))


Tags = list[tuple[str, str]]


def travelling(meta: dict[str, str]) -> Tags:
    """Those of a trace's tags that are sent on."""
    # What most traces have, and nothing else.
    if len(meta) == 1 and DECISION_MAKER_KEY in meta:
        return [(DECISION_MAKER_KEY, meta[DECISION_MAKER_KEY])]
    # A copy first: another thread may add a tag meanwhile.
    return [pair for pair in list(meta.items()) if pair[0].startswith(PREFIX) and pair[0] not in NEVER_SENT]


def drop_wrong_decision_maker(meta: dict[str, str]) -> None:
    """Remove a decision maker that is none, and say so in the trace's tags."""
    if meta.get(DECISION_MAKER_KEY, "-0") not in _DECISIONS:
        del meta[DECISION_MAKER_KEY]
        meta[ERROR_KEY] = "decoding_error"


def is_usual(tags: Tags) -> bool:
    """Whether they are what most traces have, one short tag, so that it pays to remember how they are written."""
    return len(tags) == 1 and type(tags[0][1]) is str and len(tags[0][1]) <= _USUAL_LENGTH
