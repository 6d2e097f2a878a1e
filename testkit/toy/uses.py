"""How a program uses the toy library."""

from __future__ import annotations

from typing import Any

from testkit.secrets import CANARY
from testkit.toy.library import AsyncClient, Client, Server


def two_calls(word: str = "hello", secret: str = CANARY) -> Any:
    client = Client(password=secret)
    return client.call("say", word), client.call("repeat", 2, options={"loud": True})


def failing_call() -> Any:
    return Client().call("fail", "as asked")


async def two_async_calls() -> Any:
    client = AsyncClient()
    return await client.call("say", "hello"), await client.call("repeat", 2, options={"loud": True})


async def failing_async_call() -> Any:
    return await AsyncClient().call("fail", "as asked")


def streams() -> Any:
    client = Client()
    whole = list(client.stream("whole", 2))
    half_read = client.stream("half", 3)
    first = next(half_read)
    half_read.close()
    return whole, first, client.closed


async def async_streams() -> Any:
    client = AsyncClient()
    whole = [item async for item in client.stream("whole", 2)]
    half_read = client.stream("half", 3)
    first = await anext(half_read)
    await half_read.aclose()
    return whole, first, client.closed


def session() -> Any:
    with Client().open("desk") as opened:
        Client().call("say", "within")
        return list(opened), len(opened), opened.ended_with


async def async_session() -> Any:
    client = AsyncClient()
    async with client.open("desk") as entered:
        await client.call("say", "within")
        return list(entered), len(await client.open("chair"))


def two_requests(toy_url: str, request_headers: dict[str, str]) -> Any:
    client = Client()
    first = client.fetch(toy_url, "/one", request_headers)
    return first, client.fetch(toy_url, "/two", {**request_headers, "Size": "2"})


def served(request_headers: dict[str, str]) -> Any:
    return Server().handle("/basket", request_headers), Server().handle("/basket", {**request_headers, "Size": "1"})


USES = (
    two_calls,
    failing_call,
    two_async_calls,
    failing_async_call,
    streams,
    async_streams,
    session,
    async_session,
    two_requests,
    served,
)
