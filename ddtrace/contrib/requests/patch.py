"""Where requests is wrapped, and what its spans say."""

from __future__ import annotations

from typing import Any, Iterator

from ddtrace.contrib._http_client import carried, describe_response, open_request
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib.requests import integration


def send(wrapped: Any, session: Any, args: tuple, kwargs: dict) -> Any:
    request = args[0] if args else kwargs.get("request")
    with open_request(
        integration,
        session,
        "requests.request",
        getattr(request, "method", None),
        getattr(request, "url", None),
        getattr(request, "headers", None),
        getattr(session, "datadog_tracer", None),
    ) as call:
        with carried(call, request) as carrying:
            response = wrapped(*args, **kwargs)
            carrying.take_out_of(further_requests(response))
        call.describe(describe_response, integration, response.status_code, response.headers)
        return response


def further_requests(response: Any) -> Iterator[Any]:
    """The requests that were copied from the one that is sent: by redirects, or by an authentication."""
    for each in (*getattr(response, "history", ()), response):
        yield getattr(each, "request", None)
    yield getattr(response, "next", None)


patching = Patching(integration, targets=(Target("requests", "Session.send", send),))
patch, unpatch = patching.patch, patching.unpatch
