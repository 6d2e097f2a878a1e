"""What no library expects, the same for all clients: a server that drops the connection in the midst of its answer, and
values of 10 MB, of bytes, and with a lone surrogate.

Each program runs untraced and traced; its outcome must be the same, and the span says what is true.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any, Callable, Iterator, NamedTuple
from urllib.parse import urlsplit

import pytest

from ddtrace.contrib._integration import LONGEST_TAG
from ddtrace.contrib._registry import find
from testkit import traced
from testkit.fixtures.tap import Tap, Truncate
from tests.contrib.client_facts import recording_server
from tests.contrib.conftest import missing
from tests.contrib.logins import login

MARK = "blueblueblue"

VALUES = {
    "10 MB": MARK + "x" * 10_000_000,
    "bytes": b"\xff\x00\r\n" + MARK.encode(),
    "a lone surrogate": MARK + "\ud800",
}


class Client(NamedTuple):
    """A client's program, and the service that it uses: it takes a URL and a value, and asks for something with it."""

    integration: str
    service: str
    run: Callable[[str, Any], Any]


# -- programs ----------------------------------------------------------------------------------------------------------


def by_redis(url: str, value: Any) -> Any:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    with redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0)) as client:
        return client.echo(value)


def by_pymemcache(url: str, value: Any) -> Any:
    from pymemcache.client.base import Client

    with closing(Client(urlsplit(url).netloc, encoding="utf-8")) as client:
        return client.set("colour", value), client.get("colour")


def by_pylibmc(url: str, value: Any) -> Any:
    import pylibmc

    client = pylibmc.Client([urlsplit(url).netloc], binary=True)
    return client.set("colour", value), client.get("colour")


def by_psycopg(url: str, value: Any) -> Any:
    import psycopg

    with psycopg.connect(url) as connection:
        return connection.execute("SELECT %s", [value]).fetchall()


def by_psycopg2(url: str, value: Any) -> Any:
    import psycopg2

    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT %s", [value])
        return cursor.fetchall()


def by_pymysql(url: str, value: Any) -> Any:
    import pymysql

    return select(pymysql.connect(**login(url)), value)


def by_mysqldb(url: str, value: Any) -> Any:
    import MySQLdb

    return select(MySQLdb.connect(**login(url)), value)


def by_mysql(url: str, value: Any) -> Any:
    import mysql.connector

    return select(mysql.connector.connect(**login(url), use_pure=True), value)


def by_mariadb(url: str, value: Any) -> Any:
    import mariadb

    return select(mariadb.connect(**login(url)), value)


def select(connection: Any, value: Any) -> Any:
    with closing(connection):
        cursor = connection.cursor()
        cursor.execute("SELECT %s", (value,))
        return cursor.fetchall()


def by_sqlalchemy(url: str, value: Any) -> Any:
    import sqlalchemy

    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.connect() as connection:
            return connection.execute(sqlalchemy.text("SELECT :value"), {"value": value}).all()
    finally:
        engine.dispose()


def by_http_client(url: str, value: Any) -> Any:
    from http.client import HTTPConnection

    with closing(HTTPConnection(urlsplit(url).netloc)) as connection:
        connection.request("GET", "/colours", value)
        return connection.getresponse().read()


def by_urllib3(url: str, value: Any) -> Any:
    import urllib3

    with urllib3.PoolManager(retries=False) as pool:
        return pool.request("GET", f"{url}/colours", body=value).data


def by_requests(url: str, value: Any) -> Any:
    import requests

    return requests.get(f"{url}/colours", data=value).content


def by_httpx(url: str, value: Any) -> Any:
    import httpx

    return httpx.request("GET", f"{url}/colours", content=value, trust_env=False).content


CLIENTS = {
    "redis": Client("redis", "redis", by_redis),
    "pymemcache": Client("pymemcache", "memcached", by_pymemcache),
    "pylibmc": Client("pylibmc", "memcached", by_pylibmc),
    "psycopg": Client("psycopg", "postgres", by_psycopg),
    "psycopg2": Client("psycopg", "postgres", by_psycopg2),
    "pymysql": Client("pymysql", "mysql", by_pymysql),
    "mysqldb": Client("mysqldb", "mysql", by_mysqldb),
    "mysql": Client("mysql", "mysql", by_mysql),
    "mariadb": Client("mariadb", "mariadb", by_mariadb),
    "sqlalchemy": Client("sqlalchemy", "postgres", by_sqlalchemy),
    "httplib": Client("httplib", "", by_http_client),
    "urllib3": Client("urllib3", "", by_urllib3),
    "requests": Client("requests", "", by_requests),
    "httpx": Client("httpx", "", by_httpx),
}


# -- what comes of them ------------------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """What a program returned, or the types and text of what it raised, the outermost first, without numbers."""

    value: Any = None
    errors: tuple[str, ...] = ()
    text: str = ""


def outcome(client: Client, url: str, value: Any) -> Outcome:
    """Run the program."""
    try:
        return Outcome(client.run(url, value))
    except Exception as error:
        return Outcome(errors=tuple(types_of(error)), text=re.sub(r"0x[0-9a-f]+|\d+", "N", str(error)))


def types_of(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{type(error).__module__}.{type(error).__qualname__}"
        error = error.__cause__ or error.__context__


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Client:
    """Each client in turn."""
    client = CLIENTS[request.param]
    if reason := missing(client.integration):
        pytest.skip(reason)
    return client


@pytest.fixture
def url(request: pytest.FixtureRequest, client: Client) -> Iterator[str]:
    """Where its server is."""
    if client.service:
        yield request.getfixturevalue(f"{client.service}_url")
        return
    with recording_server() as server:
        yield server.url


def dropped(client: Client, url: str) -> Outcome:
    """What comes of a server that goes away once its answer has begun."""
    with Tap(url) as tap:
        # An answer of HTTP begins so, and all others have what was asked for in them.
        tap.add(Truncate(after=b"blueblue" if client.service else b"HTTP/1"))
        found = outcome(client, tap.url, MARK)
        assert not tap.unfired
    return found


def test_an_answer_that_is_cut_off(client: Client, url: str) -> None:
    """The program gets the library's own error, and the span has it; pylibmc takes it for a key that is missing."""
    untraced = dropped(client, url)
    assert untraced.errors or untraced.value == (True, None)
    with traced(find(client.integration)) as tracer:
        assert dropped(client, url) == untraced
    seen = [span.get_tag("error.type") for span in tracer.spans if span.error]
    assert len(seen) == bool(untraced.errors)
    assert set(seen) <= set(untraced.errors)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_hard_value(client: Client, url: str, value: Any) -> None:
    """It is taken or refused as it is without a tracer, and a span has no more of it than an agent keeps."""
    untraced = outcome(client, url, value)
    with traced(find(client.integration)) as tracer:
        assert outcome(client, url, value) == untraced
    # Some refuse it before there is a call to trace.
    assert tracer.spans or untraced.errors
    shown = [text for span in tracer.spans for text in (span.name, span.resource, *span.get_tags().values())]
    assert max(map(len, shown), default=0) <= LONGEST_TAG
