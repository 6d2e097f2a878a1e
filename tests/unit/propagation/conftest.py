"""What the tests of the formats share: settings read anew, and contexts by way of the public facade."""

import pytest

from ddtrace import config
from ddtrace.propagation.http import HTTPPropagator
from ddtrace.settings.config import LAZY_OPTIONS


@pytest.fixture(autouse=True)
def unread_settings(monkeypatch):
    """The settings of propagation are read by the test that needs them, and forgotten after it."""
    for name in LAZY_OPTIONS:
        vars(config).pop(name, None)
    yield
    for name in LAZY_OPTIONS:
        vars(config).pop(name, None)


@pytest.fixture
def use(monkeypatch):
    """Configures the styles of both directions."""
    return lambda styles: monkeypatch.setenv("DD_TRACE_PROPAGATION_STYLE", styles)


def injected(context):
    """The headers that a context is written into."""
    headers = {}
    HTTPPropagator.inject(context, headers)
    return headers


def place(context):
    """What all formats carry."""
    return context.trace_id, context.span_id, context.sampling_priority
