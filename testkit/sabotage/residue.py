"""Leaves a mark on the library which unpatching does not take away."""

from __future__ import annotations

import sys
from typing import Iterator

from ddtrace.contrib._patching import Patching
from testkit.sabotage import LIBRARY, declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-14"


def mark() -> Iterator[None]:
    sys.modules[LIBRARY].is_marked = True
    yield


integration = declare(__name__)
patching = Patching(integration, targets(integration), [mark])
