"""What the checks that all integrations share do not prove of foo's."""

import foo

from ddtrace import patch
from ddtrace.contrib.foo import integration
from ddtrace.contrib.foo.patch import describe_call


def test_patched_by_name():
    """``patch(foo=True)`` patches the library, which is imported already."""
    patch(foo=True)

    try:
        assert integration.load_patching().is_patched
    finally:
        integration.unpatch()


def test_resource_is_what_is_called(tracer):
    """A span's resource is the full name of the function that was called."""
    with tracer.trace("foo.answer") as span:
        describe_call(span, foo.Client.answer)

    assert span.resource == "Client.answer"
