"""What of the redis integration the common checks do not prove: its options, and what its spans leave out."""

from __future__ import annotations

import asyncio
from typing import Any, Iterator

import pytest
import redis
import redis.asyncio
import redis.asyncio.cluster
import redis.cluster
from redis.backoff import NoBackoff
from redis.retry import Retry

from ddtrace import Pin, Span, config
from ddtrace.contrib.redis import integration
from ddtrace.contrib.redis.patch import describe_connection, queued_commands
from testkit import DummyTracer, traced

# Clusters of redis-py 6.0 and 7.2 use arguments that it says are deprecated itself.
LIBRARY_WARNS = pytest.mark.filterwarnings(
    "ignore:Call to '__init__' function with deprecated usage:DeprecationWarning"
)


@pytest.fixture
def tracer() -> Iterator[DummyTracer]:
    """The tracer of all Redis clients."""
    with traced(integration) as tracer:
        yield tracer


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    """A client of an empty database."""
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


@pytest.fixture
def unreachable() -> redis.Redis:
    """A client of a server that is not there."""
    return redis.Redis(host="127.0.0.1", port=9, retry=Retry(NoBackoff(), 0))


def test_spans_are_children_of_the_current_span(tracer: DummyTracer, client: redis.Redis) -> None:
    """A command within an application's span belongs to that span's trace."""
    with tracer.trace("work") as work:
        client.get("colour")
    assert tracer.spans.find("redis.command").parent_id == work.span_id


def test_pipeline_is_traced_under_its_clients_pin(tracer: DummyTracer, client: redis.Redis) -> None:
    """A service set on one client holds for the pipelines it makes, and for no other client."""
    Pin.override(client, service="colours")
    client.pipeline().get("colour").execute()
    redis.Redis(connection_pool=client.connection_pool).get("colour")
    assert [span.service for span in tracer.spans] == ["colours", "redis"]


@LIBRARY_WARNS
def test_cluster_pipeline_is_traced_under_its_clients_pin(tracer: DummyTracer, redis_cluster_url: str) -> None:
    """A cluster's client hands its service down to its pipelines, too."""
    with redis.cluster.RedisCluster.from_url(redis_cluster_url) as client:
        Pin.override(client, service="colours")
        client.pipeline().get("colour").execute()
    assert tracer.spans.find(resource="GET colour").service == "colours"


@LIBRARY_WARNS
@pytest.mark.parametrize("kind", [redis.asyncio.Redis, redis.asyncio.cluster.RedisCluster])
def test_async_pipeline_is_traced_under_its_clients_pin(
    tracer: DummyTracer, request: pytest.FixtureRequest, kind: Any
) -> None:
    """So do the asynchronous clients."""
    is_cluster = kind is redis.asyncio.cluster.RedisCluster
    url = request.getfixturevalue("redis_cluster_url" if is_cluster else "redis_url")

    async def get() -> None:
        client = kind.from_url(url)
        Pin.override(client, service="colours")
        try:
            await client.pipeline().get("colour").execute()
        finally:
            await client.aclose()

    asyncio.run(get())

    assert tracer.spans.find(resource="GET colour").service == "colours"


def test_pin_leaves_the_client_as_it_is(tracer: DummyTracer, client: redis.Redis) -> None:
    """Tracing a client adds nothing to it."""
    before = dict(vars(client))
    client.get("colour")
    assert vars(client) == before


def test_tags_of_a_pin_are_on_the_span(tracer: DummyTracer, client: redis.Redis) -> None:
    """Tags set on one client are on its spans."""
    Pin.override(client, tags={"shard": "left"})
    client.get("colour")
    assert tracer.spans.find("redis.command").get_tag("shard") == "left"


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (("AUTH", "user", "pa55word"), "AUTH ?"),
        (("HELLO", 3, "AUTH", "user", "pa55word"), "HELLO ?"),
        (("ACL SETUSER", "user", ">pa55word"), "ACL SETUSER ?"),
        (("ACL", "SETUSER", "user", ">pa55word"), "ACL SETUSER ?"),
        (("config", "set", "requirepass", "pa55word"), "CONFIG SET ?"),
        ((b"AUTH", b"pa55word"), "AUTH ?"),
        (("MIGRATE", "host", 1, "key", 0, 10, "AUTH", "pa55word"), "MIGRATE ?"),
        (("AUTHOR", "Le Guin"), "AUTHOR Le Guin"),
        ((b"CONFIG\xff", "SET", "requirepass"), "CONFIG\\xff SET requirepass"),
        (("CONFIG", b"\xff"), "CONFIG \\xff"),
    ],
)
@pytest.mark.parametrize("as_pipeline", [False, True])
def test_credentials_are_not_shown(
    tracer: DummyTracer, unreachable: redis.Redis, as_pipeline: bool, command: tuple[Any, ...], shown: str
) -> None:
    """A command that may hold a password is shown by its name alone, also where it fails."""
    executor = unreachable.pipeline() if as_pipeline else unreachable
    with pytest.raises(redis.ConnectionError):
        queued = executor.execute_command(*command)
        queued.execute()
    span = tracer.spans.find("redis.command")
    assert (span.resource, span.get_tag("redis.raw_command")) == (shown, shown)


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        (("GET", "text"), 1),
        (("GET", "nothing"), 0),
        (("MGET", "text", "nothing", "text"), 2),
        (("HMGET", "hash", "x", "nothing"), 1),
        (("HGETALL", "nothing"), 0),
        (("LRANGE", "list", 0, -1), 1),
        (("RPOP", "list"), 1),
        (("get", "text"), 1),
        (("STRLEN", "text"), None),
        (("SET", "text", "other"), None),
    ],
)
def test_rows_are_counted(tracer: DummyTracer, client: redis.Redis, command: tuple[Any, ...], rows: int | None) -> None:
    """A command that reads says how much was there; a command that writes does not."""
    client.set("text", "blue")
    client.hset("hash", "x", "1")
    client.rpush("list", "a", "b")
    client.execute_command(*command)
    assert tracer.spans[-1].get_metric("db.row_count") == rows


