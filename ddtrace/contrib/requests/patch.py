"""Where requests is wrapped, and what its spans say."""

from __future__ import annotations

from typing import Any, Iterator

from requests.structures import CaseInsensitiveDict

from ddtrace.contrib._http_client import Carried, carried, describe_response, open_request
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib.requests import integration
from ddtrace.propagation.http import HEADER_NAMES


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
        with carried(call, request, CarriedInOneStep) as carrying:
            response = wrapped(*args, **kwargs)
            carrying.take_out_of(further_requests(response))
        call.describe(describe_response, integration, response.status_code, response.headers)
        return response


class CarriedInOneStep(Carried):
    """Copies the usual kind of headers whole, and compares them so: its own methods run Python for each header."""

    __slots__ = ()

    def _with(self, ours: dict[str, str], headers: Any) -> Any:
        if type(headers) is not CaseInsensitiveDict or not HEADER_NAMES.isdisjoint(headers._store):
            return super()._with(ours, headers)
        copied = CaseInsensitiveDict.__new__(CaseInsensitiveDict)
        store = copied._store = headers._store.copy()
        for name, value in ours.items():
            # All names of ours are in lower case, which is what it finds a header by.
            store[name] = (name, value)
        return copied

    def _items(self, headers: Any) -> Any:
        return list(headers._store.values()) if type(headers) is CaseInsensitiveDict else super()._items(headers)


def further_requests(response: Any) -> Iterator[Any]:
    """The requests that were copied from the one that is sent: by redirects, or by an authentication."""
    for each in (*getattr(response, "history", ()), response):
        yield getattr(each, "request", None)
    yield getattr(response, "next", None)


patching = Patching(integration, targets=(Target("requests", "Session.send", send),))
patch, unpatch = patching.patch, patching.unpatch
