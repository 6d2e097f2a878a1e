"""Where the agent is."""

import pytest

from ddtrace.internal import agent_url
from ddtrace.internal.agent_url import agent_url_from_environment, check_agent_url, http_url, merged_agent_url
from tests.unit.conftest import messages


@pytest.fixture(autouse=True)
def no_socket(monkeypatch, tmp_path):
    """There is no agent's socket on this machine, unless the test makes one at this path."""
    monkeypatch.setattr(agent_url, "UNIX_SOCKET", str(tmp_path / "apm.socket"))
    return tmp_path / "apm.socket"


@pytest.mark.parametrize(
    "variables, url",
    [
        ({}, "http://localhost:8126"),
        ({"DD_AGENT_HOST": "agent"}, "http://agent:8126"),
        ({"DD_TRACE_AGENT_HOSTNAME": "agent"}, "http://agent:8126"),
        ({"DD_AGENT_HOST": "a", "DD_TRACE_AGENT_HOSTNAME": "b"}, "http://a:8126"),
        ({"DD_AGENT_PORT": "9"}, "http://localhost:9"),
        ({"DD_TRACE_AGENT_PORT": "9"}, "http://localhost:9"),
        ({"DD_AGENT_HOST": "::1", "DD_AGENT_PORT": "9"}, "http://[::1]:9"),
        ({"DD_TRACE_AGENT_URL": "https://agent:1/base", "DD_AGENT_HOST": "b"}, "https://agent:1/base"),
        ({"DD_TRACE_AGENT_URL": "unix:///run/a.socket"}, "unix:///run/a.socket"),
    ],
)
def test_environment_names_the_agent(monkeypatch, variables, url):
    """The URL goes before host and port, and these before the default."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert agent_url_from_environment() == url


def test_socket_of_the_machine_goes_before_localhost(no_socket, monkeypatch):
    """An agent's socket is used where the environment names nothing."""
    no_socket.touch()
    assert agent_url_from_environment() == f"unix://{no_socket}"

    monkeypatch.setenv("DD_AGENT_HOST", "agent")
    assert agent_url_from_environment() == "http://agent:8126"


@pytest.mark.parametrize(
    "url, problem",
    [
        ("localhost:8126", "Unsupported protocol"),
        ("ftp://agent:1", "Unsupported protocol"),
        ("", "Unsupported protocol"),
        ("http://", "Invalid hostname"),
        ("http://:8126", "Invalid hostname"),
        ("http:///path", "Invalid hostname"),
        ("http://agent:port", "Invalid port"),
        ("http://agent:65536", "Invalid port"),
        ("http://agent:-1", "Invalid port"),
        ("http://[::1", "Invalid port"),
        ("unix://", "Invalid file path"),
        ("unix://relative", "Invalid file path"),
    ],
)
def test_url_that_names_no_agent(url, problem):
    """The error says what is wrong, shows the URL, and what one looks like."""
    with pytest.raises(ValueError, match=problem) as refusal:
        check_agent_url(url)

    assert repr(url) in str(refusal.value)
    assert "expected http://host:port, https://host:port or unix:///path" in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    ["http://a", "http://a:1", "https://a/", "http://a:1/b/c", "http://[::1]", "http://[::1]:1/b", "http://u:p@a:1"],
)
def test_url_that_names_an_agent(url):
    """Host and scheme are enough."""
    check_agent_url(url)


@pytest.mark.parametrize("variable, value", [("DD_TRACE_AGENT_URL", "agent:8126"), ("DD_AGENT_PORT", "many")])
def test_bad_variable_is_passed_over(monkeypatch, caplog, variable, value):
    """One logged line names variable and value; the next source is used."""
    monkeypatch.setenv(variable, value)

    assert agent_url_from_environment() == "http://localhost:8126"
    assert [variable in line and repr(value) in line for line in messages(caplog)] == [True]


@pytest.mark.parametrize(
    "url, parts, merged",
    [
        ("http://a:1", {"hostname": "b"}, "http://b:1"),
        ("http://a:1", {"port": 2}, "http://a:2"),
        ("http://a:1", {"https": True}, "https://a:1"),
        ("https://a:1", {"port": 2}, "https://a:2"),
        ("https://a:1", {"https": False}, "http://a:1"),
        ("http://a", {"hostname": "b"}, "http://b:8126"),
        ("http://a:1", {"hostname": "::1"}, "http://[::1]:1"),
        ("http://a:1", {"uds_path": "/s"}, "unix:///s"),
        ("unix:///s", {"port": 2}, "http://localhost:2"),
        ("unix:///s", {"hostname": "b"}, "http://b:8126"),
        ("http://a:1/base", {"hostname": "b"}, "http://b:1"),
    ],
)
def test_parts_are_merged(url, parts, merged):
    """What is not given is taken from the URL so far."""
    given = {"hostname": None, "port": None, "uds_path": None, "https": None, **parts}

    assert merged_agent_url(url, **given) == merged


def test_ipv6_address_gets_its_brackets():
    """An address that has them already keeps them."""
    assert http_url("::1", 1) == http_url("[::1]", 1) == "http://[::1]:1"
