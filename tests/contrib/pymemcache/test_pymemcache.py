"""What of the pymemcache integration the common checks do not prove."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any

import pymemcache
import pytest
from pymemcache.client.hash import HashClient

from ddtrace import Pin
from ddtrace.contrib.pymemcache import get_version, integration
from testkit import DummyTracer
from tests.contrib.memcached_clients import *  # noqa: F401, F403 (the tests of all clients of memcached)
from tests.contrib.memcached_clients import Library

NOBODY = ("127.0.0.1", 9)


@pytest.fixture
def library(memcached_url: str) -> Library:
    """pymemcache and its server."""
    return Library(integration, pymemcache.Client, "memcached.command", memcached_url)


@pytest.fixture(params=[pymemcache.PooledClient, HashClient])
def client_of_clients(request: pytest.FixtureRequest, tracer: DummyTracer, library: Library) -> Iterator[Any]:
    """A client that has others ask the server."""
    is_hash = request.param is HashClient
    client = request.param([library.address] if is_hash else library.address, default_noreply=False)
    yield client
    client.close()


def test_a_pin_of_the_module_holds_for_all_clients(
    tracer: DummyTracer, client: pymemcache.Client, client_of_clients: Any
) -> None:
    """As in 1.x, but for those that have a pin of their own."""
    Pin.override(pymemcache, service="paint")
    client.get("colour")
    client_of_clients.get("colour")
    Pin.override(client, service="colours")
    client.get("colour")
    assert [span.service for span in tracer.spans] == ["paint", "paint", "colours"]


def test_a_pin_of_a_client_holds_for_the_clients_it_asks(tracer: DummyTracer, client_of_clients: Any) -> None:
    """Also for those that it had before."""
    client_of_clients.get("colour")
    Pin.override(client_of_clients, service="colours")
    client_of_clients.get("colour")
    assert [span.service for span in tracer.spans] == ["memcached", "colours"]


ARGUMENTS = {
    **dict.fromkeys(("get", "gets", "delete", "touch"), ("colour",)),
    **dict.fromkeys(("set", "add", "append", "prepend", "replace"), ("colour", "blue")),
    **dict.fromkeys(("incr", "decr"), ("colour", 1)),
    **dict.fromkeys(("get_many", "get_multi", "gets_many", "delete_many", "delete_multi"), (["colour"],)),
    **dict.fromkeys(("set_many", "set_multi"), ({"colour": "blue"},)),
    **dict.fromkeys(("flush_all", "quit"), ()),
    "cas": ("colour", "blue", 1),
}
ONLY_OF = {
    pymemcache.PooledClient: {"version": (), "stats": (), "shutdown": (), "raw_command": ("mn",)},
    HashClient: {"gets_multi": (["colour"],)},
}


@pytest.mark.parametrize(
    ("kind", "command"), [(kind, command) for kind, more in ONLY_OF.items() for command in (*ARGUMENTS, *more)]
)
def test_each_command_has_one_span_of_the_client_that_is_called(
    tracer: DummyTracer, library: Library, kind: Any, command: str
) -> None:
    """Those of the clients which it asks are no spans beside it."""
    client = kind([library.address] if kind is HashClient else library.address, default_noreply=False)
    Pin.override(client, service="colours")
    with closing(client), suppress(pymemcache.MemcacheClientError):
        getattr(client, command)(*(ARGUMENTS | ONLY_OF[kind])[command])
    spans = [(span.service, span.resource) for span in tracer.spans]
    assert spans == [("colours", command.replace("multi", "many"))]


@pytest.mark.parametrize("kind", [pymemcache.Client, pymemcache.PooledClient])
def test_a_server_is_shut_down_once(tracer: DummyTracer, kind: Any) -> None:
    """It answers by hanging up, and the call with nothing."""
    received = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        server.settimeout(30)

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as lines:
                received.append(lines.readline())

        with ThreadPoolExecutor() as pool, closing(kind(server.getsockname(), timeout=30)) as client:
            serving = pool.submit(serve)
            assert client.shutdown(graceful=True) is None
            serving.result()
    assert received == [b"shutdown graceful\r\n"]
    assert [span.resource for span in tracer.spans] == ["shutdown"]


def test_a_client_that_is_not_traced_has_no_traced_clients(tracer: DummyTracer, client_of_clients: Any) -> None:
    """Where its tracer is disabled, those which it asks are silent, too."""
    disabled = DummyTracer()
    disabled.enabled = False
    Pin.override(client_of_clients, tracer=disabled)
    client_of_clients.set("colour", "blue")
    assert client_of_clients.get("colour") == b"blue"
    assert (list(tracer.spans), list(disabled.spans)) == ([], [])


def test_a_failed_call_does_not_silence_other_clients(
    tracer: DummyTracer, client: pymemcache.Client, client_of_clients: Any
) -> None:
    """What comes after it has spans of its own."""
    with pytest.raises(pymemcache.MemcacheIllegalInputError):
        client_of_clients.get("two words")
    client.get("colour")
    assert [(span.get_tag("memcached.query"), span.error) for span in tracer.spans] == [
        ("get two words", 1),
        ("get colour", 0),
    ]


@pytest.mark.parametrize("command", ["delete_many", "get_many", "gets_many", "set_many"])
def test_a_call_on_several_servers_has_one_span(tracer: DummyTracer, library: Library, command: str) -> None:
    """Host and port are those of the last one that was asked."""
    port = library.address.partition(":")[2]
    client = HashClient([f"127.0.0.1:{port}", f"localhost:{port}"], default_noreply=False)
    keys = [f"key{number}" for number in range(50)]
    hosts = [client._get_client(key).server[0] for key in keys]
    asked = hosts if command == "delete_many" else list(dict.fromkeys(hosts))
    assert len(set(asked)) == 2
    getattr(client, command)(dict.fromkeys(keys, "x") if command == "set_many" else keys)
    client.close()
    assert [(span.resource, span.get_tag("out.host")) for span in tracer.spans] == [(command, asked[-1])]


@pytest.mark.parametrize("kind", [pymemcache.PooledClient, HashClient])
def test_failures_that_are_ignored_are_on_the_span(tracer: DummyTracer, kind: Any) -> None:
    """A server that is gone is told from a key that is missing."""
    client = kind([NOBODY] if kind is HashClient else NOBODY, ignore_exc=True)
    assert client.get("colour", "red") == "red"
    span = tracer.spans.find("memcached.command")
    assert (span.error, span.get_tag("error.type")) == (1, "builtins.ConnectionRefusedError")
    assert (span.get_tag("out.host"), span.get_metric("network.destination.port")) == NOBODY
    assert span.get_metric("db.row_count") == 0


def test_a_unix_socket_has_no_host(tracer: DummyTracer, tmp_path: Any) -> None:
    """Nor a port."""
    with pytest.raises(FileNotFoundError):
        pymemcache.Client(str(tmp_path / "memcached.sock")).get("colour")
    span = tracer.spans.find("memcached.command")
    assert (span.get_tag("out.host"), span.get_metric("network.destination.port")) == (None, None)


@pytest.mark.parametrize(
    ("command", "arguments", "rows"),
    [
        ("get", ("text",), 1),
        ("get", ("empty",), 1),
        ("get", ("nothing",), 0),
        ("get", ("nothing", "red"), 0),
        ("get", ("text", b"blue"), 1),
        ("gets", ("text",), 1),
        ("gets", ("nothing",), 0),
        ("get_many", (["text", "nothing", "empty"],), 2),
        ("get_multi", (["nothing"],), 0),
        ("gets_many", (["text"],), 1),
        ("add", ("text", "red"), None),
        ("delete", ("text",), None),
    ],
)
def test_rows_are_counted(
    tracer: DummyTracer, client: pymemcache.Client, command: str, arguments: tuple[Any, ...], rows: int | None
) -> None:
    """A command that reads says how much was there; one that writes does not."""
    client.set_many({"text": "blue", "empty": ""})
    getattr(client, command)(*arguments)
    assert tracer.spans[-1].get_metric("db.row_count") == rows


def test_no_row_where_the_default_is_given_by_name(tracer: DummyTracer, client: pymemcache.Client) -> None:
    """What comes back is the very default."""
    assert client.get("nothing", default="red") == "red"
    assert tracer.spans[-1].get_metric("db.row_count") == 0


def test_no_row_where_no_server_is_left(tracer: DummyTracer) -> None:
    """Then ``gets`` has nothing to give, not so much as a pair."""
    assert HashClient([], ignore_exc=True).gets("colour") is None
    assert tracer.spans.find("memcached.command").get_metric("db.row_count") == 0


@pytest.mark.parametrize("name", ["set_multi", "get_multi", "delete_multi", "gets_multi"])
def test_second_names_are_shown_by_the_first(tracer: DummyTracer, library: Library, name: str) -> None:
    """As in 1.x, one method has one resource."""
    client = HashClient([library.address])
    getattr(client, name)({"colour": "blue"} if name == "set_multi" else ["colour"])
    client.close()
    assert tracer.spans.find("memcached.command").resource == name.replace("multi", "many")


def test_calls_of_the_application_within_a_call_are_not_lost(tracer: DummyTracer, library: Library) -> None:
    """A serializer that asks another client has a span for that."""

    class Serializer:
        def serialize(self, key: Any, value: Any) -> tuple[bytes, int]:
            with library.connected() as other:
                return other.get("cipher", b"none"), 0

    with closing(pymemcache.Client(library.address, serde=Serializer())) as client:
        client.set("colour", "blue")
    assert sorted(span.resource for span in tracer.spans) == ["get", "set"]


def test_the_library_tells_its_version() -> None:
    """``get_version`` is the library's own."""
    assert get_version() == pymemcache.__version__
