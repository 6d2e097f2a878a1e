"""What holds for every HTTP client that is traced: each client's tests inherit these facts, and say how it sends.

A server in this process keeps each request as it came, header by header.
"""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, Iterator

import pytest

from ddtrace import Pin, Span, config
from ddtrace.contrib._integration import Integration
from ddtrace.propagation.http import HEADER_NAMES
from testkit import DummyTracer, traced

CANARY = "c4n4ry"

IDS = ["traceparent", "tracestate", "x-datadog-parent-id", "x-datadog-sampling-priority", "x-datadog-tags"]
IDS += ["x-datadog-trace-id"]
"""The headers that carry a context, in the order of their names."""


@dataclass
class Recorded:
    """A server that answers each request with one status, and keeps the headers that it got."""

    url: str = ""
    status: int = 200
    requests: list[list[tuple[str, str]]] = field(default_factory=list)

    def headers(self) -> dict[str, str]:
        """Those of the last request, by their names in lower case; one that came twice is an error."""
        pairs = [(name.lower(), value) for name, value in self.requests[-1]]
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    def carried(self) -> dict[str, str]:
        """Those of the last request that carry a context."""
        return {name: value for name, value in self.headers().items() if name in HEADER_NAMES}


@contextlib.contextmanager
def recording_server() -> Iterator[Recorded]:
    """A server on a free port."""
    recorded = Recorded()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802 (the name is http.server's)
            recorded.requests.append(self.headers.items())
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(recorded.status)
            self.send_header("X-Answer", "42")
            self.send_header("Content-Length", "2")
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"ok")

        do_POST = do_GET  # noqa: N815 (the name is http.server's)

        def log_message(self, *args: Any) -> None:
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client may go away before its answer."""

    with Server(("127.0.0.1", 0), Handler) as server:
        recorded.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        try:
            yield recorded
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def closing(client: Any) -> Iterator[Any]:
    """A client, closed at the end of a block if it can be."""
    try:
        yield client
    finally:
        getattr(client, "close", lambda: None)()


class ClientFacts:
    """To be inherited by the tests of one client, which fill in the first part."""

    integration: Integration
    span_name: str
    has_query_in_url = True
    splits_by_domain = True

    def make_client(self) -> Any:
        """A client, which may bear a pin."""
        raise NotImplementedError

    def get(self, client: Any, url: str, headers: Any = None) -> int:
        """Send a request by a client, and return the status of the answer."""
        raise NotImplementedError

    # -- fixtures ------------------------------------------------------------------------------------------------------

    @pytest.fixture
    def server(self) -> Iterator[Recorded]:
        """A server that keeps what it gets."""
        with recording_server() as server:
            yield server

    @pytest.fixture
    def tracer(self) -> Iterator[DummyTracer]:
        """The tracer of all clients."""
        with traced(self.integration) as tracer:
            yield tracer

    @pytest.fixture
    def client(self) -> Iterator[Any]:
        """A client, closed in the end."""
        with closing(self.make_client()) as client:
            yield client

    @property
    def settings(self) -> Any:
        """The settings of the integration."""
        return config.integration(self.integration.name)

    def span_of(self, tracer: DummyTracer) -> Span:
        """The one span of the client's."""
        spans = tracer.spans.find_all(self.span_name)
        assert len(spans) == 1
        return spans[0]

    # -- the context ---------------------------------------------------------------------------------------------------

    def test_request_carries_the_context_of_its_span(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """Each header comes once, and names the span of the request, whose parent is the current one."""
        with tracer.trace("work") as work:
            assert self.get(client, server.url) == 200
        span = self.span_of(tracer)
        carried = server.carried()
        assert sorted(carried) == IDS
        assert (int(carried["x-datadog-trace-id"]), int(carried["x-datadog-parent-id"])) == (
            work.trace_id,
            span.span_id,
        )
        assert span.parent_id == work.span_id

    def test_stale_headers_give_way(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """What the caller hands on of another trace, in whatever case, is not sent beside ours."""
        self.get(client, server.url, {"X-Datadog-Trace-Id": "1", "X-DATADOG-PARENT-ID": "2", "X-Shop": "fruit"})
        carried = server.carried()
        assert int(carried["x-datadog-parent-id"]) == self.span_of(tracer).span_id
        assert server.headers()["x-shop"] == "fruit"

    @pytest.mark.parametrize("kind", [dict, MappingProxyType])
    def test_headers_of_the_caller_are_left_alone(
        self, tracer: DummyTracer, server: Recorded, client: Any, kind: Any
    ) -> None:
        """They may be frozen, too; sent twice, they are what they were."""
        headers = kind({"X-Shop": "fruit"})
        assert [self.get(client, server.url, headers) for _ in range(2)] == [200, 200]
        assert dict(headers) == {"X-Shop": "fruit"}
        assert server.headers()["x-shop"] == "fruit"
        assert len({dict(request)["x-datadog-parent-id"] for request in server.requests}) == 2

    def test_nothing_is_carried_where_that_is_off(
        self, tracer: DummyTracer, server: Recorded, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The request has a span all the same."""
        monkeypatch.setitem(self.settings, "distributed_tracing", False)
        self.get(client, server.url, {"x-datadog-trace-id": "1"})
        assert server.carried() == {"x-datadog-trace-id": "1"}
        assert self.span_of(tracer)

    def test_nothing_is_carried_without_a_span(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """A tracer that is off adds nothing."""
        tracer.enabled = False
        self.get(client, server.url)
        assert server.carried() == {}

    def test_threads_have_spans_of_their_own(self, tracer: DummyTracer, server: Recorded) -> None:
        """What two threads send at once carries two contexts, below what is current in each."""

        def work(number: int) -> None:
            with closing(self.make_client()) as client, tracer.trace("work", resource=str(number)):
                self.get(client, server.url, {"X-Number": str(number)})

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, range(8)))
        parents = {span.span_id: span.resource for span in tracer.spans.find_all("work")}
        numbers = {str(span.span_id): parents[span.parent_id] for span in tracer.spans.find_all(self.span_name)}
        assert {head["x-datadog-parent-id"]: head["X-Number"] for head in map(dict, server.requests)} == numbers
        assert len(numbers) == 8

    # -- the span ------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(("status", "error"), [(200, 0), (404, 0), (499, 0), (500, 1), (599, 1)])
    def test_status_of_a_server_s_failure_is_an_error(
        self, tracer: DummyTracer, server: Recorded, client: Any, status: int, error: int
    ) -> None:
        """One of the caller's own is none."""
        server.status = status
        assert self.get(client, server.url) == status
        span = self.span_of(tracer)
        assert (span.get_tag("http.status_code"), span.error) == (str(status), error)

    def test_which_statuses_are_errors(
        self, tracer: DummyTracer, server: Recorded, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """That is for the application to say."""
        monkeypatch.setattr(config.http_server, "error_statuses", "404")
        server.status = 404
        self.get(client, server.url)
        assert self.span_of(tracer).error == 1

    def test_span_says_where_the_request_went(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """By method, URL and host; a secret in the query is hidden."""
        self.get(client, f"{server.url}/basket?colour=red&token={CANARY}")
        span = self.span_of(tracer)
        query = "?colour=red&<redacted>" if self.has_query_in_url else ""
        assert span.get_tag("http.url") == f"{server.url}/basket{query}"
        assert (span.get_tag("http.method"), span.get_tag("out.host")) == ("GET", "127.0.0.1")
        assert (span.resource, span.span_type) == (self.span_name, "http")
        assert span.get_tag("http.query.string") is None

    def test_url_has_a_query_only_where_that_is_on(
        self, tracer: DummyTracer, server: Recorded, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """``DD_HTTP_CLIENT_TAG_QUERY_STRING`` says so for all clients."""
        for text, query in (("false", ""), ("true", "?colour=red")):
            with monkeypatch.context() as patch:
                patch.setenv("DD_HTTP_CLIENT_TAG_QUERY_STRING", text)
                config.reread(self.integration.name)
                self.get(client, f"{server.url}/?colour=red")
            config.reread(self.integration.name)
            assert tracer.spans.find_all(self.span_name)[-1].get_tag("http.url") == f"{server.url}/{query}"

    def test_query_is_a_tag_where_asked_for(
        self, tracer: DummyTracer, server: Recorded, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """``config.<name>.http.trace_query_string`` says so."""
        monkeypatch.setattr(self.settings.http, "trace_query_string", True)
        self.get(client, f"{server.url}/?colour=red")
        assert self.span_of(tracer).get_tag("http.query.string") == "colour=red"

    def test_headers_become_tags_where_asked_for(
        self, tracer: DummyTracer, server: Recorded, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of the request as of the response."""
        monkeypatch.setattr(self.settings.http, "_header_tags", {"x-shop": "", "x-answer": "answer"})
        self.get(client, server.url, {"X-Shop": "fruit"})
        span = self.span_of(tracer)
        assert (span.get_tag("http.request.headers.x-shop"), span.get_tag("answer")) == ("fruit", "42")

    @pytest.mark.parametrize(("enabled", "rate"), [(None, None), (True, 0.5)])
    def test_analytics_only_where_they_are_on(
        self,
        tracer: DummyTracer,
        server: Recorded,
        client: Any,
        monkeypatch: pytest.MonkeyPatch,
        enabled: bool | None,
        rate: float | None,
    ) -> None:
        """The share is on the span."""
        monkeypatch.setitem(self.settings, "analytics_enabled", enabled)
        monkeypatch.setitem(self.settings, "analytics_sample_rate", 0.5)
        self.get(client, server.url)
        assert self.span_of(tracer).get_metric("_dd1.sr.eausr") == rate

    # -- the service ---------------------------------------------------------------------------------------------------

    def test_service_is_the_host_where_asked_for(
        self, tracer: DummyTracer, server: Recorded, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With the port that is in the URL."""
        if not self.splits_by_domain:
            assert "split_by_domain" not in self.settings
            return
        monkeypatch.setitem(self.settings, "split_by_domain", True)
        self.get(client, server.url)
        assert self.span_of(tracer).service == server.url.removeprefix("http://")

    def test_pin_of_one_client(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """Its service and its tags are on its spans."""
        Pin.override(client, service="baskets", tags={"team": "fruit"})
        self.get(client, server.url)
        span = self.span_of(tracer)
        assert (span.service, span.get_tag("team")) == ("baskets", "fruit")

    # -- secrets -------------------------------------------------------------------------------------------------------

    def test_errors_keep_secrets(self, tracer: DummyTracer, client: Any) -> None:
        """The text of an exception may hold the URL; its tags do not hold what must not be in one."""
        with pytest.raises(Exception):  # noqa: B017 (each client has its own)
            self.get(client, f"http://127.0.0.1:9/?colour=red&token={CANARY}")
        span = self.span_of(tracer)
        assert span.error == 1
        assert CANARY not in repr((span.get_tags(), span.resource, span.service))
