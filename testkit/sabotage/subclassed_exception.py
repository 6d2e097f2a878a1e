"""Puts a subclass in the place of a class, under the same name."""

from __future__ import annotations

import sys
from typing import Iterator

from ddtrace.contrib._patching import Patching
from testkit.sabotage import LIBRARY, declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-01"


def subclass() -> Iterator[None]:
    library = sys.modules[LIBRARY]
    original = library.Failure
    library.Failure = type("Failure", (original,), {"__module__": LIBRARY})
    yield
    library.Failure = original


integration = declare(__name__)
patching = Patching(integration, targets(integration), [subclass])
