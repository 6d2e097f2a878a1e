"""What of the pylibmc integration the common checks do not prove."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pylibmc
import pytest

from ddtrace import Pin, Span
from ddtrace.contrib.pylibmc import TracedClient, get_version, integration
from ddtrace.contrib.pylibmc.patch import describe_only_server
from testkit import DummyTracer, traced
from tests.contrib.memcached_clients import *  # noqa: F401, F403 (the tests of all clients of memcached)
from tests.contrib.memcached_clients import Library


@pytest.fixture
def library(memcached_url: str) -> Library:
    """pylibmc and its server."""
    return Library(integration, lambda address: pylibmc.Client([address]), "memcached.cmd", memcached_url)


@pytest.fixture(params=["patched", "not patched"])
def anyway(request: pytest.FixtureRequest) -> Iterator[None]:
    """pylibmc is patched, with a tracer for all clients, or is not."""
    if request.param == "not patched":
        yield
    else:
        with traced(integration):
            yield


def test_a_pin_of_a_client_holds_for_its_clones(tracer: DummyTracer, client: pylibmc.Client) -> None:
    """Pools are filled with clones, which have pins of their own from then on."""
    Pin.override(client, service="colours")
    with pylibmc.ClientPool(client, 1).reserve() as clone:
        clone.get("colour")
        Pin.override(clone, service="hues")
        clone.get("hue")
        client.get("colour")
        clone.disconnect_all()
    assert [span.service for span in tracer.spans] == ["colours", "hues", "colours"]


@pytest.mark.parametrize(
    ("servers", "shown"),
    [
        (["127.0.0.1:9"], ("127.0.0.1", 9)),
        (["127.0.0.1:9:5"], ("127.0.0.1", 9)),
        (["127.0.0.1"], ("127.0.0.1", 11211)),
        (["[::1]:9"], ("::1", 9)),
        ([(1, "127.0.0.1", 9)], ("127.0.0.1", 9)),
        (["/run/memcached.sock"], (None, None)),
        (["127.0.0.1:9", "127.0.0.1:10"], (None, None)),
    ],
)
def test_the_only_server_is_shown(servers: list[Any], shown: tuple[Any, Any]) -> None:
    """In whichever way it is given; a unix socket has neither host nor port, and one of several is not known."""
    span = Span("memcached.cmd")
    describe_only_server(span, pylibmc.Client(servers))
    assert (span.get_tag("out.host"), span.get_metric("network.destination.port")) == shown


@pytest.mark.parametrize(
    ("command", "arguments", "shown"),
    [
        ("get_multi", (["a", "b"], "p:"), "get_multi p:a p:b"),
        ("delete_multi", (["a"], "p:"), "delete_multi p:a"),
        ("incr_multi", ([], "p:", 2), "incr_multi"),
        ("set_multi", ({"a": 1}, 60, "p:"), "set_multi p:a"),
        ("add_multi", ({"a": 1}, 60, "p:"), "add_multi p:a"),
        ("add_multi", ({"a": 1}, 60), "add_multi a"),
    ],
)
def test_keys_are_shown_with_their_prefix(
    tracer: DummyTracer, client: pylibmc.Client, command: str, arguments: tuple[Any, ...], shown: str
) -> None:
    """Also where that is given by position."""
    getattr(client, command)(*arguments)
    assert tracer.spans.find("memcached.cmd").get_tag("memcached.query") == shown


def test_traced_client_has_one_span_a_command(library: Library, anyway: None) -> None:
    """Whether pylibmc is patched or not; a clone is traced like it."""
    tracer = DummyTracer()
    client = TracedClient([library.address], service="colours", tracer=tracer)
    assert client.set("colour", "blue")
    clone = client.clone()
    assert clone.get_multi(["colour"]) == {"colour": "blue"}
    assert [(span.service, span.resource) for span in tracer.spans] == [("colours", "set"), ("colours", "get_multi")]
    client.disconnect_all()
    clone.disconnect_all()


def test_traced_client_of_a_client_is_set_like_it(library: Library, anyway: None) -> None:
    """It has its servers, and what they are to do."""
    tracer = DummyTracer()
    with_versions = pylibmc.Client([library.address], behaviors={"cas": True}, binary=True)
    client = TracedClient(with_versions, tracer=tracer)
    assert (client.addresses, client.binary) == ([library.address], True)
    assert client.gets(b"colour") == (None, None)
    assert isinstance(client, TracedClient)
    assert [(span.service, span.resource) for span in tracer.spans] == [("memcached", "gets")]
    client.disconnect_all()


def test_the_library_tells_its_version() -> None:
    """``get_version`` is the library's own."""
    assert get_version() == pylibmc.__version__
