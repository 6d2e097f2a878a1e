"""Have a library traced for the length of a block, and by a tracer of the test's own."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator

from ddtrace import Pin, config
from ddtrace.contrib._integration import Integration
from testkit.tracer import DummyTracer


@contextlib.contextmanager
def traced(integration: Integration, tracer: DummyTracer | None = None) -> Iterator[DummyTracer]:
    """Patch the integration's library, with its pins at ``tracer``, and restore it at the end.

    Our own failures are raised within the block, so that none hides.
    """
    tracer = tracer or DummyTracer()
    patching = integration.load_patching()
    with failures_are_fatal(True):
        patching.patch()
        try:
            override_pins(patching, tracer=tracer)
            yield tracer
        finally:
            patching.unpatch()
            tracer.context_provider.activate(None)


def override_pins(patching: Any, **settings: Any) -> None:
    """Override the pins that a patching put onto the library's classes and modules."""
    for owner in patching.pinned:
        Pin.override(owner, **settings)


@contextlib.contextmanager
def failures_are_fatal(are_fatal: bool) -> Iterator[None]:
    """Whether failures of our own are raised (in tests) or kept from the application (in production)."""
    before = config._raise
    config._raise = are_fatal
    try:
        yield
    finally:
        config._raise = before
