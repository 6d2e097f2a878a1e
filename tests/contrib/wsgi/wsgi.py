"""The middleware on trial: an integration, of these tests only, that puts it around whatever wsgiref serves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ddtrace import Pin
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib.wsgi import DDWSGIMiddleware
from ddtrace.contrib.wsgi import integration as by_hand

integration = replace(
    by_hand,
    package=__name__,
    patch_module=__name__,
    modules=("wsgiref",),
    switched_off=(("INV-09", "wsgiref is handed the middleware in the place of the application, as by a user"),),
)


class PinnedByHandler(DDWSGIMiddleware):
    """A middleware with the pin of the handler that serves it, for as long as wsgiref is patched."""

    def __init__(self, application: Any, handler: Any) -> None:
        super().__init__(application)
        vars(self).pop("_datadog_pin", None)
        self.handler = handler

    def __getddpin__(self) -> Pin | None:
        return getattr(self.handler, "_datadog_pin", None)


def run(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    if args and callable(args[0]):
        args = (PinnedByHandler(args[0], instance), *args[1:])
    return wrapped(*args, **kwargs)


def pass_through(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    """What an application calls: failures of it pass through the middleware, too."""
    return wrapped(*args, **kwargs)


patching = Patching(
    integration,
    targets=(
        Target("wsgiref.handlers", "BaseHandler.run", run),
        Target("wsgiref.handlers", "BaseHandler.start_response", pass_through),
        Target("wsgiref.handlers", "BaseHandler.write", pass_through),
    ),
)
