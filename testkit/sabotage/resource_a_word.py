"""Makes a resource of each word that it is given."""

from __future__ import annotations

from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "WORK-08"


def name_by_word(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    span.resource = " ".join(map(str, args))


integration = declare(__name__)
patching = Patching(integration, targets(integration, name_by_word))
