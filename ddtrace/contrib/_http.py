"""What a span says of an HTTP request and its response.

All of it comes from strangers, in whatever types a framework hands it on: none of it makes this raise, and none takes
a time out of proportion to its size.
"""

from __future__ import annotations

import re
from typing import Any, Iterable, Iterator, Mapping, Union

from ddtrace.contrib._client_ip import client_ip
from ddtrace.contrib._integration import LONGEST_TAG
from ddtrace.contrib._tracing import swallow
from ddtrace.ext import http, net
from ddtrace.internal.log import get_logger
from ddtrace.settings.config import config
from ddtrace.settings.integration import IntegrationConfig
from ddtrace.span import Span

log = get_logger(__name__)

Headers = Union[Mapping[Any, Any], Iterable[tuple[Any, Any]]]
"""A mapping, or pairs of name and value."""

REDACTED = "<redacted>"

LONGEST_QUERY = LONGEST_TAG
"""Characters of a query that are looked at."""

NETWORK_CLIENT_IP = "network.client.ip"
USER_AGENT_HEADERS = ("user-agent", "http-user-agent")
USUAL_SPELLINGS = ("User-Agent", "user-agent")

_END_OF_AUTHORITY = re.compile("[/?#]|$")
_NOT_IN_TAG_NAMES = re.compile("[^a-z0-9_:/-]")


def set_http_meta(
    span: Span,
    integration_config: IntegrationConfig,
    method: str | None = None,
    url: str | None = None,
    target_host: str | None = None,
    status_code: int | str | None = None,
    status_msg: str | None = None,
    query: str | None = None,
    parsed_query: Mapping[str, str] | None = None,
    request_headers: Headers | None = None,
    response_headers: Headers | None = None,
    retries_remain: int | str | None = None,
    raw_uri: str | None = None,
    request_cookies: Mapping[str, str] | None = None,
    request_path_params: Mapping[str, str] | None = None,
    request_body: Any = None,
    peer_ip: str | None = None,
    headers_are_case_sensitive: bool = False,
    route: str | None = None,
    response_cookies: Mapping[str, str] | None = None,
) -> None:
    """Describe an HTTP request, its response, or what is known of either; may be called more than once.

    The URL loses its user and password, and its query what looks like a secret; a query that the URL does not have is
    taken from ``query``. A status code of ``config.http_server.error_statuses`` makes the span an error. Headers become
    tags where that is configured, whatever the case of their names, so that ``headers_are_case_sensitive`` makes no
    difference. Cookies, body, path parameters, parsed query and raw URI are never recorded.
    """
    try:
        query = text_of(query, LONGEST_QUERY)
        if method is not None:
            set_text(span, http.METHOD, method)
        if url is not None:
            set_text(span, http.URL, shown_url(text_of(url), query, integration_config))
        if target_host is not None:
            set_text(span, net.TARGET_HOST, target_host)
        if status_msg is not None:
            set_text(span, http.STATUS_MSG, status_msg)
        if retries_remain is not None:
            set_text(span, http.RETRIES_REMAIN, retries_remain)
        if route is not None:
            set_text(span, http.ROUTE, route)
        if query is not None and integration_config.trace_query_string:
            set_text(span, http.QUERY_STRING, query)
        if status_code is not None:
            describe_status(span, status_code)
        if request_headers:
            set_text(span, http.USER_AGENT, user_agent(request_headers))
            _store_request_headers(request_headers, span, integration_config)
        if config._client_ip_enabled:
            address = client_ip(dict(header_pairs(request_headers or ())), text_of(peer_ip), config._client_ip_header)
            set_text(span, http.CLIENT_IP, address)
            set_text(span, NETWORK_CLIENT_IP, address)
        if response_headers:
            _store_response_headers(response_headers, span, integration_config)
    except Exception as error:
        swallow("describe an HTTP request", error)


def describe_status(span: Span, status_code: Any) -> None:
    try:
        code = int(status_code)
    except (TypeError, ValueError, OverflowError):
        log.debug("the status code %.50r of span %r is no number; it is not recorded", status_code, span.name)
        return
    span.set_tag_str(http.STATUS_CODE, str(code))
    if config.http_server.is_error_code(code):
        span.error = 1


