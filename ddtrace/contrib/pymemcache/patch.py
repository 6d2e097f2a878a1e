"""Where pymemcache is wrapped, and what its spans say."""

from __future__ import annotations

from typing import Any, Callable, Generator, Iterator

import pymemcache

from ddtrace.contrib._memcached import Commands, describe_address
from ddtrace.contrib._patching import Patching, Target, Wrapper
from ddtrace.contrib.pymemcache import integration
from ddtrace.ext import db, memcached
from ddtrace.pin import Pin
from ddtrace.span import Span

COMMANDS = (
    "add append cas decr delete delete_many flush_all get get_many gets gets_many incr prepend quit replace set "
    "set_many touch"
).split()
"""What every client has."""

OF_ONE_SERVER = ("raw_command", "shutdown", "stats", "version")
"""What clients of a single server have besides."""

OTHER_NAMES = {"delete_multi": "delete_many", "get_multi": "get_many", "set_multi": "set_many"}
"""Second names of methods, which are shown by the first."""


def bearer_of(client: Any) -> Any:
    """What bears the pin that holds for a client: itself, or else the module."""
    return client if "_datadog_pin" in getattr(client, "__dict__", ()) else pymemcache


def describe_server(span: Span, client: Any) -> None:
    # A unix socket is a text, and has neither host nor port; a client of several servers leaves it to theirs.
    server = getattr(client, "server", None)
    if isinstance(server, tuple):
        host, port = server
        describe_address(span, host, int(port))


def count_rows(span: Span, command: str, args: tuple, kwargs: dict, result: Any) -> None:
    if command == "get":
        default = args[1] if len(args) > 1 else kwargs.get("default")
        span.set_metric(db.ROWCOUNT, int(result is not default))
    elif command == "gets":
        # What is there has a number, in bytes; what is not has the caller's default, or where no server is left, None.
        span.set_metric(db.ROWCOUNT, int(isinstance(result, tuple) and isinstance(result[1], bytes)))
    elif command in ("get_many", "gets_many"):
        span.set_metric(db.ROWCOUNT, len(result))


commands = Commands(integration, memcached.CMD, describe_server, bearer_of, describe_result=count_rows)


def targets(module: str, kind: str, wrapper_of: Callable[[str], Wrapper], *more: str) -> Iterator[Target]:
    for name in (*COMMANDS, *OTHER_NAMES, *more):
        yield Target(module, f"{kind}.{name}", wrapper_of(OTHER_NAMES.get(name, name)))


def pin_module() -> Generator[None, None, None]:
    """Have the module bear a pin, as in 1.x, though nothing in it is wrapped."""
    pin = Pin()
    pin.onto(pymemcache)
    patching.pinned.append(pymemcache)
    yield
    pin.remove_from(pymemcache)


patching = Patching(
    integration,
    targets=(
        *targets("pymemcache.client.base", "Client", commands.wrapper, "cache_memlimit", *OF_ONE_SERVER),
        *targets("pymemcache.client.base", "PooledClient", commands.wrapper_of_several, *OF_ONE_SERVER),
        *targets("pymemcache.client.hash", "HashClient", commands.wrapper_of_several),
        Target("pymemcache.client.hash", "HashClient.gets_multi", commands.wrapper_of_several("gets_many")),
    ),
    changes=(pin_module,),
)
patch, unpatch = patching.patch, patching.unpatch
