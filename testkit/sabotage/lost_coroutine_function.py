"""Makes a plain function, which returns a coroutine, of a coroutine function."""

from __future__ import annotations

import functools
import sys
from typing import Any, Iterator

from ddtrace.contrib._patching import Patching
from testkit.sabotage import LIBRARY, declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-05"


def make_plain() -> Iterator[None]:
    owner = sys.modules[LIBRARY].AsyncClient
    coroutine_function = owner.call

    @functools.wraps(coroutine_function)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return coroutine_function.__get__(self, owner)(*args, **kwargs)

    call._self_integration = integration.name
    wrapper = vars(owner)["call"]
    owner.call = call
    yield
    owner.call = wrapper


integration = declare(__name__)
patching = Patching(integration, targets(integration), [make_plain])
