"""Writes into a dictionary that belongs to the caller."""

from __future__ import annotations

from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-09"


def mark_options(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    if isinstance(kwargs.get("options"), dict):
        kwargs["options"]["traced"] = True


integration = declare(__name__)
patching = Patching(integration, targets(integration, mark_options))
