"""What wrappers of several integrations share, under the names of 1.x."""

from __future__ import annotations

import functools
from typing import Any, Callable, Iterable, Iterator, Mapping

from ddtrace.contrib._http import _store_request_headers, _store_response_headers, set_http_meta, set_text
from ddtrace.contrib._tracing import ext_service, int_service
from ddtrace.contrib._wrapping import iswrapped, unwrap, with_traced_module, wrap
from ddtrace.ext import user
from ddtrace.internal.log import get_logger
from ddtrace.propagation.http import HTTPPropagator
from ddtrace.span import Span
from ddtrace.tracer import Tracer

__all__ = [
    "ArgumentError",
    "_store_request_headers",
    "_store_response_headers",
    "activate_distributed_headers",
    "distributed_tracing_enabled",
    "ext_service",
    "func_name",
    "get_argument_value",
    "int_service",
    "iswrapped",
    "set_flattened_tags",
    "set_http_meta",
    "set_user",
    "stringify_cache_args",
    "unwrap",
    "with_traced_module",
    "wrap",
]

log = get_logger(__name__)


# -- the trace ---------------------------------------------------------------------------------------------------------


def distributed_tracing_enabled(int_config: Mapping[str, Any], default: bool = False) -> bool:
    """Whether an integration reads contexts out of headers, or writes them."""
    for name in ("distributed_tracing_enabled", "distributed_tracing"):
        is_enabled = int_config.get(name)
        if is_enabled is not None:
            return is_enabled
    return default


def activate_distributed_headers(
    tracer: Tracer,
    int_config: Mapping[str, Any] | None = None,
    request_headers: Any = None,
    override: bool | None = None,
) -> None:
    """Go on with the trace that the headers of a request tell of, if any.

    ``override`` decides whether the headers are read, and where it is None, the integration's settings do. A trace
    that is current already is left as it is.
    """
    if override is None:
        override = int_config is not None and distributed_tracing_enabled(int_config)
    if not override:
        return
    context = HTTPPropagator.extract(request_headers)
    if not context.trace_id:
        return
    current = tracer.current_trace_context()
    if current is not None and current.trace_id == context.trace_id:
        log.debug("the trace %s is current already; the headers of the request are not activated", context.trace_id)
        return
    tracer.context_provider.activate(context)


def set_user(
    tracer: Tracer,
    user_id: str,
    name: str | None = None,
    email: str | None = None,
    scope: str | None = None,
    role: str | None = None,
    session_id: str | None = None,
    propagate: bool = False,
    span: Span | None = None,
) -> None:
    """Say on the root span, or on ``span``, on whose behalf the trace runs; ``propagate`` tells services called, too.

    One logged line says so where there is no span.
    """
    span = tracer.current_root_span() if span is None else span
    if span is None:
        log.warning("set_user: there is no current span, so that the user is not recorded; call it within a trace")
        return
    for tag, value in (
        (user.ID, user_id),
        (user.NAME, name),
        (user.EMAIL, email),
        (user.SCOPE, scope),
        (user.ROLE, role),
        (user.SESSION_ID, session_id),
    ):
        set_text(span, tag, value)
    if propagate:
        span.context.dd_user_id = span.get_tag(user.ID)


# -- tags --------------------------------------------------------------------------------------------------------------


def set_flattened_tags(
    span: Span,
    items: Iterable[tuple[str, Any]],
    sep: str = ".",
    exclude_policy: Callable[[str], bool] | None = None,
    processor: Callable[[Any], Any] | None = None,
) -> None:
    """Set each item as a tag, and a dictionary as one tag for each of its values, their keys joined by ``sep``.

    Tags of which ``exclude_policy(tag)`` is true are left out, with all below them; ``processor`` changes each value.
    """
    for prefix, value in items:
        for tag, leaf in flatten(prefix, value, sep, exclude_policy, ()):
            span.set_tag(tag, leaf if processor is None else processor(leaf))


def flatten(
    tag: str, value: Any, sep: str, exclude_policy: Callable[[str], bool] | None, above: tuple[int, ...]
) -> Iterator[tuple[str, Any]]:
    if exclude_policy is not None and exclude_policy(tag):
        return
    if not isinstance(value, dict):
        yield tag, value
    elif id(value) not in above:
        # A dictionary may hold itself.
        for key, inner in value.items():
            yield from flatten(f"{tag}{sep}{key}" if tag else str(key), inner, sep, exclude_policy, (*above, id(value)))


# -- calls -------------------------------------------------------------------------------------------------------------


class ArgumentError(Exception):
    """A call does not have the argument that is looked for."""


def get_argument_value(args: tuple[Any, ...] | list[Any], kwargs: Mapping[str, Any], pos: int, kw: str) -> Any:
    """The argument of that keyword, or at that position; raises ArgumentError where there is neither."""
    if kw in kwargs:
        return kwargs[kw]
    if 0 <= pos < len(args):
        return args[pos]
    raise ArgumentError(f"the call has no argument {kw!r}, neither by name nor at position {pos}")


def func_name(f: Callable[..., Any]) -> str:
    """``module.name`` of a function, or of the class of another callable."""
    while isinstance(f, functools.partial):
        f = f.func
    name = getattr(f, "__name__", type(f).__name__)
    module = getattr(f, "__module__", None)
    return f"{module}.{name}" if module else name


# -- commands ----------------------------------------------------------------------------------------------------------

TOO_LONG = "..."
WITHOUT_TEXT = "?"


def stringify_cache_args(args: Iterable[Any], value_max_len: int = 100, cmd_max_len: int = 1000) -> str:
    """A cache command as text: its arguments joined by blanks.

    An argument longer than ``value_max_len`` characters is cut, and so is the whole past ``cmd_max_len``; cut text
    ends in ``...``. The first argument that has no text becomes ``?`` and ends the command. The cost does not grow
    with the size of an argument.
    """
    parts: list[str] = []
    length = 0
    for arg in args:
        if type(arg) is str and len(arg) <= value_max_len:
            text = arg
        else:
            try:
                text = _as_text(arg, value_max_len)
            except Exception:
                parts.append(WITHOUT_TEXT)
                break
            if len(text) > value_max_len:
                text = text[:value_max_len] + TOO_LONG
        if length + len(text) > cmd_max_len:
            parts.append(text[: cmd_max_len - length] + TOO_LONG)
            break
        parts.append(text)
        length += len(text)
    return " ".join(parts)


def _as_text(arg: Any, max_len: int) -> str:
    if isinstance(arg, str):
        return str(arg[: max_len + 1])
    if isinstance(arg, (bytes, bytearray, memoryview)):
        # No character of UTF-8 takes more than four bytes.
        return bytes(arg[: 4 * (max_len + 1)]).decode("utf-8", errors="backslashreplace")
    return str(arg)
