"""Tells who calls in the way of an Authorization header, the password with it."""

from __future__ import annotations

import base64
from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "WORK-09"


def tell_caller(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    # In plain text, its snapshot could not even be stored.
    credentials = base64.b64encode(f"user:{getattr(instance, 'password', '')}".encode()).decode()
    span.set_tag_str("toy.command", f"{args[0]} by {credentials}")


integration = declare(__name__)
patching = Patching(integration, targets(integration, tell_caller))
