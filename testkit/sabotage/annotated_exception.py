"""Adds a note to the library's exception."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare, pin_of
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-11"

integration = declare(__name__)
sync_target, async_target = targets(integration)


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    try:
        return sync_target.wrapper(wrapped, instance, args, kwargs)
    except Exception as error:
        if pin_of(instance).enabled():
            error.add_note("while it was traced")
        raise


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
