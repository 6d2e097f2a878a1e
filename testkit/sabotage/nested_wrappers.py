"""Wraps what another instance of its patching has wrapped already."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-13"


class CarelessPatching(Patching):
    """Does not look whether a function is wrapped."""

    def _is_wrapped(self, function: Any) -> bool:
        return False


integration = declare(__name__)
patching = CarelessPatching(integration, targets(integration))
