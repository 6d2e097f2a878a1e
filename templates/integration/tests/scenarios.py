"""How programs use foo."""

import foo

from ddtrace.contrib.foo import integration
from testkit import scenario


# scaffold: sync
@scenario(integration)
def one_call():
    return foo.Client().answer("colour")


# scaffold: sync
@scenario(integration)
def two_calls():
    return [foo.Client().answer("colour") for _ in range(2)]


# scaffold: async
@scenario(integration)
async def one_async_call():
    return await foo.AsyncClient().answer("colour")


# scaffold: async
@scenario(integration)
async def two_async_calls():
    return [await foo.AsyncClient().answer("colour") for _ in range(2)]


# scaffold: toy
@scenario(integration)
def failing_call():
    return foo.Client().answer("no such question")


# scaffold: toy
@scenario(integration)
async def failing_async_call():
    return await foo.AsyncClient().answer("no such question")
