"""Keeps its own service, whatever the user sets."""

from __future__ import annotations

from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "WORK-05"


def name_service(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    span.service = integration.service


integration = declare(__name__)
patching = Patching(integration, targets(integration, name_service))
