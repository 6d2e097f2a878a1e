"""Sets a tag that it may set, to what an agent does not take for its value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import CALL, declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "WORK-10"


def note_events(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    span.set_tag_str("events", "none")


integration = declare(__name__, replace(CALL, optional_tags=("events",)))
patching = Patching(integration, targets(integration, note_events))
