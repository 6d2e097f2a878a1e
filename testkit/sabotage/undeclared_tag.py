"""Sets a tag that its contract does not know."""

from __future__ import annotations

from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "WORK-01"


def tag_more(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    span.set_tag_str("toy.secret", "sauce")


integration = declare(__name__)
patching = Patching(integration, targets(integration, tag_more))
