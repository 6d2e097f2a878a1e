"""The recipe for structlog in the logging integration's documentation, run as it stands there."""

import inspect
import json

import ddtrace.contrib.logging as documented
from testkit import run_python
from tests.unit.conftest import REPOSITORY

USE = """
with tracer.trace("work") as span:
    structlog.get_logger().info("hello", colour="blue")
print(span.trace_id, span.span_id)
"""


def recipe():
    """The last block of code in the documentation."""
    text = inspect.getdoc(documented)
    return inspect.cleandoc("\n" + text[text.rindex("import structlog") - 4 :])


def test_event_of_structlog_has_the_trace():
    """An event within a span bears its ids and the application's service, under ``dd``."""
    environment = {"PYTHONPATH": REPOSITORY, "DD_SERVICE": "shop", "DD_TRACE_ENABLED": "true"}

    event, ids = run_python("-c", recipe() + USE, env=environment).splitlines()

    trace_id, span_id = ids.split()
    assert json.loads(event) == {
        "event": "hello",
        "colour": "blue",
        "dd": {"trace_id": trace_id, "span_id": span_id, "service": "shop", "env": "", "version": ""},
    }
