"""A library as small as one can be, sync and async: calls, streams, sessions that are used in many ways, and HTTP.

What goes out over HTTP is signed, headers and all; what comes in is answered.
"""

from __future__ import annotations

import hashlib
import socket
from typing import Any, AsyncIterator, Generator, Generic, Iterator, Mapping, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class Failure(Exception):
    """The library was asked to fail."""


class Session(Generic[T]):
    """Something opened by name: a context manager, a container, a value."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ended_with: Any = None

    def __enter__(self) -> Session[T]:
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        self.ended_with = error

    def __iter__(self) -> Iterator[str]:
        return iter(self.name)

    def __len__(self) -> int:
        return len(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Session) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class Connecting:
    """What is awaited for a session, or entered."""

    def __init__(self, name: str) -> None:
        self._session: Session[str] = Session(name)

    def __await__(self) -> Generator[Any, None, Session[str]]:
        yield from ()
        return self._session

    async def __aenter__(self) -> Session[str]:
        return self._session.__enter__()

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> None:
        self._session.__exit__(kind, error, traceback)


class _Moment:
    """Is awaited for the event loop to have a turn."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class Request:
    """A request over HTTP, before it is signed and sent."""

    def __init__(self, url: str, path: str, headers: Mapping[str, str]) -> None:
        self.address = urlsplit(url)
        self.path = path
        self.headers = dict(headers)

    def sign(self) -> None:
        """Add a header that is made of all others."""
        signed = "\n".join(sorted(f"{name.lower()}: {value}" for name, value in self.headers.items()))
        self.headers["Signature"] = hashlib.sha256(f"{self.path}\n{signed}".encode()).hexdigest()

    def transmit(self) -> tuple[int, str]:
        """Send it over a connection of its own; returns status and body of the answer."""
        lines = [f"GET {self.path} HTTP/1.0", f"Host: {self.address.netloc}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        with socket.create_connection((self.address.hostname, self.address.port)) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            with connection.makefile("r", newline="") as reply:
                head, _, body = reply.read().partition("\r\n\r\n")
        return int(head.split()[1]), body


class Server:
    """Answers requests."""

    def handle(self, path: str, headers: Mapping[str, str]) -> str:
        """The path, and whether the request was signed."""
        return f"{path} {'signed' if 'Signature' in headers else 'unsigned'}"


class Client:
    """Answers a command with the command and its arguments; the command ``fail`` raises Failure."""

    def __init__(self, password: str = "") -> None:
        self.password = password
        self.closed: list[str] = []

    def call(self, command: str, *args: Any, options: dict[str, Any] | None = None) -> list[Any]:
        """The command and its arguments."""
        if command == "fail":
            raise Failure(*args)
        return [command, *args]

    def stream(self, command: str, count: int) -> Generator[list[Any], Any, int]:
        """The command ``count`` times, and what is sent in between; returns the count."""
        try:
            for number in range(count):
                sent = yield [command, number]
                while sent is not None:
                    sent = yield [command, sent]
            return count
        finally:
            self.closed.append(command)

    def open(self, name: str) -> Session[str]:
        """A session of that name."""
        return Session(name)

    def fetch(self, url: str, path: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """What the service at a URL answers to a signed request: its status and body."""
        return self.send(Request(url, path, headers))

    def send(self, request: Request) -> tuple[int, str]:
        """Sign a request and send it."""
        request.sign()
        return request.transmit()


class AsyncClient:
    """The same, to be awaited."""

    def __init__(self) -> None:
        self.closed: list[str] = []

    async def call(self, command: str, *args: Any, options: dict[str, Any] | None = None) -> list[Any]:
        """The command and its arguments, after a moment."""
        await _Moment()
        if command == "fail":
            raise Failure(*args)
        return [command, *args]

    async def stream(self, command: str, count: int) -> AsyncIterator[list[Any]]:
        """The command ``count`` times."""
        try:
            for number in range(count):
                yield [command, number]
        finally:
            self.closed.append(command)

    def open(self, name: str) -> Connecting:
        """A session of that name, to be awaited or entered."""
        return Connecting(name)
