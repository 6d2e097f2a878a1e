"""Tells who calls, and the password with it."""

from __future__ import annotations

from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "WORK-09"


def tell_caller(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    span.set_tag_str("toy.command", f"{args[0]} by {getattr(instance, 'password', '')}")


integration = declare(__name__)
patching = Patching(integration, targets(integration, tell_caller))
