"""Agents that do not do what an agent should, each in its own way."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from typing import Callable, ContextManager, Iterator

from tests.agent import agent_on_tcp

DEADLINE_S = 30
"""Nothing here takes as long; who waits longer hangs."""


@contextlib.contextmanager
def refusing() -> Iterator[str]:
    """A port that is taken, but where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield _url(bound)


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """It takes connections and whatever comes, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield _url(server)


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
        yield _url(server)


@contextlib.contextmanager
def failing() -> Iterator[str]:
    """It answers that it failed."""
    with agent_on_tcp() as agent:
        agent.status = 500
        yield agent.url


def babbling() -> ContextManager[str]:
    """Its answer is no HTTP."""
    return _serving(lambda connection: (_read(connection), connection.sendall(b"\xff\x00no HTTP\r\n\r\n")))


def nonsensical() -> ContextManager[str]:
    """Its answer is HTTP, but what it holds is no JSON of an agent."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[\xff]\x00"
    return _serving(lambda connection: (_read(connection), connection.sendall(answer)))


def curt() -> ContextManager[str]:
    """It takes the traces, and ends the connection in the midst of saying more."""
    half = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"rate_by_'
    return _serving(lambda connection: (_read(connection), connection.sendall(half)))


def closing() -> ContextManager[str]:
    """It ends the connection before it has said whether it took the traces."""
    half = b"HTTP/1.1 2"
    return _serving(lambda connection: (_read(connection), connection.sendall(half)))


def resetting() -> ContextManager[str]:
    """It ends the connection in the midst of the request."""
    return _serving(lambda connection: connection.recv(1))


def late() -> ContextManager[str]:
    """It answers when its client has given up."""

    def answer(connection: socket.socket) -> None:
        while connection.recv(1 << 16):
            """Until the client closes its side."""
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    return _serving(answer)


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


def _url(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


def _read(connection: socket.socket) -> None:
    """Read one request, to its end."""
    with connection.makefile("rb") as stream:
        length = 0
        for line in iter(stream.readline, b"\r\n"):
            if not line:
                return
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        stream.read(length)


@contextlib.contextmanager
def _serving(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                connection, _ = server.accept()
                with connection:
                    if is_over.is_set():
                        return
                    with contextlib.suppress(ConnectionError):
                        answer(connection)

        is_over = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield _url(server)
        finally:
            is_over.set()
            # Wakes the server where it waits for somebody to come.
            socket.create_connection(server.getsockname()).close()
            thread.join()
