"""What of every integration of a memcached client the common checks do not prove.

Each integration's tests take these in, and say with the fixture ``library`` which library they are for.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Iterator
from urllib.parse import urlsplit

import pytest

from ddtrace import Pin, config
from ddtrace.contrib._integration import Integration
from testkit import DummyTracer, run_python, traced


@dataclass(frozen=True)
class Library:
    """One library: how a client of the server at an address is made, and what its spans are called."""

    integration: Integration
    client: Callable[[str], Any]
    span: str
    url: str

    @property
    def address(self) -> str:
        """Where the server is, as ``host:port``."""
        return urlsplit(self.url).netloc

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """A new client, which has no connection any more after the block."""
        client = self.client(self.address)
        try:
            yield client
        finally:
            client.disconnect_all()


@pytest.fixture
def tracer(library: Library) -> Iterator[DummyTracer]:
    """The tracer of all clients."""
    with traced(library.integration) as tracer:
        yield tracer


@pytest.fixture
def client(tracer: DummyTracer, library: Library) -> Iterator[Any]:
    """A traced client of an empty server."""
    with library.connected() as client:
        yield client


def test_spans_are_children_of_the_current_span(tracer: DummyTracer, client: Any, library: Library) -> None:
    """A command within an application's span belongs to that span's trace."""
    with tracer.trace("work") as work:
        client.get("colour")
    assert tracer.spans.find(library.span).parent_id == work.span_id


def test_a_pin_of_a_client_holds_for_no_other(tracer: DummyTracer, client: Any, library: Library) -> None:
    """Service and tags set on one client are on its spans only."""
    Pin.override(client, service="colours", tags={"shard": "left"})
    client.get("colour")
    with library.connected() as other:
        other.get("colour")
    seen = [(span.service, span.get_tag("shard")) for span in tracer.spans]
    assert seen == [("colours", "left"), ("memcached", None)]


def test_service_is_read_from_the_environment(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is that of 1.x."""
    name = library.integration.settings_name
    monkeypatch.setenv(f"DD_{name.upper()}_SERVICE", "colours")
    try:
        assert config.reread(name).service == "colours"
    finally:
        monkeypatch.undo()
        config.reread(name)


def test_command_key_and_server_are_shown(tracer: DummyTracer, client: Any, library: Library) -> None:
    """The value is not."""
    client.set("colour", "pa55word")
    span = tracer.spans.find(library.span)
    assert (span.resource, span.get_tag("memcached.query")) == ("set", "set colour")
    host, port = library.address.split(":")
    assert (span.get_tag("out.host"), span.get_metric("network.destination.port")) == (host, int(port))
    assert "pa55word" not in repr(span.get_tags())


def test_clients_of_before_are_traced(library: Library) -> None:
    """Methods are wrapped, so a client made before patching is traced, and silent after unpatching."""
    with library.connected() as client:
        with traced(library.integration) as tracer:
            client.get("one")
        client.get("two")
    assert [span.get_tag("memcached.query") for span in tracer.spans] == ["get one"]


def test_clients_are_left_as_they_are(client: Any, library: Library) -> None:
    """Tracing adds nothing to a client, and its class stays."""
    client.get("colour")
    library.integration.unpatch()
    with library.connected() as untraced:
        untraced.get("colour")
        assert type(client) is type(untraced)
        assert set(vars(client)) == set(vars(untraced))


def test_keys_of_an_iterator_are_left_to_the_library(tracer: DummyTracer, client: Any) -> None:
    """Reading them for the span would use them up."""
    client.set("colour", "blue")
    client.set("hue", "240")
    client.delete_multi(key for key in ("colour", "hue"))
    assert (client.get("colour"), client.get("hue")) == (None, None)
    assert len([span for span in tracer.spans if span.resource.startswith("delete_m")]) == 1


def test_the_example_of_the_docstring_runs(library: Library) -> None:
    """The program that the package's docstring shows makes the span that it says."""
    documentation = __import__(library.integration.package, fromlist=["integration"]).__doc__
    example = "\n".join(line[4:] for line in documentation.splitlines() if line.startswith("    "))
    assert "localhost:11211" in example
    program = f"""
from ddtrace import tracer
from ddtrace.filters import TraceFilter
class Printing(TraceFilter):
    def process_trace(self, trace):
        print(*(span.name for span in trace))
tracer.configure(settings={{"FILTERS": [Printing()]}})
{example.replace("localhost:11211", library.address)}
"""
    assert run_python("-c", program).split() == [library.span]
