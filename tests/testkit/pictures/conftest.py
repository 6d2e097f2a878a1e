"""Views of spans from an outline, on the way that real ones take."""

import pytest

from ddtrace.writer import TraceWriter
from testkit.collector import decode
from testkit.pictures.received import Received
from tests.testkit.snapshots.conftest import outlined


def sent(spans):
    """The spans as a tracer sends them, and a collector reads them."""
    return decode("/v0.4/traces", bytes(TraceWriter.encode_payload([spans])))


@pytest.fixture
def spans_of():
    """A function that makes finished spans of an outline."""
    return outlined


@pytest.fixture
def received():
    return Received()


@pytest.fixture
def view_of(received):
    """A function that makes a view of an outline, or of spans."""

    def make(spans):
        received.take(sent(outlined(spans) if isinstance(spans, str) else spans))
        return received.view()

    return make
