"""Where urllib3 is wrapped, and what its spans say."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._http_client import ClientRequest, describe_response, open_request, whole_url, with_context
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import shield
from ddtrace.contrib.urllib3 import integration

PARAMETERS = ("method", "url", "body", "headers", "retries")
"""Of ``urlopen``, as far as they are looked at."""

HEADERS = PARAMETERS.index("headers")


def urlopen(wrapped: Any, pool: Any, args: tuple, kwargs: dict) -> Any:
    given, url = {}, None
    with shield("look at a request"):
        given = dict(zip(PARAMETERS, args)) | kwargs
        url = whole_url(pool.scheme, pool.host, pool.port, given.get("url"))
    with open_request(
        integration,
        pool,
        "urllib3.request",
        given.get("method"),
        url,
        headers := headers_of(pool, given),
        retries_remain=retries_of(given.get("retries")),
    ) as call:
        if isinstance(call, ClientRequest) and call.is_carrying:
            with shield("have a request carry a context"):
                args, kwargs = with_headers(args, kwargs, with_context(call.span, headers))
        response = wrapped(*args, **kwargs)
        call.describe(describe_response, integration, response.status, response.headers)
        return response


def headers_of(pool: Any, given: dict[str, Any]) -> Any:
    """The headers of a request: those given, else those of the pool."""
    headers = given.get("headers")
    return getattr(pool, "headers", None) if headers is None else headers


def with_headers(args: tuple, kwargs: dict, headers: Any) -> tuple[tuple, dict]:
    """The arguments of a call with other headers."""
    if len(args) > HEADERS:
        return (*args[:HEADERS], headers, *args[HEADERS + 1 :]), kwargs
    return args, {**kwargs, "headers": headers}


def retries_of(retries: Any) -> int | None:
    """How many more times a request may be sent, where the caller says so."""
    total = getattr(retries, "total", retries)
    # True and False are numbers, too, but say whether there is an exception in the end.
    return total if isinstance(total, int) and not isinstance(total, bool) else None


patching = Patching(
    integration,
    targets=(
        # There is no other place for a context than a copy of the headers.
        Target("urllib3.connectionpool", "HTTPConnectionPool.urlopen", urlopen, replaces=(("headers", HEADERS),)),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
