"""One traced call: its span, what describes it, and the wall between our failures and the application.

``trace_call`` looks settings up in one order: the pin on the object, ``config.<name>``, DD_SERVICE where the
integration's service is the application's own, the integration's default.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Callable, Mapping

from ddtrace.constants import SPAN_MEASURED_KEY
from ddtrace.contrib._integration import Integration, SpanContract
from ddtrace.internal.log import get_logger
from ddtrace.pin import Pin
from ddtrace.settings.config import config
from ddtrace.span import Span

log = get_logger(__name__)


class Swallowed:
    """How many failures of ours were kept from the application; tests read it."""

    count = 0


class _Reporting(threading.local):
    is_under_way = False


_reporting = _Reporting()


def swallow(doing: str, error: Exception) -> None:
    """Keep a failure of ours away from the application: count and log it. In tests it is raised, and hides nowhere."""
    if config._raise:
        raise error
    Swallowed.count += 1
    # Logging may be traced itself, and must not come back here for its own failure for ever.
    if not _reporting.is_under_way:
        _reporting.is_under_way = True
        try:
            log.debug("could not %s", doing, exc_info=error)
        finally:
            _reporting.is_under_way = False


class shield:  # noqa: N801 (read as a statement: with shield("...") )
    """Keep a failure of ours away from the application; tests make it fatal."""

    def __init__(self, doing: str) -> None:
        self.doing = doing

    def __enter__(self) -> shield:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        swallow(self.doing, error)
        return True


class Call:
    """A call with a span; leave the block and the span is finished, with the error that left it."""

    __slots__ = ("span",)

    def __init__(self, span: Span) -> None:
        self.span = span

    def describe(self, describe: Callable[..., Any], *args: Any) -> None:
        """Call ``describe(span, *args)``, shielded."""
        try:
            describe(self.span, *args)
        except Exception as error:
            swallow("describe a call", error)

    def record(self, kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
        """Note an error that leaves the block; may raise."""
        self.span.set_exc_info(kind, error, traceback)

    def __enter__(self) -> Call:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            try:
                self.record(kind, error, traceback)
            except Exception as failure:
                swallow("record an error", failure)
        try:
            self.span.finish()
        except Exception as failure:
            swallow("finish a span", failure)


class _Untraced:
    """A call without a span."""

    span = None

    def describe(self, describe: Callable[..., Any], *args: Any) -> None:
        pass

    def __enter__(self) -> _Untraced:
        return self

    def __exit__(self, *exception: Any) -> None:
        pass


UNTRACED = _Untraced()


def trace_call(integration: Integration, instance: Any, name: str, service: str | None = None) -> Call | _Untraced:
    """Open a declared span for a call on an object; nothing happens where its tracer is off.

    ``instance`` is the object that may bear a pin. The span has the service, type, kind, component and measure that
    the declaration and the settings give it; ``service`` goes before all others.
    """
    try:
        pin = Pin.lookup(instance)
        if pin is None or not pin.tracer.enabled:
            return UNTRACED
        return open_call(integration, pin, name, service)
    except Exception as error:
        swallow("start a span", error)
        return UNTRACED


def open_call(
    integration: Integration,
    pin: Pin,
    name: str,
    service: str | None = None,
    parent: Span | None = None,
    resource: str | None = None,
) -> Call:
    """Open a declared span for a call on a pinned object, and make it the current one; may raise.

    It has the service that the settings give it, is below the current span, and has its name for a resource, unless
    these are told.
    """
    contract = integration.contracts.get(name) or integration.contract_of(name)
    if contract is None:
        declared = ", ".join(integration.contracts)
        raise LookupError(f"{integration.name} declares no span {name!r}; declared are {declared}")
    tags = integration.constant_tags[contract.name]
    return begin_call(pin, contract, service or service_of(integration, pin), tags, name, parent, resource)


def begin_call(
    pin: Pin,
    contract: SpanContract,
    service: str | None,
    tags: dict[str, str],
    name: str = "",
    parent: Span | None = None,
    resource: str | None = None,
) -> Call:
    """Open a span of that contract and service, with the tags given and those of the pin; may raise.

    ``name`` is its name where the contract stands for many.
    """
    if parent is None:
        span = pin.tracer.trace(name or contract.name, service, resource, contract.span_type)
    else:
        span = pin.tracer.start_span(name or contract.name, parent, service, resource, contract.span_type, True)
    span._meta.update(tags)
    if contract.measured:
        span._metrics[SPAN_MEASURED_KEY] = 1
    call = Call(span)
    if pin.tags:
        # From here on the span is the current one, and a failure must not leave it so.
        call.describe(Span.set_tags, pin.tags)
    return call


def service_of(integration: Integration, pin: Pin) -> str | None:
    """The service of an integration's spans on a pinned object."""
    settings = config.integration(integration.settings_name)
    if integration.internal_service:
        return int_service(pin, settings, integration.service)
    return ext_service(pin, settings, integration.service)


def int_service(pin: Pin | None, int_config: Mapping[str, Any], default: str | None = None) -> str | None:
    """The service of spans that belong to the application's own service, such as a web framework's.

    The pin's goes first, then the integration's, then the application's, then the default.
    """
    get = int_config.get
    return (
        (pin and pin.service)
        or get("service")
        or get("service_name")
        or config.service
        or get("_default_service")
        or default
    )


def ext_service(pin: Pin | None, int_config: Mapping[str, Any], default: str | None = None) -> str | None:
    """The service of spans about one that the application calls, such as a database: not the application's."""
    get = int_config.get
    return (pin and pin.service) or get("service") or get("service_name") or get("_default_service") or default
