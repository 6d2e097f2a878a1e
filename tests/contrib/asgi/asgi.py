"""The middleware on trial: an integration, of these tests only, that puts it around whatever their server serves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ddtrace import Pin
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib.asgi import TraceMiddleware
from ddtrace.contrib.asgi import integration as by_hand

integration = replace(
    by_hand,
    package=__name__,
    patch_module=__name__,
    modules=("tests.contrib.asgi.server",),
    spans=by_hand.spans[:1],
)


class PinnedByConnection(TraceMiddleware):
    """A middleware with the pin of the connection that it serves, for as long as the server is patched."""

    def __init__(self, app: Any, connection: Any) -> None:
        super().__init__(app)
        vars(self).pop("_datadog_pin", None)
        self.connection = connection

    def __getddpin__(self) -> Pin | None:
        return getattr(self.connection, "_datadog_pin", None)


async def run(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    if args and callable(args[0]):
        args = (PinnedByConnection(args[0], instance), *args[1:])
    return await wrapped(*args, **kwargs)


async def pass_through(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    """What an application calls: failures of it pass through the middleware, too."""
    return await wrapped(*args, **kwargs)


patching = Patching(
    integration,
    targets=(
        Target("tests.contrib.asgi.server", "Connection.run", run, (("app", 0),)),
        Target("tests.contrib.asgi.server", "Connection.receive", pass_through),
        Target("tests.contrib.asgi.server", "Connection.send", pass_through),
    ),
)
