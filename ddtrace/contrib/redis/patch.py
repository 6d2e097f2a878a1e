"""Where redis-py is wrapped, and what its spans say."""

from __future__ import annotations

from typing import Any, Sequence

from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import shield, trace_call
from ddtrace.contrib.redis import integration
from ddtrace.contrib.trace_utils import stringify_cache_args
from ddtrace.ext import db, net, redis
from ddtrace.pin import Pin
from ddtrace.settings.config import config
from ddtrace.span import Span

DEFAULT_PORT = 6379

COUNTED_KEYS = frozenset({"HMGET", "MGET"})
"""Commands that answer with one value a key: each value that is there counts as a row."""

COUNTED_ONCE = frozenset(
    "GET GETDEL GETEX GETRANGE GETSET HGET HGETALL HKEYS HRANDFIELD HVALS LINDEX LPOP LRANGE RPOP".split()
)
"""Commands that read one key: one row where it is there, none where not."""

READING = COUNTED_KEYS | COUNTED_ONCE

WITH_CREDENTIALS = frozenset({"ACL SETUSER", "AUTH", "CONFIG SET", "HELLO", "MIGRATE"})
"""Commands whose arguments may hold a password: they are shown without."""

MAY_HOLD_CREDENTIALS = frozenset(name.partition(" ")[0] for name in WITH_CREDENTIALS)

HIDDEN = "?"

LONGEST_NAME = 40
"""Characters; no command's name is longer, so that looking at a first argument of any size costs the same."""


# -- wrappers ----------------------------------------------------------------------------------------------------------


def execute_command(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "redis.command") as call:
        call.describe(describe_command, instance, args)
        result = wrapped(*args, **kwargs)
        call.describe(count_rows, args, result)
        return result


async def execute_command_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "redis.command") as call:
        call.describe(describe_command, instance, args)
        result = await wrapped(*args, **kwargs)
        call.describe(count_rows, args, result)
        return result


def execute_pipeline(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "redis.command") as call:
        call.describe(describe_pipeline, instance)
        return wrapped(*args, **kwargs)


async def execute_pipeline_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "redis.command") as call:
        call.describe(describe_pipeline, instance)
        return await wrapped(*args, **kwargs)


def hand_down_pin(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    """A pipeline is traced under the pin of the client that it was made by."""
    pipeline = wrapped(*args, **kwargs)
    with shield("hand a client's pin down to its pipeline"):
        pin = vars(instance).get("_datadog_pin")
        if isinstance(pin, Pin):
            pin.clone().onto(pipeline)
    return pipeline


# -- descriptions ------------------------------------------------------------------------------------------------------


def describe_command(span: Span, client: Any, args: Sequence[Any]) -> None:
    describe_connection(span, client)
    command = as_text(args)
    span.resource = command or span.name
    span.set_tag_str(redis.RAWCMD, command)
    span.set_metric(redis.ARGS_LEN, len(args))


def describe_pipeline(span: Span, pipeline: Any) -> None:
    describe_connection(span, pipeline)
    commands = queued_commands(pipeline)
    text = "\n".join(as_text(command) for command in commands)
    span.resource = text or span.name
    span.set_tag_str(redis.RAWCMD, text)
    span.set_metric(redis.PIPELINE_LEN, len(commands))


def describe_connection(span: Span, client: Any) -> None:
    span.set_tag_str(db.SYSTEM, redis.APP)
    # A cluster's client has no pool of its own: which node answers is only known further down.
    pool = getattr(client, "connection_pool", None)
    if pool is None:
        return
    settings = pool.connection_kwargs
    span.set_metric(redis.DB, settings.get("db") or 0)
    client_name = settings.get("client_name")
    if client_name:
        span.set_tag_str(redis.CLIENT_NAME, client_name)
    host = settings.get("host")
    if host:
        span.set_tag_str(net.TARGET_HOST, host)
        span.set_metric(net.TARGET_PORT, int(settings.get("port") or DEFAULT_PORT))


def as_text(args: Sequence[Any]) -> str:
    if first_word(args) in MAY_HOLD_CREDENTIALS:
        command = " ".join(text_of_word(word) for word in args[:2])
        for name in WITH_CREDENTIALS:
            if f"{command} ".startswith(f"{name} "):
                args = [name, HIDDEN]
    return stringify_cache_args(args, cmd_max_len=config.integration("redis")["cmd_max_length"])


def first_word(args: Sequence[Any]) -> str:
    """The command in upper case, without its subcommand."""
    word = args[0] if args else None
    # What redis-py's own methods give, and most callers with them.
    return word if type(word) is str and word in READING else text_of_word(word).partition(" ")[0]


def text_of_word(word: Any) -> str:
    """A word of a command in upper case; what is no text, and so no command, is nothing."""
    if isinstance(word, bytes):
        word = word[:LONGEST_NAME].decode(errors="replace")
    return word[:LONGEST_NAME].upper() if isinstance(word, str) else ""


def queued_commands(pipeline: Any) -> list[Sequence[Any]]:
    """The arguments of each command that a pipeline holds.

    A cluster's pipeline keeps them itself up to redis-py 5, and in its execution strategy since.
    """
    owner = getattr(pipeline, "_execution_strategy", pipeline)
    for attribute in ("_command_queue", "_command_stack", "command_stack"):
        queue = getattr(owner, attribute, None)
        if queue is not None:
            return [command[0] if isinstance(command, tuple) else command.args for command in queue]
    return []


def count_rows(span: Span, args: Sequence[Any], result: Any) -> None:
    command = first_word(args)
    if command in COUNTED_KEYS:
        span.set_metric(db.ROWCOUNT, sum(not is_empty(value) for value in result or ()))
    elif command in COUNTED_ONCE:
        span.set_metric(db.ROWCOUNT, 0 if is_empty(result) else 1)


def is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (bytes, str, list, tuple, set, dict)) and not value)


# -- targets -----------------------------------------------------------------------------------------------------------

patching = Patching(
    integration,
    targets=(
        Target("redis.client", "Redis.execute_command", execute_command),
        Target("redis.client", "Redis.pipeline", hand_down_pin),
        Target("redis.client", "Pipeline.execute", execute_pipeline),
        Target("redis.client", "Pipeline.immediate_execute_command", execute_command),
        Target("redis.cluster", "RedisCluster.execute_command", execute_command),
        Target("redis.cluster", "RedisCluster.pipeline", hand_down_pin),
        Target("redis.cluster", "ClusterPipeline.execute", execute_pipeline),
        Target("redis.asyncio.client", "Redis.execute_command", execute_command_async),
        Target("redis.asyncio.client", "Redis.pipeline", hand_down_pin),
        Target("redis.asyncio.client", "Pipeline.execute", execute_pipeline_async),
        Target("redis.asyncio.client", "Pipeline.immediate_execute_command", execute_command_async),
        Target("redis.asyncio.cluster", "RedisCluster.execute_command", execute_command_async),
        Target("redis.asyncio.cluster", "RedisCluster.pipeline", hand_down_pin),
        Target("redis.asyncio.cluster", "ClusterPipeline.execute", execute_pipeline_async),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
