"""Keeps a function on a session, which then can be neither pickled nor copied deeply."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import open_targets, targets

CAUGHT_BY = "INV-22"

integration = declare(__name__)
open_target, _ = open_targets(integration)


def open_marked(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    session = open_target.wrapper(wrapped, instance, args, kwargs)
    session._opened_by = lambda: instance
    return session


patching = Patching(integration, [*targets(integration), open_target._replace(wrapper=open_marked)])
