"""Integrations of the toy library that are each wrong in one way, which exactly one check must catch.

Every module here but ``correct`` declares such an integration, names the check in ``CAUGHT_BY``, and differs from
``correct`` by as little as it can.
"""

from __future__ import annotations

from typing import Any

from ddtrace import Pin
from ddtrace.contrib._integration import Integration, Option, SpanContract

LIBRARY = "testkit.toy.library"


CALL = SpanContract(
    name="toy.call", span_type="worker", kind="client", measured=True, tags=("toy.command",), metrics=()
)

STREAM = SpanContract(name="toy.stream", span_type="worker", kind="client", tags=("toy.command",), metrics=())

REQUEST = SpanContract(name="toy.request", span_type="http", kind="client", tags=("http.url",))

SERVE = SpanContract(name="toy.serve", span_type="web", kind="server", tags=("http.url",))

DISTRIBUTED_TRACING = Option("distributed_tracing", bool, True, "Whether traces go on from process to process.")


def declare(module: str, *more_spans: SpanContract) -> Integration:
    """The toy library's declaration, made by a module that holds declaration and targets both."""
    return Integration(
        package=module,
        patch_module=module,
        distribution="",
        modules=(LIBRARY,),
        versions=(),
        options=(DISTRIBUTED_TRACING,) if {REQUEST, SERVE} & {*more_spans} else (),
        spans=(CALL, *more_spans),
    )


def pin_of(instance: Any) -> Pin:
    """The pin that holds for an object, not by ``Pin.lookup``: that this may fail is for one check only to see."""
    return instance._datadog_pin
