"""How programs use Cassandra's driver: queries, prepared and in batches, pages, callbacks, many at once, failures."""

import asyncio
import contextlib
import queue
from urllib.parse import urlsplit

from cassandra import ConsistencyLevel, InvalidRequest, ProtocolVersion
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, QueryExhausted
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.policies import FallthroughRetryPolicy, RoundRobinPolicy
from cassandra.query import BatchStatement, SimpleStatement, dict_factory

from ddtrace.contrib.cassandra import integration
from testkit import scenario
from testkit.snapshots import Port, Regex

REDACT = {
    "network.destination.port": Port(),
    "cassandra.cluster": Regex(r".+"),
    "cassandra.keyspace": Regex(r"\w+"),
    # Cassandra and the stand-in for it word it differently.
    "error.message": Regex(r"(?s).+"),
}

CREATE = "CREATE TABLE IF NOT EXISTS colours (name text PRIMARY KEY, hue int)"
TRUNCATE = "TRUNCATE colours"
INSERT = "INSERT INTO colours (name, hue) VALUES (%s, %s)"
COLOURS = [("red", 0), ("green", 120), ("blue", 240)]
PATIENCE_S = 60


@contextlib.contextmanager
def connected(url, rows=COLOURS):
    parts = urlsplit(url)
    profile = ExecutionProfile(RoundRobinPolicy(), FallthroughRetryPolicy(), request_timeout=PATIENCE_S)
    cluster = Cluster(
        [parts.hostname],
        port=parts.port,
        protocol_version=ProtocolVersion.V4,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        schema_metadata_enabled=False,
        token_metadata_enabled=False,
    )
    try:
        session = cluster.connect(parts.path.lstrip("/"))
        session.execute(CREATE)
        session.execute(TRUNCATE)
        for row in rows:
            session.execute(INSERT, row)
        yield session
    finally:
        cluster.shutdown()


@scenario(integration)
def queries(cassandra_url):
    with connected(cassandra_url) as session:
        found = session.execute("SELECT hue FROM colours WHERE name = %s", ["red"])
        with_names = session.execution_profile_clone_update(EXEC_PROFILE_DEFAULT, row_factory=dict_factory)
        named = SimpleStatement(
            "SELECT hue FROM colours WHERE name = %(name)s", consistency_level=ConsistencyLevel.LOCAL_ONE
        )
        again = session.execute(named, {"name": "blue"}, execution_profile=with_names)
        return type(found), found.one().hue, again.all(), type(session)


@scenario(integration)
def parameters_stay_out(cassandra_url, word, secret):
    with connected(cassandra_url, [(word, 1), (secret, 2)]) as session:
        return session.execute("SELECT hue FROM colours WHERE name = %s", [secret]).one().hue


@scenario(integration)
def prepared_statements(cassandra_url, secret):
    with connected(cassandra_url) as session:
        prepared = session.prepare("SELECT hue FROM colours WHERE name = ?")
        bound = prepared.bind([secret])
        return session.execute(prepared, ["green"]).one().hue, session.execute(bound).one()


@scenario(integration)
def batch_of_three(cassandra_url, secret):
    with connected(cassandra_url, []) as session:
        prepared = session.prepare("INSERT INTO colours (name, hue) VALUES (?, ?)")
        batch = BatchStatement(consistency_level=ConsistencyLevel.QUORUM)
        batch.add(INSERT, (secret, 1))
        batch.add(prepared, ("pink", 350))
        batch.add(SimpleStatement("DELETE FROM colours WHERE name = 'it''s'"))
        session.execute(batch)
        return sorted(row.hue for row in session.execute("SELECT hue FROM colours"))


@scenario(integration)
def pages(cassandra_url):
    with connected(cassandra_url) as session:
        rows = session.execute(SimpleStatement("SELECT name FROM colours", fetch_size=2))
        first = len(rows.current_rows), rows.has_more_pages
        names = sorted(row.name for row in rows)
        try:
            rows.response_future.start_fetching_next_page()
        except QueryExhausted as error:
            return first, names, type(error)


@scenario(integration)
def callbacks(cassandra_url):
    answers = queue.Queue()
    with connected(cassandra_url) as session:
        good = session.execute_async("SELECT name FROM colours WHERE name = 'red'")
        good.clear_callbacks()
        good.add_callbacks(lambda rows: answers.put(rows[0].name), answers.put)
        found = answers.get(timeout=PATIENCE_S), good.result().one().name
        bad = session.execute_async("SELECT name FROM no_such_table")
        bad.add_errback(lambda error: answers.put(type(error)))
        with contextlib.suppress(InvalidRequest):
            bad.result()
        return found, answers.get(timeout=PATIENCE_S)


@scenario(integration)
def many_at_once(cassandra_url):
    with connected(cassandra_url, []) as session:
        prepared = session.prepare("INSERT INTO colours (name, hue) VALUES (?, ?)")
        results = execute_concurrent_with_args(session, prepared, COLOURS, concurrency=2)
        return [result.success for result in results]


@scenario(integration)
def refused_query(cassandra_url):
    with connected(cassandra_url) as session:
        session.execute("SELECT hue FROM no_such_table")


@scenario(integration)
def failure_with_parameters(cassandra_url, secret):
    with connected(cassandra_url) as session:
        try:
            session.execute("SELECT hue FROM no_such_table WHERE name = %s", [secret])
        except InvalidRequest as error:
            return type(error)


@scenario(integration)
def calls_that_cannot_be(cassandra_url):
    outcomes = []
    with connected(cassandra_url, []) as session:
        calls = (
            lambda: session.execute(),
            lambda: session.execute("SELECT 1", colour="red"),
            lambda: session.execute("SELECT hue FROM colours WHERE name = %s", 1),
            lambda: session.execute("SELECT 1", execution_profile="none such"),
        )
        for call in calls:
            try:
                outcomes.append(call())
            except (TypeError, ValueError) as error:
                outcomes.append((type(error), str(error)))
    return outcomes


@scenario(integration)
def session_that_is_shut_down(cassandra_url):
    with connected(cassandra_url, []) as session:
        session.shutdown()
        session.execute("SELECT hue FROM colours")


@scenario(integration)
async def in_a_thread(cassandra_url):
    def work():
        with connected(cassandra_url, []) as session:
            return session.execute("SELECT count(*) FROM colours").one().count

    return await asyncio.to_thread(work)
