"""Tells the end of a session's block nothing of the error that ended it."""

from __future__ import annotations

import functools
import sys
from typing import Any, Iterator

from ddtrace.contrib._patching import Patching
from testkit.sabotage import LIBRARY, declare
from testkit.sabotage.correct import open_targets, targets

CAUGHT_BY = "INV-06"


def deafen() -> Iterator[None]:
    session = sys.modules[LIBRARY].Session
    original = vars(session)["__exit__"]

    @functools.wraps(original)
    def leave(self: Any, kind: Any, error: Any, traceback: Any) -> Any:
        return original(self, None, None, None)

    session.__exit__ = leave
    yield
    session.__exit__ = original


integration = declare(__name__)
patching = Patching(integration, [*targets(integration), *open_targets(integration)], [deafen])
