"""Where http.client is wrapped, and what its spans say."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._http_client import describe_response
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import shield
from ddtrace.contrib.httplib import integration
from ddtrace.contrib.httplib.exchange import Exchange, begin, forget, put_back, under_way
from ddtrace.contrib.trace_utils import set_http_meta
from ddtrace.settings.config import config
from ddtrace.span import Span


def begin_request(wrapped: Any, connection: Any, args: tuple, kwargs: dict) -> Any:
    """``request`` and ``putrequest``, of which the one calls the other."""
    earlier = under_way(connection)
    if earlier.is_within_call:
        return wrapped(*args, **kwargs)
    try:
        with begin(connection, *method_and_url(args, kwargs)):
            return wrapped(*args, **kwargs)
    except BaseException:
        # http.client refuses a request while another one is under way, which goes on.
        put_back(connection, earlier)
        raise


def method_and_url(args: tuple, kwargs: dict) -> tuple[Any, Any]:
    given = dict(zip(("method", "url"), args)) | kwargs
    return given.get("method"), given.get("url")


def putheader(wrapped: Any, connection: Any, args: tuple, kwargs: dict) -> Any:
    exchange = under_way(connection)
    if exchange.span is not None and args:
        with shield("look at a header"):
            ours = exchange.value_of(args[0])
            # One that carries another span's context, that of a library above, gives way.
            args = args if ours is None else (args[0], ours)
        exchange.describe(describe_header, args)
    return wrapped(*args, **kwargs)


def describe_header(span: Span, args: tuple) -> None:
    name = args[0].decode("latin-1") if isinstance(args[0], bytes) else args[0]
    if len(args) != 2 or not isinstance(name, str):
        return
    settings = config.integration("httplib")
    if settings.is_header_tracing_configured or name.lower() == "user-agent":
        set_http_meta(span, settings, request_headers={name: args[1]})


def endheaders(wrapped: Any, connection: Any, args: tuple, kwargs: dict) -> Any:
    exchange = under_way(connection)
    exchange.describe(put_context, exchange, connection)
    with exchange:
        return wrapped(*args, **kwargs)


def put_context(span: Span, exchange: Exchange, connection: Any) -> None:
    for name, value in exchange.headers_to_put():
        # Not by putheader, which a subclass may have replaced: it is the application's, and has put what it wanted.
        connection._output(f"{name}: {value}".encode("latin-1"))


def send(wrapped: Any, connection: Any, args: tuple, kwargs: dict) -> Any:
    with under_way(connection):
        return wrapped(*args, **kwargs)


def getresponse(wrapped: Any, connection: Any, args: tuple, kwargs: dict) -> Any:
    exchange = under_way(connection)
    with exchange:
        response = wrapped(*args, **kwargs)
        if exchange.span is not None:
            exchange.describe(describe_response, integration, response.status, response.headers)
            exchange.end()
            forget(connection)
        return response


def close(wrapped: Any, connection: Any, args: tuple, kwargs: dict) -> Any:
    exchange = under_way(connection)
    # Within a call it is http.client that closes, and the call ends with the response or an error.
    if not exchange.is_within_call:
        exchange.end()
        forget(connection)
    return wrapped(*args, **kwargs)


patching = Patching(
    integration,
    targets=tuple(
        Target("http.client", f"HTTPConnection.{name}", wrapper)
        for name, wrapper in {
            "request": begin_request,
            "putrequest": begin_request,
            "putheader": putheader,
            "endheaders": endheaders,
            "send": send,
            "getresponse": getresponse,
            "close": close,
        }.items()
    ),
)
patch, unpatch = patching.patch, patching.unpatch
