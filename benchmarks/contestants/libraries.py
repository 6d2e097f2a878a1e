"""One call of each library that integrations trace; a library is imported when its call is made, after patching."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

from benchmarks.contestants.contestant import AbsentError, Contestant


def redis_get(around: Any, contestant: Contestant | None) -> Callable[[], Any]:
    if around.redis_url is None:
        raise AbsentError("no redis-server here")
    client = imported("redis").Redis.from_url(around.redis_url)
    client.set("colour", "blue")
    return lambda: client.get("colour")


def flask_request(around: Any, contestant: Contestant | None) -> Callable[[], Any]:
    app = imported("flask").Flask("shop")
    app.add_url_rule("/basket", "basket", lambda: "empty")
    if contestant is not None:
        app = contestant.integrate_app(app)
    client = app.test_client()

    def request() -> bytes:
        # A server's span ends with the response.
        with client.get("/basket") as response:
            return response.data

    return request


def sqlite3_execute(around: Any, contestant: Contestant | None) -> Callable[[], Any]:
    cursor = imported("sqlite3").connect(":memory:").cursor()
    return lambda: cursor.execute("SELECT 1").fetchone()


def requests_get(around: Any, contestant: Contestant | None) -> Callable[[], Any]:
    session = imported("requests").Session()
    url = f"{around.agent_url}/"
    return lambda: session.get(url).content


def imported(name: str) -> ModuleType:
    """The library; raises AbsentError where it is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise AbsentError(f"{name} is not installed") from None


CALLS: dict[str, Callable[[Any, Contestant | None], Callable[[], Any]]] = {
    "redis": redis_get,
    "flask": flask_request,
    "sqlite3": sqlite3_execute,
    "requests": requests_get,
}
"""Each makes a call, and that is measured; without a contestant nothing traces it."""
