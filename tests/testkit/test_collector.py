import socket
import threading
from urllib.parse import urlsplit

import msgpack
import pytest

from ddtrace.span import Span
from ddtrace.writer import TraceWriter
from testkit import collector as module
from testkit.collector import MalformedPayload, collector, decode
from testkit.fixtures.plain_http import ask
from testkit.fixtures.service import wait_until


def payload(version, *names):
    """One trace with spans of these names, as the tracer sends it."""
    spans = [Span(name, service="s", trace_id=1, span_id=number) for number, name in enumerate(names, 2)]
    for span in spans:
        span.set_tag("t", "text")
        span.set_metric("m", 1.5)
        span.finish()
    return bytes(TraceWriter.encode_payload([spans], version))


def is_serving(thread):
    """True for a thread that socketserver has started for a connection."""
    return "process_request_thread" in thread.name


@pytest.fixture
def received():
    return []


@pytest.fixture
def url(received):
    """A collector that keeps what it takes in `received`."""
    with collector(received.extend) as url:
        yield url


def put(url, path, body):
    """Send bytes, which `ask` takes as text."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        head = f"PUT {path} HTTP/1.0\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        with connection.makefile("rb") as reply:
            return reply.read().decode()


@pytest.mark.parametrize("version", ["v0.3", "v0.4", "v0.5"])
def test_every_version_of_the_api_is_read(url, received, version):
    """Spans are maps of the same fields, whichever form they came in."""
    assert " 200 " in put(url, f"/{version}/traces", payload(version, "a", "b"))

    [[first, second]] = received
    assert (first["name"], second["name"], second["span_id"], first["service"]) == ("a", "b", 3, "s")
    assert (first["meta"]["t"], first["metrics"]["m"], first["resource"]) == ("text", 1.5, "a")


@pytest.mark.parametrize("content", [1, [1], [[1]], {}.keys, [["a"], [[[1]]]], [[], [[[0] * 12]]]], ids=range(6))
@pytest.mark.parametrize("version", ["v0.4", "v0.5"])
def test_a_malformed_payload_is_refused(content, version):
    """Whatever it is instead of traces, the error says what came and what was wrong."""
    body = b"\xc1" if callable(content) else msgpack.packb(content)

    with pytest.raises(MalformedPayload, match=rf"PUT /{version}/traces of {len(body)} bytes: expected traces"):
        decode(f"/{version}/traces", body)


def test_a_malformed_payload_is_answered(url, received):
    """The sender is told, with the reason, and the next payload is taken."""
    assert " 400 " in put(url, "/v0.4/traces", b"\xc1")

    put(url, "/v0.4/traces", payload("v0.4", "a"))
    assert len(received) == 1


def test_a_payload_that_is_too_big_is_not_read(url, received, monkeypatch):
    """Nobody fills the memory of this process."""
    monkeypatch.setattr(module, "LARGEST_PAYLOAD_BYTES", 10)

    answer = put(url, "/v0.4/traces", b"x" * 11)

    assert " 413 " in answer and "expected a Content-Length of at most 10, found '11'" in answer


def test_text_that_is_no_text_is_read():
    """An application's tags may hold any bytes, and any keys."""
    body = msgpack.packb([[{"meta": {1: b"\xff"}, "name": "a"}]], use_bin_type=False)

    assert decode("/v0.4/traces", body) == [[{"meta": {1: "\ufffd"}, "name": "a"}]]


def test_who_left_is_not_told_of(url, received, capfd):
    """A program that is killed while it sends leaves no traceback on the terminal."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(b"PUT /v0.4/traces HTTP/1.1\r\nContent-Length: 100000\r\n\r\n")
        # With what is unread here, or to be read there, closing resets the connection.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    put(url, "/v0.4/traces", payload("v0.4", "a"))
    # Connections are accepted in their order, so that the first one is at least at work by now.
    wait_until(lambda: not any(map(is_serving, threading.enumerate())), 10, "waiting for both connections' threads")
    assert capfd.readouterr().err == ""


def test_only_this_machine_reaches_it(url):
    """It is bound to loopback."""
    assert urlsplit(url).hostname == "127.0.0.1"
    assert ask(url, "/info").status == 501
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", urlsplit(url).port))
