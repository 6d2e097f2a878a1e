"""A server without a network: it calls applications as ASGI has it, and keeps what they send."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Awaitable, Callable

VERSIONS = {"version": "3.0", "spec_version": "2.4"}


class Disconnected(OSError):
    """The client is gone."""


class Connection:
    """What an application receives, and what it has sent; ``listens_to`` is how many messages its client reads.

    After the last of ``received`` comes the client's leaving.
    """

    def __init__(self, scope: dict[str, Any], *received: dict[str, Any], listens_to: int | None = None) -> None:
        self.scope = scope
        self.received = list(received)
        self.sent: list[dict[str, Any]] = []
        self.listens_to = listens_to

    async def receive(self) -> dict[str, Any]:
        """The next message from the client."""
        await asyncio.sleep(0)
        return self.received.pop(0) if self.received else {"type": f"{self.scope['type']}.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        """Keep a message; raises RuntimeError where it is not its turn, and Disconnected where nobody listens."""
        if self.listens_to is not None and len(self.sent) >= self.listens_to:
            raise Disconnected("nobody listens")
        is_start = message["type"] == "http.response.start"
        if self.scope["type"] == "http" and is_start == bool(self.sent):
            raise RuntimeError(f"{message['type']!r} came when {len(self.sent)} messages had been sent")
        self.sent.append(dict(message))
        await asyncio.sleep(0)

    async def run(self, app: Callable[..., Awaitable[Any]]) -> list[dict[str, Any]]:
        """Call an application, a class as ASGI 2 has it; what it has sent, or an error page where it fails first."""
        try:
            if inspect.isclass(app):
                await app(self.scope)(self.receive, self.send)
            else:
                await app(self.scope, self.receive, self.send)
        except Exception:
            if not self.sent:
                await self.send({"type": "http.response.start", "status": 500, "headers": []})
                await self.send({"type": "http.response.body", "body": b"Internal Server Error"})
        return self.sent


def http(path: str = "/basket", *headers: tuple[bytes, bytes], **more: Any) -> dict[str, Any]:
    """The scope of a request."""
    return {
        "type": "http",
        "asgi": dict(VERSIONS),
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"shop.example"), *headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
        **more,
    }


async def served(app: Callable[..., Any], path: str = "/basket", *headers: tuple[bytes, bytes], **more: Any) -> Any:
    """All that an application sends to a request without a body."""
    return await Connection(http(path, *headers, **more), {"type": "http.request", "body": b""}).run(app)
