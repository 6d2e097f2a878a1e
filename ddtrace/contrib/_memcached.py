"""What integrations of memcached's clients share: the wrappers of commands, and what their spans say."""

from __future__ import annotations

from collections.abc import Iterable, KeysView, Mapping, ValuesView
from contextvars import ContextVar
from itertools import chain, islice
from typing import Any, Callable

from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Wrapper
from ddtrace.contrib._tracing import trace_call
from ddtrace.contrib.trace_utils import stringify_cache_args
from ddtrace.ext import db, memcached, net
from ddtrace.span import Span

LONGEST_KEY = 250
"""Characters; memcached takes no longer keys."""

LONGEST_QUERY = 1000
"""Characters, without the blanks between keys."""

WITHOUT_KEYS = frozenset("cache_memlimit flush_all get_stats quit raw_command shutdown stats version".split())
"""Commands whose first argument is no key; that of ``raw_command`` may hold values, and credentials."""

# Of these the keys can be read before the client does; an iterator would be used up.
COLLECTIONS = (dict, list, tuple, set, frozenset, KeysView, ValuesView)


class Commands:
    """Makes the wrappers of a library's commands, each with a span of the name ``span``.

    ``describe_server(span, client)`` says where the client's server is, if that is known. ``bearer_of`` gives what
    bears the pin that holds for a client, ``prefix_of(command, args, kwargs)`` what a call has its keys begin with, and
    ``describe_result(span, command, args, kwargs, result)`` says what came of it.
    """

    def __init__(
        self,
        integration: Integration,
        span: str,
        describe_server: Callable[[Span, Any], None],
        bearer_of: Callable[[Any], Any] = lambda client: client,
        prefix_of: Callable[[str, tuple, dict], Any] = lambda command, args, kwargs: None,
        describe_result: Callable[..., None] = lambda *call: None,
    ) -> None:
        self._integration = integration
        self._span = span
        self._describe_server = describe_server
        self._bearer_of = bearer_of
        self._prefix_of = prefix_of
        self._describe_result = describe_result
        self._asking: ContextVar[Any] = ContextVar("asking", default=None)
        """The call under way which is made of others; those have no spans."""

    def wrapper(self, command: str) -> Wrapper:
        """The wrapper of a method that asks a server, for the application or for a call made of such ones."""

        def ask(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            asking = self._asking.get()
            if asking is not None:
                return self._ask_for(asking, wrapped, instance, args, kwargs)
            with trace_call(self._integration, self._bearer_of(instance), self._span) as call:
                call.describe(self._describe, command, instance, args, kwargs)
                result = wrapped(*args, **kwargs)
                call.describe(self._describe_result, command, args, kwargs, result)
                return result

        return ask

    def wrapper_of_several(self, command: str) -> Wrapper:
        """The wrapper of a method that is made of calls of wrapped ones, on the same client or others."""

        def ask(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            if self._asking.get() is not None:
                return wrapped(*args, **kwargs)
            with trace_call(self._integration, self._bearer_of(instance), self._span) as call:
                call.describe(self._describe, command, instance, args, kwargs)
                token = self._asking.set(call)
                try:
                    result = wrapped(*args, **kwargs)
                finally:
                    self._asking.reset(token)
                call.describe(self._describe_result, command, args, kwargs, result)
                return result

        return ask

    def _describe(self, span: Span, command: str, client: Any, args: tuple, kwargs: dict) -> None:
        describe_command(span, command, args, kwargs, self._prefix_of(command, args, kwargs))
        self._describe_server(span, client)

    def _ask_for(self, asking: Any, wrapped: Any, client: Any, args: tuple, kwargs: dict) -> Any:
        """Ask a server for a call which has its span already, and may ignore a failure."""
        asking.describe(self._describe_server, client)
        try:
            return wrapped(*args, **kwargs)
        except Exception as error:
            asking.describe(Span.set_exc_info, type(error), error, error.__traceback__)
            raise


def describe_command(
    span: Span, command: str, args: tuple, kwargs: Mapping[str, Any], prefix: str | bytes | None = None
) -> None:
    """Name a command and its keys, each with the prefix that the call gives them; values are not shown."""
    span.resource = command
    span.set_tag_str(db.SYSTEM, memcached.SERVICE)
    keys = () if command in WITHOUT_KEYS else islice(keys_of(args, kwargs), LONGEST_QUERY)
    start = as_text(prefix) if prefix else ""
    query = chain((command,), (start + as_text(key) for key in keys))
    span.set_tag_str(memcached.QUERY, stringify_cache_args(query, LONGEST_KEY, LONGEST_QUERY))


def describe_address(span: Span, host: str, port: int) -> None:
    """Say which server is asked, in the place of one that was asked before."""
    span.set_tag_str(net.TARGET_HOST, host)
    span.set_metric(net.TARGET_PORT, port)


def keys_of(args: tuple, kwargs: Mapping[str, Any]) -> Iterable[Any]:
    """The keys that a command is given, one or a collection of them."""
    given = args[0] if args else next((kwargs[name] for name in ("key", "keys", "values") if name in kwargs), ())
    if isinstance(given, (str, bytes)):
        return (given,)
    return given if isinstance(given, COLLECTIONS) else ()


def as_text(key: Any) -> str:
    """A key as text, hardly longer than keys can be; what is none has none."""
    if isinstance(key, bytes):
        return key[: LONGEST_KEY + 1].decode(errors="backslashreplace")
    return key[: LONGEST_KEY + 1] if isinstance(key, str) else "?"
