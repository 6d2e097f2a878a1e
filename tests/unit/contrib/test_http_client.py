"""What of the headers that a client's request carries no client's own tests prove: strange mappings, and company."""

from __future__ import annotations

from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple

import pytest

from ddtrace import Span
from ddtrace.contrib._http_client import ClientRequest, carried, copy_of, domain_of, parts_of, secrets_of
from testkit.patched import failures_are_fatal


@pytest.fixture
def call() -> ClientRequest:
    """A request that carries its context."""
    return ClientRequest(Span("request"), parts_of("http://shop.example/"), is_carrying=True)


class Immutable(dict):
    """A dictionary that is its own copy."""

    def copy(self) -> Immutable:
        return self


@pytest.mark.parametrize("headers", [{"a": "b"}, MappingProxyType({"a": "b"}), Immutable(a="b"), None])
def test_copies_can_be_changed(headers: Any) -> None:
    """Of whatever the caller gave, which stays as it is."""
    copied = copy_of(headers)
    copied["x"] = "y"
    assert headers is None or headers == {"a": "b"}
    assert copied == {**(headers or {}), "x": "y"}


def test_headers_are_the_caller_s_again(call: ClientRequest) -> None:
    """The very object, also where the block fails."""
    request = SimpleNamespace(headers=(headers := {"a": "b"}))
    with pytest.raises(ValueError), carried(call, request):
        assert int(request.headers["x-datadog-parent-id"]) == call.span.span_id
        raise ValueError
    assert request.headers is headers == {"a": "b"}


def test_what_the_library_changes_stays_changed(call: ClientRequest) -> None:
    """Headers that it adds and removes within the block are added and removed after it."""
    request = SimpleNamespace(headers={"a": "b", "c": "d"})
    with carried(call, request):
        request.headers["e"] = "f"
        del request.headers["a"]
    assert request.headers == {"c": "d", "e": "f"}


def test_context_that_the_caller_gave_comes_back(call: ClientRequest) -> None:
    """Within the block ours goes before it."""
    request = SimpleNamespace(headers={"X-Datadog-Trace-Id": "1", "a": "b"})
    with carried(call, request):
        assert "X-Datadog-Trace-Id" not in request.headers
        request.headers["e"] = "f"
    assert request.headers == {"X-Datadog-Trace-Id": "1", "a": "b", "e": "f"}


def test_two_that_send_one_request(call: ClientRequest) -> None:
    """Each has its own headers; what the first one leaves in the end is no reason to fail."""
    other = ClientRequest(Span("request"), parts_of(""), is_carrying=True)
    request = SimpleNamespace(headers={"a": "b"})
    first, second = carried(call, request), carried(other, request)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert int(request.headers["x-datadog-parent-id"]) == other.span.span_id
    second.__exit__(None, None, None)
    assert request.headers["a"] == "b"


def test_a_copy_that_cannot_be_changed_leaves_the_others_to_be(call: ClientRequest) -> None:
    """The context is taken out of those behind it."""
    request = SimpleNamespace(headers={})
    with failures_are_fatal(False), carried(call, request) as carrying:
        fixed = Fixed(dict(request.headers))
        copied = SimpleNamespace(headers={**request.headers, "a": "b"})
        carrying.take_out_of([fixed, copied])
    assert copied.headers == {"a": "b"}


class Fixed(NamedTuple):
    """A request whose headers cannot be others."""

    headers: dict[str, str]


def test_context_is_taken_out_of_copies(call: ClientRequest) -> None:
    """A request that the library has copied loses ours, and nothing else."""
    request = SimpleNamespace(headers={"a": "b"})
    strangers = SimpleNamespace(headers={"x-datadog-trace-id": "1"})
    with carried(call, request) as carrying:
        copied = SimpleNamespace(headers=dict(request.headers))
        carrying.take_out_of([request, copied, strangers, None])
    assert copied.headers == {"a": "b"} == request.headers
    assert strangers.headers == {"x-datadog-trace-id": "1"}


@pytest.mark.parametrize(
    ("url", "domain", "secrets"),
    [
        ("http://shop.example:80/?a=b", "shop.example:80", {}),
        ("http://user:pw@shop.example/", "shop.example", {"user:pw@": ""}),
        ("http://shop.example/?a=b&token=c", "shop.example", {"a=b&token=c": "a=b&<redacted>"}),
        ("http://[", "", {}),
        (None, "", {}),
        (b"http://shop.example", "shop.example", {}),
    ],
)
def test_parts_of_a_url(url: Any, domain: str, secrets: dict[str, str]) -> None:
    """The domain has no credentials; what must not be shown is known with what is shown instead."""
    parts = parts_of(url)
    assert (domain_of(parts), secrets_of(parts)) == (domain, secrets)