# -- URLs --------------------------------------------------------------------------------------------------------------


def shown_url(url: str | None, query: str | None, settings: IntegrationConfig) -> str | None:
    """A URL as it is shown: without user and password, without secrets, and without a query where none is wanted."""
    if url is None:
        return None
    rest, mark, fragment = without_userinfo(url).partition("#")
    rest, _, own_query = rest.partition("?")
    query = own_query or query
    if query and settings.http_tag_query_string:
        shown = without_secrets(query)
        if shown:
            rest = f"{rest}?{shown}"
    return rest + mark + fragment


def without_userinfo(url: str) -> str:
    if "@" not in url:
        return url
    scheme, slashes, rest = url.partition("//")
    if not slashes or _END_OF_AUTHORITY.search(scheme).group():
        # No host is marked as such: either there is none, or there is nothing but host and path.
        scheme, slashes, rest = "", "", url
    authority = rest[: _END_OF_AUTHORITY.search(rest).start()]
    userinfo, _, host = authority.rpartition("@")
    # "me@home/" may be a path, but "me:password@home/" is not to be shown.
    if not userinfo or not (slashes or ":" in userinfo):
        return url
    return scheme + slashes + host + rest[len(authority) :]


def without_secrets(query: str) -> str:
    """A query with what looks like a secret hidden; empty where the user's pattern of that is not valid."""
    query = query[:LONGEST_QUERY]
    if config.global_query_string_obfuscation_disabled:
        return query
    pattern = config._obfuscation_query_string_pattern
    return "" if pattern is None else pattern.sub(REDACTED, query)


# -- headers -----------------------------------------------------------------------------------------------------------


def user_agent(headers: Headers) -> Any:
    get = getattr(headers, "get", None)
    # Nearly all frameworks spell it one of two ways, and looking through all headers takes many times as long.
    for name in () if get is None else USUAL_SPELLINGS:
        value = get(name)
        if value is not None:
            return value
    return next((value for name, value in header_pairs(headers) if name in USER_AGENT_HEADERS), None)


def _store_request_headers(headers: Headers, span: Span, integration_config: IntegrationConfig) -> None:
    """Make those headers of a request tags that are configured to be."""
    store_headers(headers, span, integration_config, "request")


def _store_response_headers(headers: Headers, span: Span, integration_config: IntegrationConfig) -> None:
    """Make those headers of a response tags that are configured to be."""
    store_headers(headers, span, integration_config, "response")


def store_headers(headers: Headers, span: Span, settings: IntegrationConfig, direction: str) -> None:
    if not settings.is_header_tracing_configured:
        return
    for name, value in header_pairs(headers):
        tag = settings._header_tag_name(name)
        if tag is not None:
            set_text(span, tag or f"http.{direction}.headers.{_NOT_IN_TAG_NAMES.sub('_', name)}", value)


def header_pairs(headers: Headers) -> Iterator[tuple[str, Any]]:
    """Each header, its name in lower case; what is no pair, or has no text for a name, is left out."""
    items = getattr(headers, "items", None)
    for pair in headers if items is None else items():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            continue
        name, value = pair
        if isinstance(name, (bytes, bytearray)):
            name = name.decode("latin-1")
        if isinstance(name, str):
            yield name.strip().lower(), value


# -- text --------------------------------------------------------------------------------------------------------------


def set_text(span: Span, tag: str, value: Any) -> None:
    """Set a tag to as much of a value as is kept, unless it is None or has no text."""
    text = text_of(value)
    if text is not None:
        span.set_tag_str(tag, text[:LONGEST_TAG])


def text_of(value: Any, max_len: int | None = None) -> str | None:
    """Text as it is, bytes as UTF-8, anything else by its own text; None for None and for what has none."""
    if value is None or (type(value) is str and max_len is None):
        return value
    try:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value[:max_len]).decode("utf-8", errors="replace")
        return str(value)[:max_len]
    except Exception:
        log.debug("a value of type %s has no text; it is not recorded", type(value).__name__, exc_info=True)
        return None
