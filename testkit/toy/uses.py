"""How a program uses the toy library."""

from __future__ import annotations

from typing import Any

from testkit.toy.library import AsyncClient, Client


def two_calls() -> Any:
    client = Client()
    return client.call("say", "hello"), client.call("repeat", 2, options={"loud": True})


def failing_call() -> Any:
    return Client().call("fail", "as asked")


async def two_async_calls() -> Any:
    client = AsyncClient()
    return await client.call("say", "hello"), await client.call("repeat", 2, options={"loud": True})


async def failing_async_call() -> Any:
    return await AsyncClient().call("fail", "as asked")


USES = (two_calls, failing_call, two_async_calls, failing_async_call)
