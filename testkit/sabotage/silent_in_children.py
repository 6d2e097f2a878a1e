"""Traces in the process that has used the library first, and in no child of it."""

from __future__ import annotations

import os
from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "AXIS-02"

integration = declare(__name__)
sync_target, async_target = targets(integration)
_used_by: dict[str, int] = {}


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    if os.getpid() != _used_by.setdefault("first", os.getpid()):
        return wrapped(*args, **kwargs)
    return sync_target.wrapper(wrapped, instance, args, kwargs)


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
