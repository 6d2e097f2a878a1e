"""Agents that do not do what an agent should, each in its own way."""

from __future__ import annotations

import contextlib
import selectors
import socket
from typing import Callable, ContextManager, Iterator

from testkit.agents import answering, read_request, refusing, serving, silent, url_of

DEADLINE_S = 30
"""Nothing here takes as long; who waits longer hangs."""


@contextlib.contextmanager
def full() -> Iterator[str]:
    """Its queue of connections is full, so that the next one is never made."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, contextlib.ExitStack() as stack:
        address = server.getsockname()
        with selectors.DefaultSelector() as selector:
            for _ in range(4):
                connection = stack.enter_context(socket.socket())
                connection.setblocking(False)
                connection.connect_ex(address)
                selector.register(connection, selectors.EVENT_WRITE)
            assert selector.select(DEADLINE_S), "not even the first connection was made"
        yield url_of(server)


def failing() -> ContextManager[str]:
    """It answers that it failed."""
    return answering("500 Internal Server Error")


def babbling() -> ContextManager[str]:
    """Its answer is no HTTP."""
    return serving(lambda connection: (read_request(connection), connection.sendall(b"\xff\x00no HTTP\r\n\r\n")))


def nonsensical() -> ContextManager[str]:
    """Its answer is HTTP, but what it holds is no JSON of an agent."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[\xff]\x00"
    return serving(lambda connection: (read_request(connection), connection.sendall(answer)))


def curt() -> ContextManager[str]:
    """It takes the traces, and ends the connection in the midst of saying more."""
    half = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"rate_by_'
    return serving(lambda connection: (read_request(connection), connection.sendall(half)))


def closing() -> ContextManager[str]:
    """It ends the connection before it has said whether it took the traces."""
    half = b"HTTP/1.1 2"
    return serving(lambda connection: (read_request(connection), connection.sendall(half)))


def resetting() -> ContextManager[str]:
    """It ends the connection in the midst of the request."""
    return serving(lambda connection: connection.recv(1))


def late() -> ContextManager[str]:
    """It answers when its client has given up."""

    def answer(connection: socket.socket) -> None:
        while connection.recv(1 << 16):
            """Until the client closes its side."""
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    return serving(answer)


FAULTY: dict[str, Callable[[], ContextManager[str]]] = {
    make.__name__: make
    for make in (refusing, silent, full, failing, babbling, nonsensical, curt, closing, resetting, late)
}
"""By name, each makes a block with the agent's URL."""

TAKING = ["nonsensical", "curt"]
"""Those which answer that they took the traces, whatever they say then: to send these again would double them."""

LOSING = [name for name in FAULTY if name not in TAKING]
"""Those which do not take the traces."""

NEVER_ANSWERING = ["silent", "full"]
