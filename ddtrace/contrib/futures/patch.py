"""Where a thread pool takes work."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._handover import handed_over, runs_in_threads
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import shield
from ddtrace.contrib.futures import integration
from ddtrace.pin import Pin


def submit(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    # The function can only be the first positional argument; without one the call raises its own TypeError.
    if args:
        with shield("hand over what is active to a thread pool"):
            pin = Pin.lookup(instance)
            if pin is not None and runs_in_threads(instance):
                args = (handed_over(pin.tracer, args[0]), *args[1:])
    return wrapped(*args, **kwargs)


patching = Patching(
    integration,
    targets=(Target("concurrent.futures.thread", "ThreadPoolExecutor.submit", submit),),
)
patch, unpatch = patching.patch, patching.unpatch
