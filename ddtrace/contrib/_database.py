"""What integrations of SQL databases share: the shape of their spans, and the wrappers that open them.

A declaration takes its span contracts from ``_database_spans``. The other file of an integration makes a ``Database``
and puts its wrappers where the driver allows it: around the methods of a class that is written in Python, as targets;
or into a subclass of one that is written in C, which the driver is given as its factory.
"""

from __future__ import annotations

import inspect
import weakref
from typing import Any, Callable, Iterator, Mapping, Sequence

from ddtrace.contrib._database_spans import EXECUTEMANY, FETCH_SIZE, TRACE_FETCHES
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Target, Wrapper
from ddtrace.contrib._tracing import Call, trace_call
from ddtrace.ext import db
from ddtrace.pin import Pin
from ddtrace.settings.config import config
from ddtrace.span import Span

LONGEST_STATEMENT = 20_000
"""Characters of a statement that become the resource; an agent keeps fewer, once it has taken the literals out."""

TOO_LONG = "..."

STATEMENT_NAMES = ("query", "operation", "statement", "sql", "procname")
"""What drivers call the first argument of ``execute`` and its like, where it is given by name."""

MOST_ROWS = 2**64 - 1
"""No number of rows, but what a driver of MySQL has in its place for a result that is not read yet."""

Facts = tuple[Mapping[str, str], Mapping[str, float]]
"""Tags and metrics that tell of a connection."""


class Remembered:
    """A function of a connection that is asked once for each, and for no longer than the connection lives."""

    def __init__(self, facts_of: Callable[[Any], Any]) -> None:
        self._facts_of = facts_of
        self._facts: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def known(self, connection: Any) -> Any:
        """What was told of the connection before."""
        return self._facts.get(connection)

    def __call__(self, connection: Any) -> Any:
        facts = self._facts.get(connection)
        if facts is None:
            facts = self._facts[connection] = self._facts_of(connection)
        return facts


