"""Write a context into headers and read it out of them, in the formats that are configured.

Headers come from strangers: whatever they hold, reading them raises nothing and takes a time in proportion to their
size. Which formats there are is in one table; each has a module of its own.
"""

from __future__ import annotations

from typing import Any, Mapping, MutableMapping

from ddtrace.context import Context
from ddtrace.internal.log import get_logger
from ddtrace.propagation import b3, datadog, tracecontext
from ddtrace.propagation._headers import with_lower_names
from ddtrace.propagation._tags import travelling
from ddtrace.settings.config import config

__all__ = [
    "HTTPPropagator",
    "HTTP_HEADER_ORIGIN",
    "HTTP_HEADER_PARENT_ID",
    "HTTP_HEADER_SAMPLING_PRIORITY",
    "HTTP_HEADER_TRACE_ID",
]

log = get_logger(__name__)

HTTP_HEADER_TRACE_ID = datadog.TRACE_ID
HTTP_HEADER_PARENT_ID = datadog.PARENT_ID
HTTP_HEADER_SAMPLING_PRIORITY = datadog.SAMPLING_PRIORITY
HTTP_HEADER_ORIGIN = datadog.ORIGIN
_HTTP_HEADER_TAGS = datadog.TAGS
_HTTP_HEADER_B3_SINGLE = b3.SINGLE
_HTTP_HEADER_B3_TRACE_ID = b3.TRACE_ID
_HTTP_HEADER_B3_SPAN_ID = b3.SPAN_ID
_HTTP_HEADER_B3_SAMPLED = b3.SAMPLED
_HTTP_HEADER_B3_FLAGS = b3.FLAGS
_HTTP_HEADER_TRACEPARENT = tracecontext.TRACEPARENT
_HTTP_HEADER_TRACESTATE = tracecontext.TRACESTATE

_FORMATS = {
    "datadog": (datadog.inject, datadog.extract, datadog.NAMES),
    "tracecontext": (tracecontext.inject, tracecontext.extract, tracecontext.NAMES),
    "b3multi": (b3.inject_multi, b3.extract_multi, b3.NAMES),
    "b3 single header": (b3.inject_single, b3.extract_single, (b3.SINGLE,)),
}
"""What writes and what reads a style, and its headers; the style ``none`` has nothing of it."""

_INJECT = {style: inject for style, (inject, _, _) in _FORMATS.items()}
_EXTRACT = {style: extract for style, (_, extract, _) in _FORMATS.items()}
_STYLE_OF = {name: style for style, (_, _, names) in _FORMATS.items() for name in names}
HEADER_NAMES = frozenset(_STYLE_OF)
"""The headers of all styles, in lower case."""
_WSGI_NAMES = tuple("HTTP_" + name.upper().replace("-", "_") for name in _STYLE_OF)


class HTTPPropagator:
    """A context in the headers of a request."""

    @staticmethod
    def inject(span_context: Context, headers: MutableMapping[str, str]) -> None:
        """Write a context into the headers of a request that goes out; nothing happens without both ids.

        Headers of ours that are there already, in whatever case, give way; all others stay as they are.
        """
        try:
            if not span_context.trace_id or not span_context.span_id:
                return
            styles = config._propagation_style_inject
            if headers:
                _clear(headers, styles)
            tags = travelling(span_context._meta)
            for style in styles:
                write = _INJECT.get(style)
                if write is not None:
                    write(span_context, headers, tags)
        except Exception:
            log.debug("could not write a context into the headers of a request", exc_info=True)

    @staticmethod
    def extract(headers: Any) -> Context:
        """The context in the headers of a request that came in, or an empty one.

        Names may be in any case, or in the form that WSGI gives them; the first style that finds a context wins.
        """
        try:
            if headers:
                lowered = with_lower_names(headers)
                for style in config._propagation_style_extract:
                    read = _EXTRACT.get(style)
                    if read is not None:
                        context = read(lowered)
                        if context is not None:
                            return context
        except Exception:
            log.debug("could not read a context out of the headers of a request", exc_info=True)
        return Context()


def headers_in(environ: Mapping[str, Any]) -> dict[str, Any]:
    """Those entries of a WSGI environment that ``extract`` may look at: few, or none, of some forty."""
    return {name: environ[name] for name in _WSGI_NAMES if name in environ}


def _clear(headers: MutableMapping[str, str], styles: tuple[str, ...]) -> None:
    """Remove the headers of these styles: left in another case, or of another trace, they would contradict ours."""
    ours = [name for name in headers if isinstance(name, str) and name.lower() in _STYLE_OF]
    for name in ours:
        if _STYLE_OF[name.lower()] in styles:
            del headers[name]
