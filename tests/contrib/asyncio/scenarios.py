"""How programs use asyncio: tasks, groups, cancellation, async generators, threads."""

import asyncio

from ddtrace.contrib.asyncio import integration
from testkit import scenario


async def double(number):
    await asyncio.sleep(0)
    return 2 * number


@scenario(integration)
async def gather_many():
    return await asyncio.gather(*map(double, range(10)))


@scenario(integration)
async def group_with_a_failure():
    async with asyncio.TaskGroup() as group:
        group.create_task(double(1))
        group.create_task(double(None))


@scenario(integration)
async def cancelled_task():
    task = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    task.cancel()
    return await asyncio.gather(task, return_exceptions=True)


@scenario(integration)
async def generator_closed_by_another_task():
    async def numbers():
        for number in range(10):
            yield await double(number)

    generator = numbers()
    first = await anext(generator)
    await asyncio.create_task(generator.aclose())
    return first, [number async for number in generator]


@scenario(integration)
async def work_in_a_thread():
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, int, "1"), await asyncio.to_thread(int, "ff", base=16)
