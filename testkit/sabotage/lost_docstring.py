"""Puts a function without a docstring in the place of one that has it."""

from __future__ import annotations

import functools
import sys
from typing import Any, Iterator

from ddtrace.contrib._patching import Patching
from testkit.sabotage import LIBRARY, declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-23"


def silence() -> Iterator[None]:
    client = sys.modules[LIBRARY].Client
    original = vars(client)["open"]

    @functools.wraps(original)
    def open(self: Any, name: str) -> Any:
        return original(self, name)

    open.__doc__ = None
    client.open = open
    yield
    client.open = original


integration = declare(__name__)
patching = Patching(integration, targets(integration), [silence])
