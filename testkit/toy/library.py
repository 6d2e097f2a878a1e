"""A library as small as one can be: a client, sync or async, that answers with what it was asked."""

from __future__ import annotations

from typing import Any


class Failure(Exception):
    """The library was asked to fail."""


class Client:
    """Answers a command with the command and its arguments; the command ``fail`` raises Failure."""

    def call(self, command: str, *args: Any, options: dict[str, Any] | None = None) -> list[Any]:
        if command == "fail":
            raise Failure(*args)
        return [command, *args]


class AsyncClient:
    """The same, to be awaited."""

    async def call(self, command: str, *args: Any, options: dict[str, Any] | None = None) -> list[Any]:
        if command == "fail":
            raise Failure(*args)
        return [command, *args]
