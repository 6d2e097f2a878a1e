"""Bytes to a real agent and back."""

import http.client
import platform

import pytest

from ddtrace.internal import transport
from ddtrace.internal.encoding import encode_trace_v04
from ddtrace.internal.transport import ATTEMPTS, RefusedError, Transport
from ddtrace.span import Span
from ddtrace.version import __version__
from testkit import run_python
from tests.unit.conftest import REPOSITORY


@pytest.fixture
def pauses(monkeypatch):
    """The pauses between attempts, in seconds, which are not made."""
    pauses = []
    monkeypatch.setattr(transport.time, "sleep", pauses.append)
    return pauses


def connect(url):
    return Transport(url, timeout_s=5, retry_within_s=1)


def encoded(*names):
    return [encode_trace_v04([Span(name)]) for name in names]


def test_request_is_what_an_agent_expects(agent):
    """PUT /v0.4/traces with the headers of the protocol and an array of traces."""
    connect(agent.url).send(encoded("a", "b"))

    (request,) = agent.requests
    assert (request.method, request.path) == ("PUT", "/v0.4/traces")
    expected = {
        "Content-Type": "application/msgpack",
        "X-Datadog-Trace-Count": "2",
        "Datadog-Meta-Lang": "python",
        "Datadog-Meta-Lang-Version": platform.python_version(),
        "Datadog-Meta-Lang-Interpreter": "CPython",
        "Datadog-Meta-Tracer-Version": __version__,
        "Datadog-Client-Computed-Top-Level": "yes",
    }
    assert {key: request.headers.get(key) for key in expected} == expected
    assert [[span["name"] for span in trace] for trace in request.traces] == [["a"], ["b"]]


@pytest.mark.parametrize("base", ["/base", "/base/"])
def test_base_path_is_kept(agent, base):
    """An agent behind a proxy has a path of its own."""
    connect(agent.url + base).send(encoded("a"))

    assert agent.requests[0].path == "/base/v0.4/traces"


def test_unix_socket_has_the_same_path(unix_agent):
    """The path of the socket is no part of the request's."""
    connect(unix_agent.url).send(encoded("a"))

    assert unix_agent.requests[0].path == "/v0.4/traces"
    assert unix_agent.traces[0][0]["name"] == "a"


def test_rates_are_read(agent):
    """The answer's rates are returned."""
    agent.answer = b' {"rate_by_service": {"service:,env:": 0.25}}'

    assert connect(agent.url).send(encoded("a")) == {"service:,env:": 0.25}


@pytest.mark.parametrize("status", [400, 404, 413, 500, 503])
def test_refusal_is_an_error_and_not_tried_again(agent, pauses, status):
    """The error says what the agent answered."""
    agent.status = status

    with pytest.raises(RefusedError, match=str(status)):
        connect(agent.url).send(encoded("a"))

    assert len(agent.requests) == 1


@pytest.mark.parametrize("status", [200, 202])
def test_any_answer_of_success_counts(agent, status):
    """The agent may take the traces in its own words."""
    agent.status = status

    assert connect(agent.url).send(encoded("a")) == {}


def test_refused_connection_is_tried_three_times(refusing_url, pauses):
    """The last error is raised; the pauses grow and stay within the time given."""
    with pytest.raises(ConnectionRefusedError):
        connect(refusing_url).send(encoded("a"))

    assert len(pauses) == ATTEMPTS - 1 == 2
    assert all(0 <= pause < 1 for pause in pauses)


def test_broken_answer_is_tried_three_times(agent, pauses):
    """A connection that ends without an answer counts as no agent."""
    agent.status = None

    with pytest.raises(http.client.HTTPException):
        connect(agent.url).send(encoded("a"))

    assert len(agent.requests) == 3


def test_missing_socket_is_an_os_error(tmp_path, pauses):
    """A unix socket that is not there is an agent that cannot be reached."""
    with pytest.raises(OSError):
        connect(f"unix://{tmp_path}/none").send(encoded("a"))


def test_retry_gets_through(agent, pauses, monkeypatch):
    """An agent that comes back in time gets the payload once."""

    def come_back(seconds):
        agent.status = 200

    monkeypatch.setattr(transport.time, "sleep", come_back)
    agent.status = None

    assert connect(agent.url).send(encoded("a")) == {}
    assert len(agent.requests) == 2


def test_url_that_names_no_agent_is_refused():
    """The error comes when the transport is made."""
    with pytest.raises(ValueError, match="Unsupported protocol"):
        connect("ftp://agent")


def test_sending_imports_nothing(agent):
    """All that a request needs comes with the transport: a fork may hit the writer's thread at any moment."""
    source = """
import sys
from ddtrace.internal.transport import Transport
transport = Transport(sys.argv[1].replace("127.0.0.1", "localhost"), 5, 0)
before = set(sys.modules)
transport.send([b"\\x90"])
assert set(sys.modules) == before, set(sys.modules) - before
"""
    run_python("-W", "error", "-c", source, agent.url, env={"PYTHONPATH": REPOSITORY})
