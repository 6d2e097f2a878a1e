"""What the scope of a request says, as ASGI has it; nothing in it is sure to be there."""

from __future__ import annotations

from typing import Any, Mapping, MutableMapping, Sequence

from ddtrace.contrib._http import header_pairs, text_of
from ddtrace.contrib._http_url import authority_of, resource_of_request, url_of_request
from ddtrace.propagation.http import HEADER_NAMES
from ddtrace.span import Span

DATADOG = "datadog"
REQUEST_SPANS = "request_spans"

NO_HEADERS: tuple[Any, ...] = ()

_TRACE_HEADERS = {name.encode(): name for name in HEADER_NAMES}
"""By what a server gives for it, which is in lower case."""


def span_from_scope(scope: Mapping[str, Any]) -> Span | None:
    """The outermost span of the request that a scope is of; None where it is not traced."""
    spans = scope.get(DATADOG, {}).get(REQUEST_SPANS)
    return spans[0] if spans else None


def note_span(span: Span, scope: MutableMapping[str, Any]) -> None:
    """Have a scope tell of a span of its request."""
    # In the server's own scope: what the application writes into a copy, nobody around it would see.
    scope.setdefault(DATADOG, {}).setdefault(REQUEST_SPANS, []).append(span)


def headers_of(message: Mapping[str, Any]) -> Sequence[Any]:
    """The headers of a scope or a message; none where they can be read but once, by whom they are for."""
    headers = message.get("headers")
    return headers if isinstance(headers, (list, tuple)) else NO_HEADERS


def trace_headers_of(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Those headers of a request that tell of a trace; of several of a name the first."""
    try:
        values = dict(reversed(headers_of(scope)))
    except (TypeError, ValueError):
        # Not all are pairs.
        values = {}
    return {name: values[sent] for sent, name in _TRACE_HEADERS.items() if sent in values}


def url_of(scope: Mapping[str, Any]) -> str:
    """The URL of a request, without its query."""
    scheme = scope.get("scheme") or "http"
    host = next((text_of(value) for name, value in header_pairs(headers_of(scope)) if name == "host"), None)
    return url_of_request(scheme, host or own_authority_of(scheme, scope), path_of(scope))


def own_authority_of(scheme: str, scope: Mapping[str, Any]) -> str:
    """Host and port as the server knows them; empty where it does not, or listens at a path of this machine."""
    server = scope.get("server")
    return authority_of(scheme, *server) if server and server[1] else ""


def path_of(scope: Mapping[str, Any]) -> str:
    """The path of a request, also what an application in front has taken off it."""
    path, root_path = text_of(scope.get("path")) or "", scope.get("root_path") or ""
    # The specification wants the one within the other, which not all servers do.
    return path if path.startswith(root_path) else root_path + path


def resource_of(scope: Mapping[str, Any]) -> str:
    """``METHOD /path``."""
    return resource_of_request(scope.get("method") or "", text_of(scope.get("path")) or "")


def peer_ip_of(scope: Mapping[str, Any]) -> Any:
    """The address of the other end of the connection; None where the server does not tell."""
    client = scope.get("client")
    return client[0] if client else None
