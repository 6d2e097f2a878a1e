"""Names its resources by a number that grows, so that no two runs are alike."""

from __future__ import annotations

import itertools
from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "WORK-02"

numbers = itertools.count()


def number(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    span.resource = f"call {next(numbers)}"


integration = declare(__name__)
patching = Patching(integration, targets(integration, number))
