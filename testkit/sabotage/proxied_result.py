"""Returns a session of a class of its own, which does all that the library's does."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import open_targets, targets

CAUGHT_BY = "INV-02"

integration = declare(__name__)
open_target, _ = open_targets(integration)


def open_traced(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    session = open_target.wrapper(wrapped, instance, args, kwargs)
    # Known to this module, so that it can be pickled.
    globals().setdefault("TracedSession", type("TracedSession", (type(session),), {"__module__": __name__}))
    session.__class__ = globals()["TracedSession"]
    return session


patching = Patching(integration, [*targets(integration), open_target._replace(wrapper=open_traced)])
