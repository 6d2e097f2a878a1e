"""Trace agents that only answer with a status, or not even that."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Callable, Iterator


@contextlib.contextmanager
def refusing() -> Iterator[str]:
    """The URL of a port that is taken, but where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield url_of(bound)


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """The URL of one that takes connections and whatever comes, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield url_of(server)


@contextlib.contextmanager
def answering(status: str) -> Iterator[str]:
    """The URL of one that reads each request and answers with a status, such as ``200 OK``."""
    answer = f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode()
    with serving(lambda connection: (read_request(connection), connection.sendall(answer))) as url:
        yield url


@contextlib.contextmanager
def serving(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """The URL of one that calls a function with each connection, one after the other, and closes it then."""
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
            yield url_of(server)
        finally:
            is_over.set()
            # Wakes the server where it waits for somebody to come.
            socket.create_connection(server.getsockname()).close()
            thread.join()


def url_of(bound: socket.socket) -> str:
    """The URL of a bound socket."""
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


def read_request(connection: socket.socket) -> None:
    """Read one request, to its end."""
    with connection.makefile("rb") as stream:
        length = 0
        for line in iter(stream.readline, b"\r\n"):
            if not line:
                return
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        stream.read(length)
