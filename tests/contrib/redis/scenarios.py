"""How programs use redis-py: sync, asyncio and cluster; single commands, pipelines, transactions, failures."""

import asyncio

import redis
import redis.asyncio
import redis.asyncio.cluster
import redis.cluster

from ddtrace.contrib.redis import integration
from testkit import scenario
from testkit.snapshots import Count

REDACT = {"out.redis_db": Count()}
"""Each worker of a parallel run has a database of its own."""


@scenario(integration)
def set_and_get(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        return client.set("colour", "blue"), client.get("colour"), client.get("no such key")


@scenario(integration)
def named_client_reads_many(redis_url):
    with redis.Redis.from_url(redis_url, client_name="reader") as client:
        client.mset({"a": "1", "b": ""})
        client.hset("hash", mapping={"x": 1, "y": 2})
        return client.mget("a", "b", "c"), client.hmget("hash", ["x", "z"]), client.hgetall("hash")


@scenario(integration)
def long_and_binary_values(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        client.set(b"\xff\x00key", b"\xfe" * 2000)
        client.rpush("list", *("word" * 10 for _ in range(100)))
        return client.strlen(b"\xff\x00key"), client.lrange("list", 0, 1)


@scenario(integration)
def keys_of_any_name(redis_url, word):
    with redis.Redis.from_url(redis_url, decode_responses=True) as client, client.pipeline() as pipe:
        client.hset(word, word, word)
        return client.hgetall(word), pipe.set(f"{word}:2", word).get(f"{word}:2").execute()


@scenario(integration)
def refused_passwords(redis_url, secret):
    refused = []

    def note_refusal(use):
        try:
            use()
        except redis.RedisError as error:
            refused.append(str(error))

    with redis.Redis.from_url(redis_url) as client:
        note_refusal(lambda: client.auth(secret, "nobody"))
        note_refusal(lambda: client.execute_command("auth", "nobody", secret))
        note_refusal(lambda: client.execute_command("HELLO", 3, "AUTH", "nobody", secret))
        note_refusal(lambda: client.pipeline(transaction=False).execute_command("AUTH", "nobody", secret).execute())
    with redis.Redis.from_url(redis_url, username="nobody", password=secret) as client:
        note_refusal(lambda: client.get("colour"))
    with redis.Redis.from_url(redis_url.replace("://", f"://nobody:{secret}@")) as client:
        note_refusal(lambda: client.pipeline().get("colour").execute())
    return refused


@scenario(integration)
def wrong_type(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        client.set("colour", "blue")
        return client.lpush("colour", "red")


@scenario(integration)
def unencodable_argument(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        return client.set("colour", None)


@scenario(integration)
def pipeline_of_two(redis_url):
    with redis.Redis.from_url(redis_url) as client, client.pipeline() as pipe:
        return pipe.set("colour", "blue").get("colour").execute()


@scenario(integration)
def pipeline_with_a_failure(redis_url):
    with redis.Redis.from_url(redis_url) as client, client.pipeline(transaction=False) as pipe:
        pipe.set("colour", "blue").lpush("colour", "red").get("colour")
        return pipe.execute(raise_on_error=False)


@scenario(integration)
def pipeline_that_raises(redis_url):
    with redis.Redis.from_url(redis_url) as client, client.pipeline() as pipe:
        return pipe.set("colour", "blue").lpush("colour", "red").execute()


@scenario(integration)
def watched_transaction(redis_url):
    def double(pipe):
        value = int(pipe.get("number") or 21)
        pipe.multi()
        pipe.set("number", value * 2)

    with redis.Redis.from_url(redis_url) as client:
        return client.transaction(double, "number"), client.get("number")


@scenario(integration)
def iterate_keys(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        client.mset({f"key:{number}": number for number in range(3)})
        return sorted(client.scan_iter("key:*"))


@scenario(integration)
async def async_set_and_get(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url)
    try:
        return await client.set("colour", "blue"), await client.get("colour")
    finally:
        await client.aclose()


@scenario(integration)
async def async_wrong_type(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url)
    try:
        await client.set("colour", "blue")
        return await client.lpush("colour", "red")
    finally:
        await client.aclose()


@scenario(integration)
async def async_pipeline_of_two(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url)
    try:
        async with client.pipeline() as pipe:
            return await pipe.set("colour", "blue").get("colour").execute()
    finally:
        await client.aclose()


@scenario(integration)
async def async_pipeline_with_a_failure(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url)
    try:
        async with client.pipeline(transaction=False) as pipe:
            pipe.set("colour", "blue").lpush("colour", "red").get("colour")
            return await pipe.execute(raise_on_error=False)
    finally:
        await client.aclose()


@scenario(integration)
async def async_watched_transaction(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url)
    try:
        async with client.pipeline() as pipe:
            await pipe.watch("number")
            value = int(await pipe.get("number") or 21)
            pipe.multi()
            return await pipe.set("number", value * 2).execute()
    finally:
        await client.aclose()


@scenario(integration)
async def async_cancelled(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url)
    try:
        await client.ping()  # so that it is the answer which is waited for, and not the connection
        return await asyncio.wait_for(client.blpop("an empty list", timeout=0), timeout=0.02)
    finally:
        await client.aclose()


@scenario(integration)
def cluster_set_and_get(redis_cluster_url):
    with redis.cluster.RedisCluster.from_url(redis_cluster_url) as client:
        return client.set("colour", "blue"), client.get("colour"), client.mget_nonatomic("colour", "size")


@scenario(integration)
def cluster_pipeline(redis_cluster_url):
    with redis.cluster.RedisCluster.from_url(redis_cluster_url) as client:
        return client.pipeline().set("colour", "blue").get("colour").execute()


@scenario(integration)
def cluster_pipeline_with_a_failure(redis_cluster_url):
    with redis.cluster.RedisCluster.from_url(redis_cluster_url) as client:
        pipe = client.pipeline(transaction=None).set("colour", "blue").lpush("colour", "red").get("colour")
        return pipe.execute(raise_on_error=False)


@scenario(integration)
def cluster_wrong_type(redis_cluster_url):
    with redis.cluster.RedisCluster.from_url(redis_cluster_url) as client:
        client.set("colour", "blue")
        return client.lpush("colour", "red")


@scenario(integration)
async def async_cluster_set_and_get(redis_cluster_url):
    client = redis.asyncio.cluster.RedisCluster.from_url(redis_cluster_url)
    try:
        return await client.set("colour", "blue"), await client.get("colour")
    finally:
        await client.aclose()


@scenario(integration)
async def async_cluster_pipeline(redis_cluster_url):
    client = redis.asyncio.cluster.RedisCluster.from_url(redis_cluster_url)
    try:
        return await client.pipeline().set("colour", "blue").get("colour").execute()
    finally:
        await client.aclose()


@scenario(integration)
async def async_cluster_pipeline_with_a_failure(redis_cluster_url):
    client = redis.asyncio.cluster.RedisCluster.from_url(redis_cluster_url)
    try:
        pipe = client.pipeline(transaction=None).set("colour", "blue").lpush("colour", "red").get("colour")
        return await pipe.execute(raise_on_error=False)
    finally:
        await client.aclose()
