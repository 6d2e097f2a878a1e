"""Bytes to a real agent and back."""

import http.client
import platform
import socket
import sys
from types import SimpleNamespace

import pytest

from ddtrace.internal import transport
from ddtrace.internal.encoding import PayloadV03, PayloadV04, PayloadV05
from ddtrace.internal.transport import ATTEMPTS, LARGEST_ANSWER, Answer, Transport, container_headers
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


def encoded(*names, kind=PayloadV04):
    payload = kind()
    for name in names:
        payload.append(payload.encode([Span(name)]))
    return payload


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

    assert connect(agent.url).send(encoded("a")) == Answer(200, {"service:,env:": 0.25})


@pytest.mark.parametrize("status", [400, 404, 413, 500, 503])
def test_refusal_is_not_tried_again(agent, pauses, status):
    """The answer says whether the payload was taken, or its format not known."""
    agent.status = status

    answer = connect(agent.url).send(encoded("a"))

    assert (answer.status, answer.is_taken, answer.is_unknown_api) == (status, False, status == 404)
    assert len(agent.requests) == 1


@pytest.mark.parametrize("status", [200, 202])
def test_any_answer_of_success_counts(agent, status):
    """The agent may take the traces in its own words."""
    agent.status = status

    assert connect(agent.url).send(encoded("a")) == Answer(status, {})


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

    assert connect(agent.url).send(encoded("a")).is_taken
    assert len(agent.requests) == 2


def no_thread(*args, **kwargs):
    raise RuntimeError("can't create new thread at interpreter shutdown")


def test_address_is_found_where_gevent_cannot_start_a_thread(agent, monkeypatch):
    """What gevent has replaced is asked first, and then what was there before."""
    originals = SimpleNamespace(get_original=lambda module, names: [getattr(socket, name) for name in names])
    monkeypatch.setitem(sys.modules, "gevent.monkey", originals)
    monkeypatch.setattr(transport.socket, "create_connection", no_thread)

    assert connect(agent.url).send(encoded("a")).is_taken


def test_refusal_is_an_os_error_there_too(refusing_url, monkeypatch, pauses):
    """The last address's error is raised."""
    originals = SimpleNamespace(get_original=lambda module, names: [getattr(socket, name) for name in names])
    monkeypatch.setitem(sys.modules, "gevent.monkey", originals)
    monkeypatch.setattr(transport.socket, "create_connection", no_thread)

    with pytest.raises(ConnectionRefusedError):
        connect(refusing_url).send(encoded("a"))


def test_failure_to_start_a_thread_is_raised_without_gevent(agent, monkeypatch):
    """Nobody else needs one to look an address up."""
    monkeypatch.delitem(sys.modules, "gevent.monkey", raising=False)
    monkeypatch.setattr(transport.socket, "create_connection", no_thread)

    with pytest.raises(RuntimeError, match="new thread"):
        connect(agent.url).send(encoded("a"))


def test_url_that_names_no_agent_is_refused():
    """The error comes when the transport is made."""
    with pytest.raises(ValueError, match="Unsupported protocol"):
        connect("ftp://agent")


def test_sending_imports_nothing(agent):
    """All that a request needs comes with the transport: a fork may hit the writer's thread at any moment."""
    source = """
import sys
from ddtrace.internal.encoding import PayloadV04
from ddtrace.internal.transport import Transport
transport = Transport(sys.argv[1].replace("127.0.0.1", "localhost"), 5, 0)
payload = PayloadV04()
payload.append(b"\\x90")
before = set(sys.modules)
transport.send(payload)
assert set(sys.modules) == before, set(sys.modules) - before
"""
    run_python("-W", "error", "-c", source, agent.url, env={"PYTHONPATH": REPOSITORY})


@pytest.mark.parametrize("kind", [PayloadV03, PayloadV04, PayloadV05], ids=lambda kind: kind.version)
def test_path_is_that_of_the_format(agent, kind):
    """Each version of the agent's API has its own."""
    connect(agent.url).send(encoded("a", kind=kind))

    assert agent.requests[0].path == kind.path


def test_additional_headers_are_sent(agent, monkeypatch):
    """The environment can name more headers, such as a test session's."""
    monkeypatch.setenv("_DD_TRACE_WRITER_ADDITIONAL_HEADERS", "X-Session:one,X-Other:two:three")

    connect(agent.url).send(encoded("a"))

    headers = agent.requests[0].headers
    assert (headers["X-Session"], headers["X-Other"]) == ("one", "two:three")


@pytest.mark.parametrize("is_reusing, connections", [("true", 1), ("false", 2)])
def test_connection_is_kept_open_where_asked_for(agent, monkeypatch, is_reusing, connections):
    """Two sendings then take one connection."""
    monkeypatch.setenv("DD_TRACE_WRITER_REUSE_CONNECTIONS", is_reusing)
    transport = connect(agent.url)

    transport.send(encoded("a"))
    transport.send(encoded("b"))

    assert agent.connections == connections
    assert [span["name"] for span in agent.spans] == ["a", "b"]
    transport.close()


def test_kept_connection_that_the_agent_closed_is_made_anew(agent, monkeypatch, pauses):
    """The payload arrives all the same, and once."""
    monkeypatch.setenv("DD_TRACE_WRITER_REUSE_CONNECTIONS", "true")
    transport = connect(agent.url)
    transport.send(encoded("a"))
    agent.status = None
    with pytest.raises(http.client.HTTPException):
        transport.send(encoded("lost"))
    agent.status = 200

    assert transport.send(encoded("b")).is_taken
    transport.close()


def test_payload_that_was_refused_is_logged_where_asked_for(agent, monkeypatch, caplog):
    """In hexadecimal, as it was sent."""
    monkeypatch.setenv("_DD_TRACE_WRITER_LOG_ERROR_PAYLOADS", "true")
    payload = encoded("a")
    transport = connect(agent.url)
    transport.send(payload)
    assert caplog.records == []
    agent.status = 400

    transport.send(payload)

    assert [payload.content().hex() in record.getMessage() for record in caplog.records] == [True]


def test_endless_answer_is_not_read(agent):
    """What is read of an answer is bounded."""
    agent.answer = b" " * (3 * LARGEST_ANSWER)

    assert connect(agent.url).send(encoded("a")) == Answer(200, {})


HEX = "0123456789abcdef"


@pytest.mark.parametrize(
    "line, container",
    [
        (f"1:name=systemd:/docker/{HEX * 4}", HEX * 4),
        (f"0::/kubepods/besteffort/pod3d274242/{HEX * 4}", HEX * 4),
        (f"9:cpu:/ecs/task/{HEX * 2}-1234567890", f"{HEX * 2}-1234567890"),
        ("1:cpu:/fargate/12345678-1234-1234-1234-1234", "12345678-1234-1234-1234-1234"),
        (f"0::/system.slice/docker-{HEX * 4}.scope", HEX * 4),
        ("0::/", None),
        ("2:cpu:/user.slice/user-1000.slice", None),
        ("", None),
    ],
)
def test_container_is_known_by_its_control_group(tmp_path, line, container):
    """The id in the last part of the path, in each of the forms that it takes."""
    path = tmp_path / "cgroup"
    path.write_text(f"12:hugetlb:/\n{line}\n")

    assert container_headers(str(path)) == ({"Datadog-Container-Id": container} if container else {})


def test_no_control_group_is_no_container(tmp_path):
    """Off Linux there is no such file."""
    assert container_headers(str(tmp_path / "none")) == {}
