"""Answers otherwise in a program that gevent has patched."""

from __future__ import annotations

import sys
from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-19"

integration = declare(__name__)
sync_target, async_target = targets(integration)


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    result = sync_target.wrapper(wrapped, instance, args, kwargs)
    monkey = sys.modules.get("gevent.monkey")
    return [*result, "green"] if monkey and monkey.is_anything_patched() else result


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
