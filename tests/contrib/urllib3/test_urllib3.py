"""What of the urllib3 integration the common checks do not prove: its arguments, and what it says of retries."""

from __future__ import annotations

import textwrap
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

from ddtrace import config
from ddtrace.contrib import urllib3 as documented
from ddtrace.contrib.urllib3 import integration
from ddtrace.contrib.urllib3.patch import retries_of
from testkit import DummyTracer, run_python
from tests.contrib.client_facts import ClientFacts, Recorded, recording_server


class Client:
    """Keeps a pool for each server, with the pin that it was given itself."""

    def __init__(self) -> None:
        self.manager = urllib3.PoolManager()

    def __setddpin__(self, pin: Any) -> None:
        self.pin = pin

    def pool(self, url: str) -> urllib3.HTTPConnectionPool:
        pool = self.manager.connection_from_url(url)
        if hasattr(self, "pin"):
            self.pin.clone(tracer=urllib3.HTTPConnectionPool._datadog_pin.tracer).onto(pool)
        return pool

    def close(self) -> None:
        self.manager.clear()


class TestUrllib3(ClientFacts):
    """By pools."""

    integration = integration
    span_name = "urllib3.request"

    def make_client(self) -> Client:
        return Client()

    def get(self, client: Client, url: str, headers: Any = None) -> int:
        parts = urlsplit(url)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        return client.pool(url).urlopen("GET", path, headers=headers, retries=False, timeout=30).status

    # -- arguments -----------------------------------------------------------------------------------------------------

    def test_headers_of_the_pool_are_sent_where_none_are_given(self, tracer: DummyTracer, server: Recorded) -> None:
        """They are left alone, too."""
        with urllib3.connection_from_url(server.url, headers={"X-Pool": "pool"}) as pool:
            pool.urlopen("GET", "/")
            assert pool.headers == {"X-Pool": "pool"}
            assert (server.headers()["x-pool"], len(server.carried()) > 0) == ("pool", True)
            pool.urlopen("GET", "/", headers={})
        assert "x-pool" not in server.headers()

    def test_headers_by_position(self, tracer: DummyTracer, server: Recorded) -> None:
        """They are a copy there, too, and what stands behind them stays where it is."""
        headers = {"X-Shop": "fruit"}
        with urllib3.connection_from_url(server.url) as pool:
            assert pool.urlopen("POST", "/", b"apple", headers, 3, False).status == 200
        assert headers == {"X-Shop": "fruit"}
        assert server.headers()["x-shop"] == "fruit"
        assert self.span_of(tracer).get_tag("http.retries_remain") == "3"

    def test_headers_with_several_values_stay_so(self, tracer: DummyTracer, server: Recorded) -> None:
        """They are of urllib3's own kind."""
        headers = urllib3._collections.HTTPHeaderDict({"X-Several": "a"})
        headers.add("X-Several", "b")
        with urllib3.connection_from_url(server.url) as pool:
            pool.urlopen("GET", "/", headers=headers)
        # urllib3 2 puts each of them, before that they were joined.
        assert ", ".join(value for name, value in server.requests[-1] if name == "X-Several") == "a, b"

    # -- retries -------------------------------------------------------------------------------------------------------

    def test_retries_are_spans_below_the_first(self, tracer: DummyTracer, server: Recorded) -> None:
        """Each says how many more there may be, and carries its own context."""
        server.status = 503
        with urllib3.connection_from_url(server.url) as pool:
            pool.urlopen("GET", "/", retries=urllib3.Retry(2, status_forcelist=[503], raise_on_status=False))
        spans = tracer.spans.find_all(self.span_name)
        assert [span.get_tag("http.retries_remain") for span in spans] == ["2", "1", "0"]
        assert [span.parent_id for span in spans] == [None, spans[0].span_id, spans[1].span_id]
        sent = [int(dict(head)["x-datadog-parent-id"]) for head in server.requests]
        assert sent == [span.span_id for span in spans]

    @pytest.mark.parametrize(
        ("retries", "remain"), [(None, None), (False, None), (True, None), (3, 3), (urllib3.Retry(2), 2)]
    )
    def test_retries_that_remain(self, retries: Any, remain: int | None) -> None:
        """Where the caller says nothing of a number, neither does the span."""
        assert retries_of(retries) == remain

    # -- service -------------------------------------------------------------------------------------------------------

    def test_usual_port_is_no_part_of_the_service(self, tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nor of the URL."""
        monkeypatch.setitem(config.urllib3, "split_by_domain", True)

        class Nowhere(urllib3.HTTPSConnectionPool):
            def _get_conn(self, timeout: Any = None) -> Any:
                raise ValueError("nowhere")

        with pytest.raises(ValueError), Nowhere("shop.example") as pool:
            pool.urlopen("GET", "/a")
        span = self.span_of(tracer)
        assert (span.service, span.get_tag("http.url")) == ("shop.example", "https://shop.example/a")


def test_example_of_the_docs_runs() -> None:
    """The module's example traces a request by the pool's service."""
    example = textwrap.dedent(documented.__doc__.split("import urllib3``::\n")[1].split("\nA span lasts")[0])
    show = "\nfrom ddtrace import tracer\ntracer.on_start_span(lambda span: print(span.name, span.service))\n"
    with recording_server() as server:
        example = show + example.replace("8000", server.url.rpartition(":")[2])
        printed = run_python("-c", example, env={"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"})
    assert (printed, len(server.requests)) == ("urllib3.request baskets\n", 1)


def test_options_are_those_of_the_docs() -> None:
    """Each declared option is documented, with its variable and its default."""
    for option in integration.options:
        line = f"- ``{option.name}`` (``{option.env_for('urllib3')}``, default {option.default})"
        assert line in documented.__doc__


def test_it_is_off_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """``patch_all`` does not trace it unless DD_TRACE_URLLIB3_ENABLED says so."""
    monkeypatch.delenv("DD_TRACE_URLLIB3_ENABLED", raising=False)
    assert not integration.is_enabled
    monkeypatch.setenv("DD_TRACE_URLLIB3_ENABLED", "true")
    assert integration.is_enabled
