"""A client that is traced whether pylibmc is patched or not."""

from __future__ import annotations

from typing import Any, Callable, Iterable

import pylibmc

from ddtrace.contrib.pylibmc.patch import patching
from ddtrace.pin import Pin
from ddtrace.tracer import Tracer


class TracedClient(pylibmc.Client):
    """A client whose commands have spans, whether ``patch(pylibmc=True)`` is called or not.

    ``client`` is a client, whose servers and settings it then has, with connections of its own; or else the servers,
    and further arguments are those of ``pylibmc.Client``. ``service`` and ``tracer`` hold for its spans.
    """

    def __new__(cls, client: pylibmc.Client | Iterable[Any], *args: Any, **kwargs: Any) -> TracedClient:
        if not isinstance(client, pylibmc.Client):
            return super().__new__(cls)
        # What it is connected to, and how, is known to the library in C alone.
        traced = pylibmc.Client.clone(client)
        traced.__class__ = cls
        return traced

    def __init__(
        self,
        client: pylibmc.Client | Iterable[Any],
        service: str | None = None,
        tracer: Tracer | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if not isinstance(client, pylibmc.Client):
            super().__init__(client, *args, **kwargs)
        if service is not None or tracer is not None:
            Pin.override(self, service=service, tracer=tracer)


def _traced(name: str, wrapper: Callable[..., Any]) -> Callable[..., Any]:
    inherited = getattr(pylibmc.Client, name)

    def method(self: TracedClient, *args: Any, **kwargs: Any) -> Any:
        function = getattr(super(TracedClient, self), name)
        return function(*args, **kwargs) if patching.is_tracing else wrapper(function, self, args, kwargs)

    method.__name__, method.__doc__ = name, inherited.__doc__
    method.__qualname__ = f"{TracedClient.__qualname__}.{name}"
    return method


for _target in patching.targets:
    _name = _target.path.rpartition(".")[2]
    setattr(TracedClient, _name, _traced(_name, _target.wrapper))

Pin().onto(TracedClient)
