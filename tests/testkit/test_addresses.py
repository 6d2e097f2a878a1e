"""Which addresses the process turns to, told by audit events."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from testkit.addresses import counted, turns_noted


@pytest.fixture
def port() -> int:
    """A port at which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def connect(port: int) -> None:
    with socket.socket() as client:
        client.connect(("127.0.0.1", port))


def test_connections_of_all_threads_are_noted(port: int) -> None:
    """Whoever connects within the block is noted, and nobody after it."""
    thread = threading.Thread(target=connect, args=[port])
    with turns_noted() as turns:
        connect(port)
        thread.start()
        thread.join()
    connect(port)

    assert turns == [("connects to", ("127.0.0.1", port))] * 2


def test_a_thread_can_be_left_out(port: int) -> None:
    """A tap's own connections are none of the application's."""
    with turns_noted(but_in=[threading.get_ident()]) as turns:
        connect(port)

    assert turns == []


def test_names_and_datagrams_are_noted(port: int) -> None:
    """A look-up and a datagram go out without a connection."""
    with turns_noted() as turns, socket.socket(type=socket.SOCK_DGRAM) as client:
        socket.getaddrinfo("127.0.0.1", port)
        client.sendto(b".", ("127.0.0.1", port))

    assert turns == [("looks up", "127.0.0.1"), ("sends a datagram to", ("127.0.0.1", port))]


def test_ports_are_counted_by_the_order_of_their_use(tmp_path: Path) -> None:
    """A port that is another in each run has a number; a known one has its name."""
    connects = "connects to"
    turns = [(connects, (host, port)) for host, port in (("h", 7), ("h", 5), ("h", 7), ("i", 5), ("h", 1))]
    turns += [(connects, str(tmp_path)), ("looks up", "h")]

    assert counted(turns, known={("h", 1): "redis_url"}) == {
        "connects to a file": 1,
        "connects to h, port 1": 2,
        "connects to h, port 2": 1,
        "connects to i, port 1": 1,
        "connects to redis_url": 1,
        "looks up h": 1,
    }
