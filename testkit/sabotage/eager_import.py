"""Imports the library itself, whether the application does or not."""

from __future__ import annotations

import testkit.toy.library  # noqa: F401 (this is the sabotage)
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-15"

integration = declare(__name__)
patching = Patching(integration, targets(integration))
