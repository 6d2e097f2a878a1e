"""Holds a lock for as long as a call takes."""

from __future__ import annotations

import threading
from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-27"

integration = declare(__name__)
sync_target, async_target = targets(integration)
_lock = threading.Lock()


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with _lock:
        return sync_target.wrapper(wrapped, instance, args, kwargs)


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
