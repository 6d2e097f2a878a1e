"""Gauges to a DogStatsD server, over real sockets."""

import socket

import pytest

from ddtrace.internal import dogstatsd
from ddtrace.internal.dogstatsd import LARGEST_DATAGRAM, DogStatsd, dogstatsd_url_from_environment
from tests.unit.conftest import messages


@pytest.fixture
def server():
    """A socket that gets datagrams."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        yield server


def url_of(server):
    return f"udp://127.0.0.1:{server.getsockname()[1]}"


def test_gauges_are_lines_of_text(server):
    """Name, value, kind and tags, one gauge a line, in one datagram."""
    DogStatsd(url_of(server)).send({"a.b": 1.5, "c": 2}, ["service:shop", "env:test"])

    assert server.recv(9999).decode() == "a.b:1.5|g|#service:shop,env:test\nc:2|g|#service:shop,env:test\n"


def test_many_gauges_are_several_datagrams(server):
    """None is larger than what travels unbroken, and no line is torn."""
    DogStatsd(url_of(server)).send({f"gauge.number.{number}": number for number in range(100)}, ["k:v"])

    datagrams = []
    while sum(datagram.count(b"\n") for datagram in datagrams) < 100:
        datagrams.append(server.recv(9999))
    assert all(len(datagram) <= LARGEST_DATAGRAM and datagram.endswith(b"\n") for datagram in datagrams)
    assert b"".join(datagrams).count(b"gauge.number.") == 100


def test_unix_socket(tmp_path, monkeypatch):
    """The server may have a socket of its own."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind("dsd.socket")
        server.settimeout(10)

        DogStatsd("unix://dsd.socket").send({"a": 1}, [])

        assert server.recv(9999) == b"a:1|g|#\n"


@pytest.mark.parametrize("url", ["", "udp://", "udp://host", "udp://host:port", "udp://host:70000", "http://host:1"])
def test_url_that_names_no_server_is_refused(url):
    """The error shows the URL and what one looks like."""
    with pytest.raises(ValueError, match="expected udp://host:port or unix:///path"):
        DogStatsd(url)


@pytest.mark.parametrize(
    "variables, url",
    [
        ({}, "udp://localhost:8125"),
        ({"DD_DOGSTATSD_URL": "udp://one:1", "DD_AGENT_HOST": "two"}, "udp://one:1"),
        ({"DD_AGENT_HOST": "two", "DD_DOGSTATSD_HOST": "three"}, "udp://two:8125"),
        ({"DD_DOGSTATSD_HOST": "three", "DD_DOGSTATSD_PORT": "3"}, "udp://three:3"),
    ],
    ids=str,
)
def test_server_is_the_environments(monkeypatch, variables, url):
    """The URL goes before the agent's host, and that before the server's own."""
    monkeypatch.setattr(dogstatsd, "UNIX_SOCKET", "/nowhere")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert dogstatsd_url_from_environment() == url


def test_socket_of_the_agent_is_found(monkeypatch, tmp_path):
    """It is used where it exists and nothing else is named."""
    monkeypatch.setattr(dogstatsd, "UNIX_SOCKET", str(tmp_path))

    assert dogstatsd_url_from_environment() == f"unix://{tmp_path}"


@pytest.mark.parametrize("name, value", [("DD_DOGSTATSD_URL", "http://x"), ("DD_DOGSTATSD_PORT", "x")])
def test_wrong_variable_is_named_and_passed_over(monkeypatch, caplog, name, value):
    """One line shows it."""
    monkeypatch.setattr(dogstatsd, "UNIX_SOCKET", "/nowhere")
    monkeypatch.setenv(name, value)

    assert dogstatsd_url_from_environment() == "udp://localhost:8125"
    assert [name in line for line in messages(caplog)] == [True]
