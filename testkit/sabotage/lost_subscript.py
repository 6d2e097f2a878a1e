"""Puts a function that fails in the place of what makes a class generic."""

from __future__ import annotations

import functools
import sys
from typing import Any, Iterator

from ddtrace.contrib._patching import Patching
from testkit.sabotage import LIBRARY, declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-03"


def make_plain() -> Iterator[None]:
    session = sys.modules[LIBRARY].Session
    original = session.__class_getitem__.__func__

    @functools.wraps(original)
    def refuse(cls: type, parameters: Any) -> Any:
        raise TypeError(f"{cls.__name__} is not subscriptable")

    session.__class_getitem__ = classmethod(refuse)
    yield
    del session.__class_getitem__


integration = declare(__name__)
patching = Patching(integration, targets(integration), [make_plain])
