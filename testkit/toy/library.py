"""A library as small as one can be, sync and async: calls, streams, and sessions that are used in many ways."""

from __future__ import annotations

from typing import Any, AsyncIterator, Generator, Generic, Iterator, TypeVar

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
