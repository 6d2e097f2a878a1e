"""The report of ``ddtrace-run --info``, in words and colors."""

import pytest

from ddtrace import Tracer
from ddtrace.commands.info import readable
from ddtrace.internal.debug import collect
from testkit import DummyTracer

ON = {
    "enabled": True,
    "instrumented": False,
    "module_available": True,
    "module_version": "8.1.0",
    "module_imported": False,
}


def report(is_colored=False, state=ON, **facts):
    """The lines for some facts, and for one integration named ``colours``."""
    facts = {**collect(DummyTracer()), "integrations": {"colours": state}, **facts}
    return [" ".join(line.split()) for line in readable(facts, is_colored).splitlines()]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "on, 8.1.0 is installed"),
        ({"module_version": "N/A"}, "on"),
        ({"enabled": False}, "off, 8.1.0 is installed"),
        ({"module_version": "N/A", "module_available": False}, "on, the library is not installed"),
        ({"module_imported": True, "instrumented": True}, "on, 8.1.0 is installed"),
        ({"module_imported": True}, "not traced, 8.1.0 is installed"),
    ],
)
def test_state_of_an_integration(change, words):
    """Each integration has one line that says whether its library will be traced."""
    assert f"colours {words}" in report(state={**ON, **change})


def test_agent_that_does_not_answer_gets_an_advice(refusing_url):
    """Below the reason there is what to do."""
    lines = report(**{key: collect(Tracer(refusing_url))[key] for key in ("agent_url", "agent_error")})

    assert lines[1].startswith(f"Agent not reachable at {refusing_url}")
    assert "set DD_TRACE_AGENT_URL" in lines[2]


def test_tracer_without_an_agent_says_so():
    """A writer of another kind is no error."""
    assert "traces are not sent to an agent" in report()


@pytest.mark.parametrize("is_colored", [False, True])
def test_colors_are_asked_for(is_colored):
    """Escape sequences are only where a terminal reads them."""
    assert ("\033[" in "".join(report(is_colored))) is is_colored
