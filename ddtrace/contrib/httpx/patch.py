"""Where httpx is wrapped, and what its spans say."""

from __future__ import annotations

from typing import Any, Iterator

from ddtrace.contrib._http_client import ClientRequest, carried, describe_response, open_request
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import _Untraced
from ddtrace.contrib.httpx import integration


def send(wrapped: Any, client: Any, args: tuple, kwargs: dict) -> Any:
    request = request_of(args, kwargs)
    with open_span(client, request) as call:
        with carried(call, request) as carrying:
            response = wrapped(*args, **kwargs)
            carrying.take_out_of(further_requests(response))
        call.describe(describe_response, integration, response.status_code, response.headers)
        return response


async def send_async(wrapped: Any, client: Any, args: tuple, kwargs: dict) -> Any:
    request = request_of(args, kwargs)
    with open_span(client, request) as call:
        with carried(call, request) as carrying:
            response = await wrapped(*args, **kwargs)
            carrying.take_out_of(further_requests(response))
        call.describe(describe_response, integration, response.status_code, response.headers)
        return response


def request_of(args: tuple, kwargs: dict) -> Any:
    return args[0] if args else kwargs.get("request")


def open_span(client: Any, request: Any) -> ClientRequest | _Untraced:
    method, url, headers = (getattr(request, name, None) for name in ("method", "url", "headers"))
    return open_request(integration, client, "http.request", method, url, headers)


def further_requests(response: Any) -> Iterator[Any]:
    """The requests that were made from the one that is sent, to follow redirects."""
    for each in (*response.history, response):
        yield each.request
    yield response.next_request


patching = Patching(
    integration,
    targets=(
        Target("httpx", "Client.send", send),
        Target("httpx", "AsyncClient.send", send_async),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
