"""Integrations of the toy library that are each wrong in one way, which exactly one check must catch.

Every module here but ``correct`` declares such an integration, names the check in ``CAUGHT_BY``, and differs from
``correct`` by as little as it can.
"""

from __future__ import annotations

from ddtrace.contrib._integration import Integration, SpanContract

LIBRARY = "testkit.toy.library"


CALL = SpanContract(
    name="toy.call", span_type="worker", kind="client", measured=True, tags=("toy.command",), metrics=()
)

STREAM = SpanContract(name="toy.stream", span_type="worker", kind="client", tags=("toy.command",), metrics=())


def declare(module: str, *more_spans: SpanContract) -> Integration:
    """The toy library's declaration, made by a module that holds declaration and targets both."""
    return Integration(
        package=module,
        patch_module=module,
        distribution="",
        modules=(LIBRARY,),
        versions=(),
        spans=(CALL, *more_spans),
    )
