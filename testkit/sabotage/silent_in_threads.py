"""Traces in the thread that loaded it, and in no other."""

from __future__ import annotations

import threading
from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "AXIS-01"

integration = declare(__name__)
sync_target, async_target = targets(integration)
_local = threading.local()
_local.is_traced = True


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    if not hasattr(_local, "is_traced"):
        return wrapped(*args, **kwargs)
    return sync_target.wrapper(wrapped, instance, args, kwargs)


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
