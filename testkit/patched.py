"""Have a library traced for the length of a block, and by a tracer of the test's own."""

from __future__ import annotations

import contextlib
import os
from typing import Any, ContextManager, Iterator

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
        try:
            patching.patch()
            override_pins(patching, tracer=tracer)
            yield tracer
        finally:
            patching.unpatch()
            tracer.context_provider.activate(None)


def override_pins(patching: Any, **settings: Any) -> None:
    """Override the pins that a patching put onto the library's classes and modules."""
    for owner in patching.pinned:
        Pin.override(owner, **settings)


def failures_are_fatal(are_fatal: bool) -> ContextManager[None]:
    """Whether failures of our own are raised (in tests) or kept from the application (in production)."""
    return global_settings(_raise=are_fatal)


def nothing_from_the_environment() -> ContextManager[None]:
    """What DD_TAGS and the like say of this process is not on the spans, which must be the same everywhere."""
    return global_settings(env=None, version=None, tags={}, service_mapping={})


@contextlib.contextmanager
def global_settings(**settings: Any) -> Iterator[None]:
    """Have these values in ``config`` for the length of a block."""
    before = {name: vars(config)[name] for name in settings}
    for name, value in settings.items():
        setattr(config, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(config, name, value)


@contextlib.contextmanager
def environment(variable: str, value: str | None) -> Iterator[None]:
    """Set one environment variable, or have it unset where the value is None."""
    before = os.environ.pop(variable, None)
    if value is not None:
        os.environ[variable] = value
    try:
        yield
    finally:
        os.environ.pop(variable, None)
        if before is not None:
            os.environ[variable] = before
