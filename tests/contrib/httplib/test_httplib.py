"""What of the httplib integration the common checks do not prove: the calls of a request, the agent, URLs."""

from __future__ import annotations

import gc
import http.client
import textwrap
from typing import Any
from urllib.parse import urlsplit

import pytest

from ddtrace import Pin, config
from ddtrace.contrib import httplib as documented
from ddtrace.contrib.httplib import integration
from ddtrace.contrib.httplib.exchange import is_to_agent, url_of
from testkit import DummyTracer, run_python
from tests.agent import agent_on_tcp, agent_on_unix_socket
from tests.contrib.client_facts import CANARY, ClientFacts, Recorded, recording_server


class Client:
    """Connects anew for each request, with the pin that it was given itself."""

    def connect(self, netloc: str) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(netloc, timeout=30)
        pin = Pin.lookup(self)
        if pin is not None:
            Pin.override(connection, service=pin.service, tags=pin.tags)
        return connection


class TestHttplib(ClientFacts):
    """By connections."""

    integration = integration
    span_name = "http.client.request"
    has_query_in_url = False
    splits_by_domain = False

    def make_client(self) -> Client:
        return Client()

    def get(self, client: Client, url: str, headers: Any = None) -> int:
        parts = urlsplit(url)
        connection = client.connect(parts.netloc)
        try:
            path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            connection.request("GET", path, headers={} if headers is None else headers)
            return connection.getresponse().status
        finally:
            connection.close()

    # -- the calls of a request ----------------------------------------------------------------------------------------

    def test_span_is_current_within_the_calls_only(self, tracer: DummyTracer, server: Recorded) -> None:
        """What the caller does between them is not below it, and the span lasts until the response is there."""
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        connection.request("GET", "/")
        assert tracer.current_span() is None
        with tracer.trace("between"):
            pass
        assert [span.name for span in tracer.spans] == ["between"]
        connection.getresponse()
        assert [span.name for span in tracer.spans] == ["between", self.span_name]
        connection.close()

    def test_connections_bear_nothing_between_requests(self, tracer: DummyTracer, server: Recorded) -> None:
        """Nor after one that was closed before its response."""
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        before = set(vars(connection))
        connection.request("GET", "/")
        connection.getresponse().read()
        assert set(vars(connection)) == before
        connection.request("GET", "/")
        connection.close()
        assert set(vars(connection)) == before
        assert len(tracer.spans) == 2

    def test_connection_that_is_thrown_away_ends_its_span(self, tracer: DummyTracer, server: Recorded) -> None:
        """Else the rest of its trace would wait for ever."""
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        with tracer.trace("work"):
            connection.request("GET", "/")
        assert not tracer.recorded.traces
        connection.sock.close()
        del connection
        gc.collect()
        assert [span.name for trace in tracer.recorded.traces for span in trace] == ["work", self.span_name]

    def test_refused_request_leaves_the_one_under_way(self, tracer: DummyTracer, server: Recorded) -> None:
        """http.client refuses a second one; the response is that of the first."""
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        connection.request("GET", "/first")
        with pytest.raises(http.client.CannotSendRequest):
            connection.request("GET", "/second")
        connection.getresponse()
        connection.close()
        urls = {span.get_tag("http.url")[len(server.url) :]: span for span in tracer.spans}
        assert (urls["/first"].error, urls["/first"].get_tag("http.status_code")) == (0, "200")
        assert urls["/second"].get_tag("error.type") == "http.client.CannotSendRequest"

    def test_request_that_cannot_be_leaves_nothing(self, tracer: DummyTracer, server: Recorded) -> None:
        """Neither an open span, nor anything on the connection, though its first line was put already."""
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        before = set(vars(connection))
        with pytest.raises(ValueError, match="Invalid header value"):
            connection.request("GET", "/", headers={"colour": "red\nblue"})
        span = self.span_of(tracer)
        assert (span.finished, span.get_tag("error.type")) == (True, "builtins.ValueError")
        assert set(vars(connection)) == before
        connection.close()

    def test_class_without_a_pin_is_left_alone(self, tracer: DummyTracer, server: Recorded, client: Client) -> None:
        """As in 1.x, to take the pin away turns the spans off."""
        pin = Pin.get_from(http.client.HTTPConnection)
        assert pin is not None
        pin.remove_from(http.client.HTTPConnection)
        try:
            assert self.get(client, server.url) == 200
        finally:
            pin.onto(http.client.HTTPConnection)
        assert not tracer.spans

    def test_headers_put_by_hand_come_once(self, tracer: DummyTracer, server: Recorded) -> None:
        """In text or bytes, in whatever case: the value is that of the span."""
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        connection.putrequest("GET", "/")
        connection.putheader("X-DATADOG-TRACE-ID", "1")
        connection.putheader(b"traceparent", b"00-1")
        connection.endheaders()
        connection.getresponse()
        connection.close()
        assert int(server.carried()["x-datadog-trace-id"]) == self.span_of(tracer).trace_id
        assert server.carried()["traceparent"].startswith("00-0")

    def test_error_while_a_body_is_sent(self, tracer: DummyTracer, server: Recorded) -> None:
        """It is on the span, which ends with it, and stays as it is when the caller tries again."""
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        connection.putrequest("POST", "/")
        connection.putheader("Content-Length", "5")
        connection.endheaders()
        with pytest.raises(TypeError):
            connection.send(object())
        assert self.span_of(tracer).get_tag("error.type") == "builtins.TypeError"
        connection.send(b"hello")
        assert connection.getresponse().status == 200
        assert self.span_of(tracer).get_tag("http.status_code") is None
        connection.close()

    def test_headers_that_are_put_in_unusual_ways(self, tracer: DummyTracer, server: Recorded) -> None:
        """By keyword, without a value, with two of them, and what is refused: all is as http.client has it."""
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        connection.putrequest("GET", "/")
        connection.putheader(header="colour")
        connection.putheader("User-Agent")
        connection.putheader("user-agent", "shop/1", "shop/2")
        with pytest.raises(TypeError):
            connection.putheader()
        with pytest.raises(TypeError):
            connection.putheader(7, "seven")
        connection.endheaders()
        connection.getresponse()
        connection.close()
        assert self.span_of(tracer).get_tag("http.useragent") is None

    def test_span_is_described_when_it_ends(
        self, tracer: DummyTracer, server: Recorded, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Though http.client closes the connection of a last response before anybody has seen that."""
        statuses = []
        monkeypatch.setattr(
            tracer.recorded, "write", lambda spans: statuses.extend(each.get_tag("http.status_code") for each in spans)
        )
        self.get(client, server.url, {"Connection": "close"})
        assert statuses == ["200"]

    # -- the agent -----------------------------------------------------------------------------------------------------

    def test_requests_to_the_agent_have_no_spans(self) -> None:
        """Neither the tracer's own, nor the application's."""
        with agent_on_tcp() as agent, recording_server() as server:
            printed = run_python(
                "-c",
                textwrap.dedent(f"""
                from ddtrace import patch, tracer
                patch(httplib=True)
                tracer.on_start_span(lambda span: print(span.name, span.get_tag("http.url")))
                import urllib.request
                with tracer.trace("work"):
                    urllib.request.urlopen({server.url!r}).read()
                    urllib.request.urlopen(urllib.request.Request({agent.url!r}, method="PUT", data=b"\\x90")).read()
                tracer.flush()
                """),
                env={"DD_TRACE_AGENT_URL": agent.url, "DD_REMOTE_CONFIGURATION_ENABLED": "false"},
            )
        assert printed.split("\n")[:-1] == ["work None", "http.client.request None"]
        assert [span["name"] for span in agent.spans] == ["work", "http.client.request"]

    def test_tracer_itself_has_no_spans(self) -> None:
        """Nor where it sends to a socket in the file system, which no host and port is known by."""
        with agent_on_unix_socket() as agent:
            printed = run_python(
                "-c",
                textwrap.dedent("""
                from ddtrace import patch, tracer
                patch(httplib=True)
                tracer.on_start_span(lambda span: print(span.name))
                with tracer.trace("work"):
                    pass
                tracer.flush()
                """),
                env={"DD_TRACE_AGENT_URL": agent.url},
            )
        assert printed.split() == ["work"]
        assert [span["name"] for span in agent.spans] == ["work"]

    @pytest.mark.parametrize(
        ("agent_url", "connection"),
        [
            ("http://agent.example", http.client.HTTPConnection("agent.example", 80)),
            ("https://agent.example", http.client.HTTPSConnection("agent.example", 443)),
            ("https://agent.example:8126", http.client.HTTPSConnection("agent.example", 8126)),
        ],
    )
    def test_agent_is_known_by_host_and_port(self, agent_url: str, connection: http.client.HTTPConnection) -> None:
        """Another port of the host, or another host, is not the agent."""
        assert is_to_agent(connection, agent_url)
        assert not is_to_agent(http.client.HTTPConnection(connection.host, 8000), agent_url)
        assert not is_to_agent(http.client.HTTPConnection("shop.example", connection.port), agent_url)
        assert not is_to_agent(connection, None)

    def test_connection_without_a_host_is_not_to_the_agent(self) -> None:
        """As one to a socket in the file system may be, where the agent's place is not known either."""
        connection = http.client.HTTPConnection("shop.example", 80)
        connection.host = None
        assert not is_to_agent(connection, None)

    # -- what the span says --------------------------------------------------------------------------------------------

    def test_service_is_that_of_the_span_above(
        self, tracer: DummyTracer, server: Recorded, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else the application's, unless one is set."""
        with tracer.trace("work", service="worker"):
            self.get(client, server.url)
        monkeypatch.setattr(config, "service", "shop")
        self.get(client, server.url)
        monkeypatch.setitem(config.httplib, "service", "shops")
        self.get(client, server.url)
        services = [span.service for span in tracer.spans.find_all(self.span_name)]
        assert services == ["worker", "shop", "shops"]

    @pytest.mark.parametrize(
        ("connection", "path", "url"),
        [
            (http.client.HTTPConnection("shop.example"), "/a", "http://shop.example/a"),
            (http.client.HTTPConnection("shop.example", 8080), "", "http://shop.example:8080/"),
            (http.client.HTTPSConnection("shop.example"), b"/a", "https://shop.example/a"),
            (http.client.HTTPSConnection("shop.example", 80), "*", "https://shop.example:80*"),
            (http.client.HTTPConnection("::1", 80), "/", "http://[::1]/"),
            (http.client.HTTPConnection("proxy"), "http://shop.example/a", "http://shop.example/a"),
        ],
        ids=lambda value: str(value)[:10],
    )
    def test_url_of_a_request(self, connection: http.client.HTTPConnection, path: Any, url: str) -> None:
        """The port is shown where it is not the usual one."""
        assert url_of(connection, path) == url

    def test_url_of_a_tunnel(self) -> None:
        """It is the one behind the proxy."""
        connection = http.client.HTTPSConnection("proxy", 3128)
        connection.set_tunnel("shop.example")
        assert url_of(connection, "/a") == "https://shop.example/a"
        connection.set_tunnel("shop.example", 8443)
        assert url_of(connection, "/a") == "https://shop.example:8443/a"

    def test_user_agent_and_credentials(self, tracer: DummyTracer, server: Recorded, client: Client) -> None:
        """The one is shown, the others are not."""
        self.get(client, server.url, {"User-Agent": b"shop/1", "Authorization": CANARY, "Cookie": CANARY})
        span = self.span_of(tracer)
        assert span.get_tag("http.useragent") == "shop/1"
        assert CANARY not in repr(span.get_tags())


def test_example_of_the_docs_runs() -> None:
    """The module's example traces a request by the connection's service."""
    example = textwrap.dedent(documented.__doc__.split("import http.client``::\n")[1].split("\nA span lasts")[0])
    show = "\nfrom ddtrace import tracer\ntracer.on_start_span(lambda span: print(span.name, span.service))\n"
    with recording_server() as server:
        example = show + example.replace("8000", server.url.rpartition(":")[2])
        printed = run_python("-c", example, env={"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"})
    assert (printed, len(server.requests)) == ("http.client.request baskets\n", 1)


def test_options_are_those_of_the_docs() -> None:
    """Each declared option is documented, with its variable and its default."""
    for option in integration.options:
        line = f"- ``{option.name}`` (``{option.env_for('httplib')}``, default {option.default})"
        assert line in documented.__doc__


def test_it_is_off_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """``patch_all`` does not trace it unless DD_TRACE_HTTPLIB_ENABLED says so."""
    monkeypatch.delenv("DD_TRACE_HTTPLIB_ENABLED", raising=False)
    assert not integration.is_enabled
    monkeypatch.setenv("DD_TRACE_HTTPLIB_ENABLED", "true")
    assert integration.is_enabled