@pytest.mark.parametrize(
    ("command", "answer", "rows"),
    [(("GET", "text"), 0, 1), (("MGET", "text"), None, 0)],
)
def test_rows_of_an_answer_of_the_applications_own(
    tracer: DummyTracer, client: redis.Redis, command: tuple[str, str], answer: Any, rows: int
) -> None:
    """What a callback of the application makes of the answer is no empty value but where it is None or a container."""
    client.set_response_callback(command[0], lambda received: answer)
    client.execute_command(*command)
    assert tracer.spans[-1].get_metric("db.row_count") == rows


def test_call_without_a_command_is_named_like_its_span(tracer: DummyTracer, client: redis.Redis) -> None:
    """redis-py refuses it, and the span has no command to show."""
    with pytest.raises(IndexError):
        client.execute_command()
    span = tracer.spans.find("redis.command")
    assert (span.resource, span.get_tag("redis.raw_command")) == ("redis.command", "")


def test_longest_command_is_an_option(tracer: DummyTracer, client: redis.Redis) -> None:
    """``config.redis.cmd_max_length`` bounds the text of a command, in characters."""
    before = config.redis.cmd_max_length
    config.redis["cmd_max_length"] = 10
    try:
        client.set("colour", "blue and green")
    finally:
        config.redis["cmd_max_length"] = before
    assert tracer.spans.find("redis.command").resource == "SET colour b..."


def test_wrong_option_is_named_and_the_default_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A value of the wrong type in the environment gives one line, with variable, value and expected type."""
    monkeypatch.setenv("DD_REDIS_CMD_MAX_LENGTH", "many")
    try:
        assert config.reread("redis").cmd_max_length == 1000
    finally:
        monkeypatch.undo()
        config.reread("redis")
    assert [record.getMessage() for record in caplog.records] == [
        "DD_REDIS_CMD_MAX_LENGTH='many' is not a valid int of at least 0; the default 1000 is used"
    ]


def test_unix_socket_has_no_host() -> None:
    """A client on a unix socket has a database, but neither host nor port to show."""
    span = Span("redis.command")
    describe_connection(span, redis.Redis(unix_socket_path="/run/redis.sock", db=3))
    assert (span.get_tags(), span.get_metrics()) == ({"db.system": "redis"}, {"out.redis_db": 3})


@pytest.mark.parametrize(
    ("url", "port", "database"), [("redis://127.0.0.1", 6379, 0), ("redis://127.0.0.1:6380/2", 6380, 2)]
)
def test_port_and_database_are_those_of_the_connection(url: str, port: int, database: int) -> None:
    """What redis-py connects to is what the span shows, also where the URL leaves it out."""
    span = Span("redis.command")
    describe_connection(span, redis.Redis.from_url(url))
    assert (span.get_metric("network.destination.port"), span.get_metric("out.redis_db")) == (port, database)


def test_pipeline_of_an_unknown_kind_has_no_commands() -> None:
    """Where a release of redis-py keeps the commands elsewhere, none are shown."""
    assert queued_commands(object()) == []


def test_empty_pipeline_has_no_commands(tracer: DummyTracer, client: redis.Redis) -> None:
    """A pipeline of nothing is named like its span."""
    assert client.pipeline().execute() == []
    span = tracer.spans.find("redis.command")
    assert (span.resource, span.get_metric("redis.pipeline_length")) == ("redis.command", 0)
