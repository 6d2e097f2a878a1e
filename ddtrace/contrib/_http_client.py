"""A request that a client sends: its span, the context that its headers carry, and what must not be shown of it.

What the caller gave is left as it was. While a request is under way its headers are a copy, with the context in it;
after that they are the caller's own, or a copy without the context where the library has changed them meanwhile.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Iterable, Mapping, MutableMapping
from urllib.parse import SplitResult, urlsplit

from ddtrace.constants import ANALYTICS_SAMPLE_RATE_KEY, ERROR_MSG, ERROR_STACK
from ddtrace.contrib._http import describe_status, set_http_meta, store_headers, text_of, without_secrets
from ddtrace.contrib._http_url import authority_of
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._tracing import UNTRACED, Call, _Untraced, open_call, shield, swallow
from ddtrace.contrib.trace_utils import distributed_tracing_enabled
from ddtrace.pin import Pin
from ddtrace.propagation.http import HEADER_NAMES, HTTPPropagator
from ddtrace.settings.config import config
from ddtrace.span import Span
from ddtrace.tracer import Tracer

NOWHERE = urlsplit("")


def parts_of(url: Any) -> SplitResult:
    """The parts of a URL; what is none has no parts."""
    try:
        return urlsplit(text_of(url) or "")
    except ValueError:
        return NOWHERE


def domain_of(url: SplitResult) -> str:
    """The host, with its port if the URL has one, and without credentials."""
    return url.netloc.rpartition("@")[2]


def whole_url(scheme: str, host: str, port: int | None, target: Any) -> str:
    """The URL of what is asked for on a connection: a path, or a whole URL as a proxy is asked for."""
    if isinstance(target, (bytes, bytearray)):
        target = target.decode("latin-1")
    path = str(target or "/")
    if not path.startswith("/") and "://" in path:
        return path
    return f"{scheme}://{authority_of(scheme, host, port)}{path}"


class ClientRequest(Call):
    """A request with a span; ``is_carrying`` says whether its headers are to carry the span's context."""

    __slots__ = ("is_carrying", "url")

    def __init__(self, span: Span, url: SplitResult, is_carrying: bool) -> None:
        super().__init__(span)
        self.url = url
        self.is_carrying = is_carrying

    def record(self, kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
        """Note an error, whose message may hold the URL: shown without what must not be."""
        super().record(kind, error, traceback)
        secrets = secrets_of(self.url)
        for tag in (ERROR_MSG, ERROR_STACK) if secrets else ():
            text = self.span.get_tag(tag) or ""
            for secret, shown in secrets.items():
                text = text.replace(secret, shown)
            self.span.set_tag_str(tag, text)


def secrets_of(url: SplitResult) -> dict[str, str]:
    """Parts of a URL that must not be shown, and what is shown instead."""
    found = {}
    userinfo, _, _ = url.netloc.rpartition("@")
    if userinfo:
        found[f"{userinfo}@"] = ""
    shown = without_secrets(url.query)
    if shown != url.query:
        found[url.query] = shown
    return found


def open_request(
    integration: Integration,
    client: Any,
    name: str,
    method: Any,
    url: Any,
    headers: Any = None,
    tracer: Tracer | None = None,
    **meta: Any,
) -> ClientRequest | _Untraced:
    """Open the span of a request, and describe it; nothing happens where the tracer is off.

    ``client`` is the object that may bear a pin: what ``config.get_from(client)`` holds goes before ``config.<name>``.
    ``tracer`` is one that goes before the pin's, and ``meta`` more for ``set_http_meta``.
    """
    try:
        pin = Pin.lookup(client)
        if pin is None:
            return UNTRACED
        if tracer is not None and tracer is not pin.tracer:
            pin = pin.clone(tracer=tracer)
        if not pin.tracer.enabled:
            return UNTRACED
        settings: Mapping[str, Any] = config.integration(integration.settings_name)
        if pin._config:
            settings = {**settings, **pin._config}
        is_carrying = distributed_tracing_enabled(settings, default=True)
        parts = parts_of(url)
        service = (settings.get("split_by_domain") and domain_of(parts)) or pin._config.get("service")
        request = ClientRequest(open_call(integration, pin, name, service or None).span, parts, is_carrying)
    except Exception as error:
        swallow("start the span of a request", error)
        return UNTRACED
    request.describe(describe_request, integration, parts, {"method": method, "url": url, **meta}, headers)
    return request


def describe_request(
    span: Span, integration: Integration, parts: SplitResult, meta: dict[str, Any], headers: Any
) -> None:
    settings = config.integration(integration.settings_name)
    rate = settings.get_analytics_sample_rate()
    if rate is not None:
        span.set_metric(ANALYTICS_SAMPLE_RATE_KEY, rate)
    meta = {"target_host": parts.hostname, "query": parts.query or None, **meta}
    set_http_meta(span, settings, request_headers=headers, **meta)


def describe_response(span: Span, integration: Integration, status_code: Any, headers: Any) -> None:
    """Say what came back."""
    if status_code is not None:
        describe_status(span, status_code)
    if headers is not None:
        store_headers(headers, span, config.integration(integration.settings_name), "response")


# -- headers -----------------------------------------------------------------------------------------------------------


class Carried:
    """A block in which the headers of a request carry the context of a span.

    How headers are copied and compared is for a subclass to change, whose library has a faster way than their methods.
    """

    __slots__ = ("_span", "_request", "_own", "_sent", "_as_sent", "_ours")

    def __init__(self, span: Span, request: Any) -> None:
        self._span = span
        self._request = request
        self._ours: dict[str, str] = {}

    def __enter__(self) -> Carried:
        try:
            self._own = self._request.headers
            ours: dict[str, str] = {}
            HTTPPropagator.inject(self._span.context, ours)
            self._sent = self._with(ours, self._own)
            self._as_sent = self._items(self._sent)
            self._request.headers = self._sent
            self._ours = ours
        except Exception as error:
            swallow("have a request carry a context", error)
        return self

    def __exit__(self, *exception: Any) -> None:
        if not self._ours:
            return
        try:
            # Another thread that sends the same request has headers of its own there, and takes them away itself.
            if self._request.headers is self._sent:
                self._request.headers = self._restored()
        except Exception as error:
            swallow("take a context out of a request", error)

    def _restored(self) -> Any:
        if self._own is None or self._items(self._sent) == self._as_sent:
            return self._own
        kept = without(self._sent, self._ours)
        if kept != self._own:
            for name, value in self._own.items():
                if isinstance(name, str) and name.lower() in HEADER_NAMES:
                    kept[name] = value
        # An authentication, for one, adds headers of its own, which the caller may look at.
        return self._own if kept == self._own else kept

    def take_out_of(self, requests: Iterable[Any]) -> None:
        """Take the context out of further requests, which the library has copied from the first."""
        if not self._ours:
            return
        with shield("look for further requests"):
            for request in requests:
                headers = getattr(request, "headers", None)
                # Of the first one this is done at the end of the block.
                if headers is not None and headers is not self._sent:
                    self._take_out_of(request, headers)

    def _take_out_of(self, request: Any, headers: Any) -> None:
        # Each by itself: one that cannot be changed leaves the others to be.
        with shield("take a context out of a request"):
            if headers and has_any(headers, self._ours):
                request.headers = without(headers, self._ours)

    def _with(self, ours: dict[str, str], headers: Any) -> MutableMapping[Any, Any]:
        """A copy of the request's headers with the context in it, which is also given as headers of ours."""
        return with_context(self._span, headers)

    def _items(self, headers: Any) -> Any:
        """What headers say, to be compared."""
        return list(headers.items())


class _NotCarried:
    def __enter__(self) -> _NotCarried:
        return self

    def __exit__(self, *exception: Any) -> None:
        pass

    def take_out_of(self, requests: Iterable[Any]) -> None:
        """There is nothing to take out."""


_NOT_CARRIED = _NotCarried()


def carried(call: ClientRequest | _Untraced, request: Any, kind: type[Carried] = Carried) -> Carried | _NotCarried:
    """Have the attribute ``headers`` of an object carry the context of a call's span for the length of a block."""
    return kind(call.span, request) if isinstance(call, ClientRequest) and call.is_carrying else _NOT_CARRIED


def with_context(span: Span, headers: Mapping[Any, Any] | None) -> MutableMapping[Any, Any]:
    """A copy of headers, of the same kind where that can be changed, with a span's context in it."""
    copied = copy_of(headers)
    HTTPPropagator.inject(span.context, copied)
    return copied


def without(headers: Mapping[Any, Any], ours: Mapping[str, str]) -> MutableMapping[Any, Any]:
    """A copy of headers without those that have these very values."""
    copied = copy_of(headers)
    for name, value in ours.items():
        if copied.get(name) == value:
            del copied[name]
    return copied


def has_any(headers: Mapping[Any, Any], ours: Mapping[str, str]) -> bool:
    return any(headers.get(name) == value for name, value in ours.items())


def copy_of(headers: Mapping[Any, Any] | None) -> MutableMapping[Any, Any]:
    copy: Callable[[], Any] | None = getattr(headers, "copy", None)
    copied = None if copy is None else copy()
    # What cannot be changed may say that it is its own copy.
    return copied if isinstance(copied, MutableMapping) and copied is not headers else dict(headers or ())