class Database:
    """The wrappers of one database driver.

    ``cursor_wrappers``, ``fetch_wrappers`` and ``connection_wrappers`` are by the names of PEP 249. ``prefix`` and
    ``connection`` are the beginnings of the spans' names, as given to ``database_spans``. ``facts_of`` tells of the
    connection of a cursor, or of a connection; ``pinned`` is what bears the pin of either. Where the integration's
    option ``trace_fetch_methods`` is on, a cursor that executes something becomes one whose fetches have spans.
    """

    def __init__(
        self,
        integration: Integration | None,
        prefix: str,
        connection: str,
        facts_of: Callable[[Any], Facts],
        pinned: Callable[[Any], Any] = lambda instance: instance,
        text_of: Callable[[Any, Any], str] | None = None,
        is_async: bool = False,
    ) -> None:
        self.integration = integration
        self.query = f"{prefix}.query"
        self.facts_of = facts_of
        self.pinned = pinned
        self.text_of = text_of
        self.is_async = is_async
        self.cursor_wrappers = {
            "execute": self.wrapper(self.query, self.describe_statement, self.note_result),
            "executemany": self.wrapper(self.query, self.describe_many, self.note_result),
            "callproc": self.wrapper(self.query, self.describe_statement, self.note_result),
        }
        self.fetch_wrappers = {
            method: self.wrapper(f"{self.query}.{method}", describe, count_rows)
            for method, describe in (
                ("fetchone", self.describe_fetch),
                ("fetchmany", self.describe_fetchmany),
                ("fetchall", self.describe_fetch),
            )
        }
        self.connection_wrappers = {
            method: self.wrapper(f"{connection}.{method}", self.describe_connection, _nothing)
            for method in ("commit", "rollback")
        }
        self._fetching = Subclasses(object, self.fetching_class)
        # Remembered only while fetches are traced, since not every cursor has room for it.
        self._resources: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()

    def wrapper(self, name: str, describe: Callable[..., None], finish: Callable[[Span, Any], None]) -> Wrapper:
        """A wrapper that opens the span ``name``, describes it, and once the call has returned finishes describing."""

        def wrapper(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            with self.open(name, instance) as call:
                call.describe(describe, instance, args, kwargs)
                result = wrapped(*args, **kwargs)
                call.describe(finish, instance)
                return result

        async def async_wrapper(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            with self.open(name, instance) as call:
                call.describe(describe, instance, args, kwargs)
                result = await wrapped(*args, **kwargs)
                call.describe(finish, instance)
                return result

        return async_wrapper if self.is_async else wrapper

    def open(self, name: str, instance: Any) -> Call | Any:
        """Open a span for a call on a cursor or connection."""
        return trace_call(self.integration, self.pinned(instance), name)

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the integration."""
        return config.integration(self.integration.settings_name)

    # -- descriptions --------------------------------------------------------------------------------------------------

    def describe_statement(self, span: Span, cursor: Any, args: tuple, kwargs: Mapping[str, Any]) -> None:
        statement = args[0] if args else given_by_name(kwargs)
        if type(statement) is not str:
            statement = as_text(statement) if self.text_of is None else self.text_of(statement, cursor)
        span.resource = resource_of(statement) or span.name
        self.describe_connection(span, cursor)

    def describe_many(self, span: Span, cursor: Any, args: tuple, kwargs: Mapping[str, Any]) -> None:
        self.describe_statement(span, cursor, args, kwargs)
        span.set_tag_str(EXECUTEMANY, "true")

    def describe_connection(self, span: Span, instance: Any, *arguments: Any) -> None:
        tags, metrics = self.facts_of(instance)
        span._meta.update(tags)
        span._metrics.update(metrics)

    def describe_fetch(self, span: Span, cursor: Any, args: tuple, kwargs: Mapping[str, Any]) -> None:
        self.describe_connection(span, cursor)
        span.resource = self._resources.get(cursor) or span.name

    def describe_fetchmany(self, span: Span, cursor: Any, args: tuple, kwargs: Mapping[str, Any]) -> None:
        self.describe_fetch(span, cursor, args, kwargs)
        size = args[0] if args else kwargs.get("size")
        span.set_metric(FETCH_SIZE, cursor.arraysize if size is None else size)

    def note_result(self, span: Span, cursor: Any) -> None:
        count_rows(span, cursor)
        if self.settings.get(TRACE_FETCHES):
            self._resources[cursor] = span.resource
            self._trace_fetches(cursor)

    def fetching_class(self, base: type) -> type:
        """A subclass of a cursor's class whose fetches have spans."""
        return subclass(base, self.fetch_wrappers)

    def _trace_fetches(self, cursor: Any) -> None:
        """Have the fetches of a cursor wrapped, and not those of others: a call a row would cost them all."""
        kind = self._fetching.of(type(cursor))
        if kind is not type(cursor):
            cursor.__class__ = kind


def _nothing(span: Span, instance: Any) -> None:
    """There is nothing to say of a result."""


def count_rows(span: Span, cursor: Any) -> None:
    """Say how many rows a cursor has read or changed, where it knows: PEP 249 has -1 for those that do not."""
    rows = cursor.rowcount
    if type(rows) is int and 0 <= rows < MOST_ROWS:
        span._metrics[db.ROWCOUNT] = rows


def resource_of(statement: str) -> str:
    """A statement as it is shown."""
    return statement[:LONGEST_STATEMENT] + TOO_LONG if len(statement) > LONGEST_STATEMENT else statement


def given_by_name(kwargs: Mapping[str, Any]) -> Any:
    return next((kwargs[name] for name in STATEMENT_NAMES if name in kwargs), "")


def as_text(statement: Any) -> str:
    """A statement that is no plain text as text: cut before it is copied; nothing where it is no text at all."""
    if isinstance(statement, str):
        return str.__getitem__(statement, slice(LONGEST_STATEMENT + 1))
    if isinstance(statement, (bytes, bytearray)):
        # No character of UTF-8 takes more than four bytes.
        return bytes(statement[: 4 * (LONGEST_STATEMENT + 1)]).decode("utf-8", errors="replace")
    return ""


# -- places for the wrappers -------------------------------------------------------------------------------------------


def targets(module: str, owner: str, wrappers: Mapping[str, Wrapper], *names: str) -> Iterator[Target]:
    """Targets for wrappers around methods of a class; only those named, if any are."""
    for name in names or wrappers:
        yield Target(module, f"{owner}.{name}", wrappers[name])


def subclass(
    base: type, wrappers: Mapping[str, Wrapper], slots: Sequence[str] = (), before: type | None = None
) -> type:
    """A subclass of a driver's class, or of an application's of that, with those of its methods wrapped that it has.

    It goes by the name of its base. Instances have the attributes named in ``slots`` besides, and no others: without
    any, an instance of the base can become one of the subclass. ``before`` is a class to come after the base, yet
    before what that extends.
    """
    methods = {name: _method(getattr(base, name), wrapper) for name, wrapper in wrappers.items() if hasattr(base, name)}
    namespace = {
        "__module__": base.__module__,
        "__qualname__": base.__qualname__,
        "__doc__": base.__doc__,
        "__slots__": tuple(slots),
        **methods,
    }
    bases = (base,) if before is None else (before,) if issubclass(before, base) else (base, before)
    return type(base)(base.__name__, bases, namespace)


def _method(original: Any, wrapper: Wrapper) -> Callable[..., Any]:
    method = (
        _async_method(original, wrapper) if inspect.iscoroutinefunction(wrapper) else _sync_method(original, wrapper)
    )
    # What functools.wraps does would also copy attributes of the application's own.
    method.__name__ = original.__name__
    method.__qualname__ = original.__qualname__
    method.__doc__ = original.__doc__
    method.__wrapped__ = original  # type: ignore[attr-defined]
    return method


def _sync_method(original: Any, wrapper: Wrapper) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return wrapper(original.__get__(self), self, args, kwargs)

    return method


def _async_method(original: Any, wrapper: Wrapper) -> Callable[..., Any]:
    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return await wrapper(original.__get__(self), self, args, kwargs)

    return method


def hand_down(pin: Pin | None, instance: Any, classes: Subclasses) -> None:
    """Have an object that has just been made bear a pin, if it is of one of our classes."""
    if classes.has(type(instance)):
        instance._datadog_pin = pin


class Subclasses:
    """The subclass of each class that extends a driver's ``plain`` one, made when it is needed.

    Each is kept as long as somebody uses it, and the last one longer: a cursor's class is often needed again as soon
    as the cursor is gone.
    """

    def __init__(self, plain: type, make: Callable[[type], type]) -> None:
        self._plain = plain
        self._make = make
        self._made: weakref.WeakValueDictionary[type, type] = weakref.WeakValueDictionary()
        self._own: weakref.WeakSet[type] = weakref.WeakSet()
        self._last: type | None = None

    def of(self, base: type) -> type:
        """The subclass of a class; that of one which was made here is the class itself."""
        made = self._made.get(base)
        if made is None:
            made = base if base in self._own else self._make(base)
            if made is not base:
                self._made[base] = made
                self._own.add(made)
        self._last = made
        return made

    def of_factory(self, factory: Any) -> Any:
        """The subclass of a factory that is a class of the driver's kind; what a function makes cannot be traced."""
        return self.of(factory) if isinstance(factory, type) and issubclass(factory, self._plain) else factory

    def has(self, kind: type) -> bool:
        """Whether a class was made here."""
        return kind in self._own
