"""What of the httpx integration the common checks do not prove: the async client, redirects, tasks, services."""

from __future__ import annotations

import asyncio
import textwrap
from typing import Any

import httpx
import pytest

from ddtrace import Pin, config
from ddtrace.contrib import httpx as documented
from ddtrace.contrib.httpx import integration
from testkit import DummyTracer, run_python
from tests.contrib.client_facts import CANARY, ClientFacts, Recorded, recording_server


class TestHttpx(ClientFacts):
    """By a client."""

    integration = integration
    span_name = "http.request"

    def make_client(self) -> httpx.Client:
        return httpx.Client(trust_env=False, verify=False, timeout=30)

    def get(self, client: httpx.Client, url: str, headers: Any = None) -> int:
        return client.get(url, headers=headers).status_code

    # -- what an application sees --------------------------------------------------------------------------------------

    def test_redirects_are_part_of_one_span(self, tracer: DummyTracer) -> None:
        """Each request carries its context, and none shows it after."""
        sent = []

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request.headers["x-datadog-parent-id"])
            return httpx.Response(302 if len(sent) < 3 else 200, headers={"Location": "/again"})

        with httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True) as client:
            response = client.get("http://shop.example/")
        span = self.span_of(tracer)
        assert sent == [str(span.span_id)] * 3
        assert (span.get_tag("http.url"), span.get_tag("http.status_code")) == ("http://shop.example/", "200")
        for each in (*response.history, response):
            assert not [name for name in each.request.headers if "datadog" in name or name.startswith("trace")]

    def test_headers_with_several_values_stay_so(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """Each is sent."""
        self.get(client, server.url, [("X-Several", "a"), ("X-Several", "b")])
        assert [value for name, value in server.requests[-1] if name == "X-Several"] == ["a", "b"]

    # -- the service ---------------------------------------------------------------------------------------------------

    def test_service_is_that_of_the_span_above(
        self, tracer: DummyTracer, server: Recorded, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else the application's, unless one is set."""
        with tracer.trace("work", service="worker"):
            self.get(client, server.url)
        monkeypatch.setattr(config, "service", "shop")
        self.get(client, server.url)
        monkeypatch.setitem(config.httpx, "service", "shops")
        self.get(client, server.url)
        services = [span.service for span in tracer.spans.find_all(self.span_name)]
        assert services == ["worker", "shop", "shops"]

    @pytest.mark.parametrize(
        ("url", "service"),
        [
            ("http://Shop.example:8080/", "shop.example:8080"),
            ("https://user:pw@shop.example:443/", "shop.example"),
            ("http://[::1]:8080/", "[::1]:8080"),
        ],
    )
    def test_service_of_a_url(
        self, tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch, url: str, service: str
    ) -> None:
        """It has no credentials, nor the usual port."""
        monkeypatch.setitem(config.httpx, "split_by_domain", True)
        with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as client:
            client.get(url)
        assert self.span_of(tracer).service == service

    def test_settings_of_one_client(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """``config.get_from(client)`` goes before ``config.httpx``."""
        config.get_from(client).update(distributed_tracing=False, service="baskets")
        self.get(client, server.url)
        assert (server.carried(), self.span_of(tracer).service) == ({}, "baskets")

    # -- secrets -------------------------------------------------------------------------------------------------------

    def test_credentials_are_not_shown(self, tracer: DummyTracer, server: Recorded, client: Any) -> None:
        """Neither those of the URL, nor headers and cookies."""
        client.cookies.set("session", CANARY)
        url = server.url.replace("//", f"//user:{CANARY}@")
        self.get(client, f"{url}/?api_key={CANARY}", {"X-Token": CANARY})
        assert "authorization" in server.headers()
        span = self.span_of(tracer)
        assert CANARY not in repr((span.get_tags(), span.resource, span.service))


class TestAsyncHttpx(TestHttpx):
    """By an async client, in a loop of its own for each request."""

    def make_client(self) -> Any:
        return AsyncClient()

    def get(self, client: Any, url: str, headers: Any = None) -> int:
        return client.get(url, headers=headers)

    def test_tasks_have_spans_of_their_own(self, tracer: DummyTracer, server: Recorded) -> None:
        """What several tasks send at once carries a context each, below what is current in each."""

        async def work(client: httpx.AsyncClient, number: int) -> None:
            with tracer.trace("work", resource=str(number)):
                await client.get(server.url, headers={"X-Number": str(number)})

        async def run() -> None:
            async with httpx.AsyncClient(trust_env=False, verify=False) as client:
                await asyncio.gather(*(work(client, number) for number in range(8)))

        asyncio.run(run())
        parents = {span.span_id: span.resource for span in tracer.spans.find_all("work")}
        numbers = {str(span.span_id): parents[span.parent_id] for span in tracer.spans.find_all(self.span_name)}
        assert {head["x-datadog-parent-id"]: head["x-number"] for head in map(lowered, server.requests)} == numbers
        assert len(numbers) == 8


class AsyncClient:
    """An async client, for who is not: it is opened, used and closed within each call."""

    def __init__(self) -> None:
        self.cookies = httpx.Cookies()

    def get(self, url: str, headers: Any = None) -> int:
        async def ask() -> int:
            async with httpx.AsyncClient(trust_env=False, verify=False, timeout=30, cookies=self.cookies) as client:
                pin = Pin.lookup(self)
                if pin is not None:
                    config.get_from(client).update(pin._config)
                    Pin.override(client, tags=pin.tags)
                return (await client.get(url, headers=headers)).status_code

        return asyncio.run(ask())


Pin().onto(AsyncClient)


def lowered(head: list[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in head}


def test_example_of_the_docs_runs() -> None:
    """The module's example traces a request by the client's service."""
    example = textwrap.dedent(documented.__doc__.split("import httpx``::\n")[1].split("\nA span lasts")[0])
    show = "\nfrom ddtrace import tracer\ntracer.on_start_span(lambda span: print(span.name, span.service))\n"
    with recording_server() as server:
        example = show + example.replace("http://127.0.0.1:8000", server.url)
        printed = run_python("-c", example, env={"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"})
    assert (printed, len(server.requests)) == ("http.request baskets\n", 1)


def test_options_are_those_of_the_docs() -> None:
    """Each declared option is documented, with its variable and its default."""
    for option in integration.options:
        line = f"- ``{option.name}`` (``{option.env_for('httpx')}``, default {option.default})"
        assert line in documented.__doc__


def test_it_is_on_by_default() -> None:
    """``patch_all`` traces it."""
    assert integration.enabled_by_default
