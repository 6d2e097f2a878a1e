"""requests sends by urllib3, and that by http.client: traced together, their spans are nested, and a header comes once.

The innermost span whose integration carries contexts is the parent of what the server does: it is the nearest to it.
"""

from __future__ import annotations

import contextlib
from typing import Iterator

import pytest
import requests

from ddtrace import config
from ddtrace.contrib import httplib
from ddtrace.contrib import requests as traced_requests
from ddtrace.contrib import urllib3
from testkit import DummyTracer, traced
from tests.contrib.client_facts import IDS, Recorded, recording_server

SPAN_NAMES = {
    traced_requests.integration: "requests.request",
    urllib3.integration: "urllib3.request",
    httplib.integration: "http.client.request",
}
"""From the outermost to the innermost."""


@pytest.fixture
def server() -> Iterator[Recorded]:
    """A server that keeps what it gets."""
    with recording_server() as server:
        yield server


@contextlib.contextmanager
def all_traced(*integrations: object) -> Iterator[DummyTracer]:
    """Several libraries traced by one tracer."""
    tracer = DummyTracer()
    with contextlib.ExitStack() as stack:
        for integration in integrations:
            stack.enter_context(traced(integration, tracer))
        yield tracer


@pytest.mark.parametrize("innermost", [1, 2, 3])
def test_each_header_comes_once_and_is_the_innermost_s(server: Recorded, innermost: int) -> None:
    """The spans are one below the other, and the request carries the context of the last."""
    integrations = list(SPAN_NAMES)[:innermost]
    with all_traced(*integrations) as tracer, tracer.trace("work") as work:
        assert requests.get(server.url).status_code == 200
    spans = [tracer.spans.find(SPAN_NAMES[integration]) for integration in integrations]
    assert [span.parent_id for span in spans] == [work.span_id, *(span.span_id for span in spans[:-1])]
    carried = server.carried()
    assert sorted(carried) == IDS
    assert int(carried["x-datadog-parent-id"]) == spans[-1].span_id
    assert int(carried["traceparent"].split("-")[2], 16) == spans[-1].span_id


def test_order_of_patching_does_not_matter(server: Recorded) -> None:
    """The innermost is the one that is called last."""
    with all_traced(*reversed(SPAN_NAMES)) as tracer:
        requests.get(server.url)
    assert [span.name for span in tracer.spans] == list(SPAN_NAMES.values())
    assert int(server.carried()["x-datadog-parent-id"]) == tracer.spans[-1].span_id


def test_one_that_carries_nothing_hands_on_what_the_others_carry(
    server: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With distributed tracing off for one, the next one above it counts."""
    monkeypatch.setitem(config.httplib, "distributed_tracing", False)
    with all_traced(*SPAN_NAMES) as tracer:
        requests.get(server.url)
    assert int(server.carried()["x-datadog-parent-id"]) == tracer.spans.find("urllib3.request").span_id


def test_each_span_has_a_service_of_its_own(server: Recorded) -> None:
    """That of http.client has none, and so the one of the span above."""
    with all_traced(*SPAN_NAMES) as tracer:
        requests.get(server.url)
    assert [span.service for span in tracer.spans] == ["requests", "urllib3", "urllib3"]


def test_failure_is_on_each_span() -> None:
    """As each library raises it."""
    with all_traced(*SPAN_NAMES) as tracer, pytest.raises(requests.ConnectionError):
        requests.get("http://127.0.0.1:9/")
    assert [(span.error, span.get_tag("error.type").rpartition(".")[2]) for span in tracer.spans] == [
        (1, "ConnectionError"),
        (1, "MaxRetryError"),
        (1, "NewConnectionError"),
    ]
