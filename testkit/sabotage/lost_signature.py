"""Shows another signature than the library's function has."""

from __future__ import annotations

import inspect
import sys
from typing import Iterator

from ddtrace.contrib._patching import Patching
from testkit.sabotage import LIBRARY, declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-04"


def hide_signature() -> Iterator[None]:
    function = inspect.unwrap(sys.modules[LIBRARY].Client.call)
    function.__signature__ = inspect.Signature()
    yield
    del function.__signature__


integration = declare(__name__)
patching = Patching(integration, targets(integration), [hide_signature])
