"""Does not record the error of a failing call."""

from __future__ import annotations

from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "WORK-03"


def ignore_errors(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    span._ignore_exception(Exception)


integration = declare(__name__)
patching = Patching(integration, targets(integration, ignore_errors))
