"""What of the requests integration the common checks do not prove: sessions with settings of their own, and secrets."""

from __future__ import annotations

import textwrap
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from ddtrace import Pin, config
from ddtrace.contrib import requests as documented
from ddtrace.contrib.requests import TracedSession, integration
from testkit import DummyTracer, run_python
from tests.contrib.client_facts import CANARY, ClientFacts, Recorded, recording_server


class TestRequests(ClientFacts):
    """By a session."""

    integration = integration
    span_name = "requests.request"

    def make_client(self) -> requests.Session:
        return requests.Session()

    def get(self, client: requests.Session, url: str, headers: Any = None) -> int:
        return client.get(url, headers=headers, timeout=30).status_code

    # -- settings of one session ---------------------------------------------------------------------------------------

    def test_settings_of_one_session(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """``config.get_from(session)`` goes before ``config.requests``, and holds for this session only."""
        config.get_from(client).update(split_by_domain=True, distributed_tracing=False)
        self.get(client, server.url)
        assert server.carried() == {}
        requests.get(server.url)
        assert server.carried()
        assert [span.service for span in tracer.spans] == [server.url.removeprefix("http://"), "requests"]

    def test_service_of_one_session(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """It may be set as one of its settings."""
        config.get_from(client)["service"] = "baskets"
        self.get(client, server.url)
        assert self.span_of(tracer).service == "baskets"

    def test_tracer_of_one_session(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """``session.datadog_tracer`` goes before the pin's."""
        client.datadog_tracer = other = DummyTracer()
        self.get(client, server.url)
        assert (len(tracer.spans), len(other.spans)) == (0, 1)

    @pytest.mark.parametrize(
        ("url", "host", "service"),
        [
            ("http://Shop.example:8080/", "shop.example", "shop.example:8080"),
            ("https://user:pw@shop.example/", "shop.example", "shop.example"),
            ("http://[::1]:80/", "::1", "[::1]:80"),
            ("mem:basket", None, "requests"),
        ],
    )
    def test_host_and_service_of_a_url(
        self, tracer: DummyTracer, client: Any, monkeypatch: pytest.MonkeyPatch, url: str, host: str, service: str
    ) -> None:
        """Neither has credentials; the service has the port of the URL, and is the usual one without a host."""
        monkeypatch.setitem(config.requests, "split_by_domain", True)
        for scheme in ("http://", "https://", "mem:"):
            client.mount(scheme, Canned())
        client.get(url)
        span = self.span_of(tracer)
        assert (span.get_tag("out.host"), span.service) == (host, service)

    # -- what an application sees --------------------------------------------------------------------------------------

    def test_adapter_is_handed_the_context(self, tracer: DummyTracer, client: Any) -> None:
        """Also one that is no HTTPAdapter; what it adds to the headers stays, and the context does not."""
        client.mount("mem:", adapter := Canned())
        response = client.get("mem:basket")
        assert int(adapter.headers["x-datadog-parent-id"]) == self.span_of(tracer).span_id
        assert response.request.headers["X-Canned"] == "yes"
        assert not [name for name in response.request.headers if "datadog" in name]

    def test_context_that_the_application_gives_goes_behind_ours(self, tracer: DummyTracer, client: Any) -> None:
        """What is sent tells of one trace only; the application finds its own headers afterwards."""
        client.mount("mem:", adapter := Canned())
        response = client.get("mem:basket", headers={"X-Datadog-Origin": "elsewhere", "X-Datadog-Parent-Id": "1"})
        sent = {name.lower(): value for name, value in adapter.headers.items()}
        assert int(sent["x-datadog-parent-id"]) == self.span_of(tracer).span_id
        assert "x-datadog-origin" not in sent
        kept = dict(response.request.headers)
        assert (kept["X-Datadog-Origin"], kept["X-Datadog-Parent-Id"]) == ("elsewhere", "1")

    def test_digest_authentication_carries_the_context_twice(self, tracer: DummyTracer, httpbin_url: str) -> None:
        """The request that is sent anew belongs to the same span."""
        sent = []

        class Noting(requests.adapters.HTTPAdapter):
            def send(self, request: Any, **kwargs: Any) -> Any:
                sent.append(request.headers["x-datadog-parent-id"])
                return super().send(request, **kwargs)

        with requests.Session() as session:
            session.mount("http://", Noting())
            digest = requests.auth.HTTPDigestAuth("user", "pw")
            assert session.get(f"{httpbin_url}/digest-auth/auth/user/pw", auth=digest).status_code == 200
        assert sent == [str(self.span_of(tracer).span_id)] * 2

    def test_request_that_two_threads_send_at_once(self, tracer: DummyTracer, httpbin_url: str, client: Any) -> None:
        """Both are answered."""
        prepared = client.prepare_request(requests.Request("GET", f"{httpbin_url}/delay/0.05"))
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(lambda _: client.send(prepared).status_code, range(4))) == [200] * 4
        assert len(tracer.spans) == 4

    # -- TracedSession -------------------------------------------------------------------------------------------------

    def test_traced_session_needs_no_patching(self, server: Recorded) -> None:
        """Its requests have spans, and carry their context."""
        with TracedSession() as session:
            session.datadog_tracer = tracer = DummyTracer()
            self.get(session, server.url)
            assert requests.get(server.url).status_code == 200
        assert int(dict(server.requests[0])["x-datadog-parent-id"]) == self.span_of(tracer).span_id
        assert server.carried() == {}

    def test_traced_session_is_traced_once(self, tracer: DummyTracer, server: Recorded) -> None:
        """Where requests is patched, too, a request has one span."""
        with TracedSession() as session:
            Pin.override(session, tracer=tracer)
            self.get(session, server.url)
        assert self.span_of(tracer)

    # -- secrets -------------------------------------------------------------------------------------------------------

    def test_credentials_are_not_shown(self, tracer: DummyTracer, client: Any) -> None:
        """Neither those of the URL, nor headers, cookies, or what an adapter says of them."""
        with pytest.raises(requests.exceptions.InvalidSchema, match=CANARY):
            client.get(
                f"ftp://user:{CANARY}@127.0.0.1/?colour=red&api_key={CANARY}",
                headers={"Authorization": f"Bearer {CANARY}"},
                cookies={"session": CANARY},
            )
        span = self.span_of(tracer)
        assert CANARY not in repr((span.get_tags(), span.resource, span.service))
        assert "ftp://127.0.0.1/?colour=red&<redacted>" in span.get_tag("error.message")

    @pytest.mark.parametrize(
        "url", ["http://[", "http://127.0.0.1:99999/", "http://\udcff/", "http://" + "x" * 1_000_000, b"\xff", 7, None]
    )
    def test_any_url_fails_as_without_tracing(self, tracer: DummyTracer, client: Any, url: Any) -> None:
        """What is no URL makes nothing of ours fail."""
        prepared = requests.Request("GET", "http://127.0.0.1/").prepare()
        prepared.url = url
        client.mount("", Canned())

        def outcome(session: requests.Session) -> Any:
            session.mount("", Canned())
            try:
                return session.send(prepared).status_code
            except Exception as error:
                return type(error), str(error)

        seen = outcome(client)
        tracer.enabled = False
        assert seen == outcome(client)


class Canned(BaseAdapter):
    """An adapter that sends nothing, and keeps the headers that it was to send."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        self.headers = dict(request.headers)
        request.headers["X-Canned"] = "yes"
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, str(request.url)
        response._content = b""
        return response

    def close(self) -> None:
        """There is nothing to close."""


def test_example_of_the_docs_runs() -> None:
    """The module's example traces a request by the session's service."""
    example = textwrap.dedent(documented.__doc__.split("import requests``::\n")[1].split("\nA span lasts")[0])
    with recording_server() as server:
        request = f"""
from ddtrace import tracer
tracer.on_start_span(lambda span: print(span.name, span.service))
print(session.get("{server.url}/basket").text)
"""
        example = example.replace("http://127.0.0.1:8000", server.url)
        printed = run_python("-c", example + request, env={"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"}).splitlines()
        assert (server.carried(), len(server.requests)) == ({}, 2)
    assert printed == ["requests.request baskets", "ok"]


def test_options_are_those_of_the_docs() -> None:
    """Each declared option is documented, with its variable and its default."""
    for option in integration.options:
        line = f"- ``{option.name}`` (``{option.env_for('requests')}``, default {option.default})"
        assert line in documented.__doc__


def test_it_is_on_by_default() -> None:
    """``patch_all`` traces it."""
    assert integration.enabled_by_default
