"""The agent that takes everything."""

import http.client
import json

import pytest

from benchmarks.contestants import workload
from benchmarks.servers import agent
from benchmarks.sink import NAME


@pytest.fixture
def connection():
    with agent() as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        yield connection
        connection.close()


def ask(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    return response.status, response.read()


def received(connection):
    return json.loads(ask(connection, "GET", "/received")[1])


def test_traces_are_counted_as_the_protocol_tells_them(connection):
    """A payload says how many traces are in it."""
    status, answer = ask(connection, "PUT", "/v0.4/traces", b"1234", {"X-Datadog-Trace-Count": "3"})

    assert (status, answer) == (200, b"{}")
    assert received(connection) == {"traces": 3, "names": 0, "bytes": 4}


def test_spans_are_counted_by_their_name(connection):
    """A protocol that tells no number is read for the name of the workload's spans, also when it comes in chunks."""
    assert NAME.decode() == workload.NAME

    ask(connection, "POST", "/v1/traces", iter([b"<" + NAME, b">" + NAME]))

    assert received(connection) == {"traces": 0, "names": 2, "bytes": 2 * len(NAME) + 2}


def test_counting_begins_anew_when_it_was_asked_for(connection):
    """What was told is forgotten."""
    ask(connection, "PUT", "/v0.4/traces", b"1234", {"X-Datadog-Trace-Count": "3"})
    received(connection)

    assert received(connection) == {"traces": 0, "names": 0, "bytes": 0}
