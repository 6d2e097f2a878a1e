"""Where pylibmc is wrapped, and what its spans say."""

from __future__ import annotations

from typing import Any

from pylibmc.client import server_type_map, translate_server_specs

from ddtrace.contrib._memcached import Commands, describe_address
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import shield
from ddtrace.contrib.pylibmc import integration
from ddtrace.pin import Pin
from ddtrace.span import Span

COMMANDS = (
    "add add_multi append cas decr delete flush_all get get_multi get_stats gets incr incr_multi prepend replace set "
    "set_multi touch"
).split()

PLACES_OF_PREFIX = {"add_multi": 2, "delete_multi": 1, "get_multi": 1, "incr_multi": 1, "set_multi": 2}
"""The position of the argument ``key_prefix``."""

DEFAULT_PORT = 11211


def hand_down_pin(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    """A client is traced under the pin of the one that it is cloned from; pools are full of clones."""
    clone = wrapped(*args, **kwargs)
    with shield("hand a client's pin down to its clone"):
        pin = vars(instance).get("_datadog_pin")
        if isinstance(pin, Pin):
            pin.clone().onto(clone)
    return clone


def prefix_of(command: str, args: tuple, kwargs: dict) -> Any:
    place = PLACES_OF_PREFIX.get(command, len(args))
    return args[place] if place < len(args) else kwargs.get("key_prefix")


def describe_only_server(span: Span, client: Any) -> None:
    """Say where a client's only server is; one behind a unix socket has neither host nor port."""
    if len(client.addresses) == 1:
        kind, host, *port = translate_server_specs(client.addresses)[0]
        if kind != server_type_map["unix"]:
            describe_address(span, host, port[0] if port else DEFAULT_PORT)


commands = Commands(integration, "memcached.cmd", describe_only_server, prefix_of=prefix_of)

patching = Patching(
    integration,
    targets=(
        *(Target("pylibmc.client", f"Client.{command}", commands.wrapper(command)) for command in COMMANDS),
        Target("pylibmc.client", "Client.delete_multi", commands.wrapper_of_several("delete_multi")),
        Target("pylibmc.client", "Client.clone", hand_down_pin),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
