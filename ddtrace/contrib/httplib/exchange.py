"""A request on a connection, from its first line to the head of its response: a span over several calls.

The connection bears it. Between the calls its span is not the current one: the caller may do other work, or never come
back.
"""

from __future__ import annotations

from functools import lru_cache
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from ddtrace.contrib._http_client import ClientRequest, open_request, whole_url
from ddtrace.contrib._http_server import activate
from ddtrace.contrib._tracing import shield
from ddtrace.contrib.httplib import integration
from ddtrace.pin import Pin
from ddtrace.propagation.http import HTTPPropagator
from ddtrace.provider import Active, BaseContextProvider

ATTRIBUTE = "_datadog_exchange"
"""Of a connection that a request is under way on."""


class Exchange(ClientRequest):
    """A request that is under way; enter it for each call on the connection that belongs to it.

    An error that leaves a block ends it.
    """

    __slots__ = ("_headers", "_missing", "_provider", "_before")

    def __init__(self, request: ClientRequest, provider: BaseContextProvider) -> None:
        super().__init__(request.span, request.url, request.is_carrying)
        self._headers: dict[str, str] = {}
        if request.is_carrying:
            HTTPPropagator.inject(request.span.context, self._headers)
        self._missing = dict(self._headers)
        self._provider = provider
        self._before: list[Active] = []

    @property
    def is_within_call(self) -> bool:
        """Whether a call on the connection is under way."""
        return bool(self._before)

    def value_of(self, header: Any) -> str | None:
        """What a header must be that the caller puts, if it is one of ours; it counts as put."""
        if isinstance(header, (bytes, bytearray)):
            header = header.decode("latin-1")
        if not isinstance(header, str):
            return None
        name = header.lower()
        self._missing.pop(name, None)
        return self._headers.get(name)

    def headers_to_put(self) -> list[tuple[str, str]]:
        """Those that carry the context, and that nobody has put yet; to be asked for once."""
        headers, self._missing = list(self._missing.items()), {}
        return headers

    def __enter__(self) -> Exchange:
        with shield("make the span of a request current"):
            self._before.append(self._provider.active())
            self._provider.activate(self.span)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self.end(kind, error, traceback)
        if self._before:
            activate(self._provider, self._before.pop())

    def end(self, *exception: Any) -> None:
        """Finish the span, with the error if there is one; a second time does nothing."""
        if not self.span.finished:
            super().__exit__(*(exception or (None, None, None)))

    def __del__(self) -> None:
        # A connection that is thrown away must not keep the rest of its trace from being sent.
        self.end()


class _Nothing:
    """In the place of an exchange where there is none."""

    span = None
    is_within_call = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: Any) -> None:
        pass

    def describe(self, *args: Any) -> None:
        pass

    def end(self) -> None:
        pass


NOTHING = _Nothing()


def begin(connection: Any, method: Any, url: Any) -> Exchange | _Nothing:
    """Open the span of a request on a connection, which bears it from now on."""
    with shield("begin a request on a connection"):
        pin = Pin.lookup(connection)
        if pin is None or is_to_agent(connection, pin.tracer.agent_trace_url):
            return NOTHING
        provider = pin.tracer.context_provider
        before = provider.active()
        request = open_request(integration, connection, "http.client.request", method, url_of(connection, url))
        if request.span is not None:
            activate(provider, before)
            exchange = Exchange(request, provider)
            setattr(connection, ATTRIBUTE, exchange)
            return exchange
    return NOTHING


def under_way(connection: Any) -> Exchange | _Nothing:
    """The request that is under way on a connection, if it is traced."""
    exchange = getattr(connection, "__dict__", {}).get(ATTRIBUTE, NOTHING)
    return NOTHING if exchange.span is None or exchange.span.finished else exchange


def put_back(connection: Any, exchange: Exchange | _Nothing) -> None:
    """Have a connection bear an earlier request again, or nothing."""
    if exchange.span is None:
        forget(connection)
    else:
        setattr(connection, ATTRIBUTE, exchange)


def forget(connection: Any) -> None:
    """Have a connection bear nothing of ours any more."""
    getattr(connection, "__dict__", {}).pop(ATTRIBUTE, None)


def url_of(connection: Any, target: Any) -> str:
    """The whole URL of what is asked for on a connection; behind a proxy it is that beyond the tunnel."""
    scheme = "https" if connection.default_port == 443 else "http"
    tunnelled = getattr(connection, "_tunnel_host", None)
    if tunnelled:
        return whole_url(scheme, tunnelled, getattr(connection, "_tunnel_port", None), target)
    return whole_url(scheme, connection.host, connection.port, target)


def is_to_agent(connection: Any, agent_url: str | None) -> bool:
    """Whether a connection leads to the agent: it is ours, or has the agent's host and port."""
    if type(connection).__module__.startswith("ddtrace."):
        return True
    return agent_url is not None and (connection.host, connection.port) == place_of(agent_url)


@lru_cache
def place_of(agent_url: str) -> tuple[str | None, int | None]:
    parts = urlsplit(agent_url)
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
