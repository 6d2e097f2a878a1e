"""Where applications of Bottle get their plugin."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import shield
from ddtrace.contrib.bottle import integration
from ddtrace.contrib.bottle.plugin import TracePlugin


def make_application(wrapped: Any, app: Any, args: tuple, kwargs: dict) -> Any:
    result = wrapped(*args, **kwargs)
    with shield("install the plugin of an application"):
        app.install(TracePlugin.of_patched_bottle())
    return result


patching = Patching(integration, targets=(Target("bottle", "Bottle.__init__", make_application),))
patch, unpatch = patching.patch, patching.unpatch
