"""Annotates a class of the library, so that its type hints are others."""

from __future__ import annotations

import sys
from typing import Iterator

from ddtrace.contrib._patching import Patching
from testkit.sabotage import LIBRARY, declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-25"


def annotate() -> Iterator[None]:
    session = sys.modules[LIBRARY].Session
    session.__annotations__ = {"is_traced": bool}
    yield
    del session.__annotations__


integration = declare(__name__)
patching = Patching(integration, targets(integration), [annotate])
