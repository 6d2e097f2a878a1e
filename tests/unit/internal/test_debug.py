"""What is known of a tracer, for bug reports."""

import json
import logging
import platform
import sys

import pytest

from ddtrace import Tracer, config, tracer
from ddtrace.contrib.redis import integration
from ddtrace.internal import debug
from ddtrace.internal.debug import collect, log_startup
from ddtrace.sampler import RateSampler
from ddtrace.version import __version__
from testkit import DummyTracer, run_python
from tests.unit.conftest import REPOSITORY

KEYS = """
date os_name os_version is_64_bit architecture vm version lang lang_version is_compiled pip_version
in_virtual_env agent_url agent_error env is_global_tracer enabled_env_setting tracer_enabled sampler_type
priority_sampler_type sampler_rules
service debug enabled_cli analytics_enabled log_injection_enabled health_metrics_enabled runtime_metrics_enabled
dd_version priority_sampling_enabled global_tags tracer_tags integrations partial_flush_enabled partial_flush_min_spans
""".split()


@pytest.fixture
def own_tracer(agent):
    """A tracer that has an agent."""
    return Tracer(agent.url)


def test_keys_are_those_of_1x(own_tracer):
    """Whoever reads the report finds each fact under its name, in text that JSON can hold."""
    facts = collect(own_tracer)

    assert list(facts) and set(facts) == set(KEYS)
    assert json.loads(json.dumps(facts)) == facts


def test_surroundings_are_this_process(own_tracer):
    """The report names the interpreter and the release."""
    facts = collect(own_tracer)

    assert (facts["lang"], facts["lang_version"]) == ("python", platform.python_version())
    assert (facts["version"], facts["in_virtual_env"]) == (__version__, sys.prefix != sys.base_prefix)


def test_settings_are_the_tracer_s_and_config_s(monkeypatch, own_tracer):
    """What was set by code shows as well as what the environment says."""
    monkeypatch.setenv("DD_TAGS", "team:shop")
    monkeypatch.setattr(config, "service", "app")
    monkeypatch.setattr(config, "version", "7")
    own_tracer.configure(sampler=RateSampler(0.5), partial_flush_min_spans=7)
    own_tracer.set_tags({"colour": "blue"})

    facts = collect(own_tracer)

    expected = {
        "service": "app",
        "dd_version": "7",
        "global_tags": "team:shop",
        "tracer_tags": "colour:blue",
        "sampler_type": "RateSampler",
        "partial_flush_min_spans": 7,
        "is_global_tracer": False,
        "enabled_cli": False,
    }
    assert {key: facts[key] for key in expected} == expected
    assert collect(tracer)["is_global_tracer"] is True


def test_agent_that_answers_is_no_error(agent, own_tracer):
    """The agent is asked once, for nothing: no trace is made for the sake of a report."""
    assert collect(own_tracer)["agent_error"] is None
    assert [request.headers["X-Datadog-Trace-Count"] for request in agent.requests] == ["0"]
    assert agent.traces == []


def test_agent_that_cannot_be_reached_is_named(refusing_url):
    """The error says where, and why."""
    error = collect(Tracer(refusing_url))["agent_error"]

    assert error.startswith(f"Agent not reachable at {refusing_url}. Exception raised: ConnectionRefusedError")


def test_agent_that_refuses_is_named(agent, own_tracer):
    """An answer that is no acceptance is an error, too."""
    agent.status = 500

    assert collect(own_tracer)["agent_error"] == f"Agent at {agent.url} takes no traces: it answered 500"


def test_writer_without_an_agent_has_no_error():
    """There is nothing to ask."""
    facts = collect(DummyTracer())

    assert (facts["agent_url"], facts["agent_error"]) == (None, None)


def test_integration_tells_its_state(monkeypatch, own_tracer):
    """Whether it is on, its library there and traced; and its settings."""
    monkeypatch.setenv("DD_TRACE_REDIS_ENABLED", "false")
    before = collect(own_tracer)["integrations"]["redis"]
    monkeypatch.delenv("DD_TRACE_REDIS_ENABLED")
    integration.patch()
    try:
        after = collect(own_tracer)["integrations"]["redis"]
    finally:
        integration.unpatch()

    assert (before["enabled"], before["module_available"]) == (False, True)
    assert (after["enabled"], after["instrumented"]) == (True, "redis" in sys.modules)
    assert after["module_version"] == integration.get_version()
    assert after["config"]["cmd_max_length"] == 1000


def test_patch_modules_is_seen(monkeypatch, own_tracer):
    """DD_PATCH_MODULES decides where the program is run by us."""
    monkeypatch.setenv("DD_PATCH_MODULES", "redis:false,logging:true")

    states = collect(own_tracer)["integrations"]

    assert (states["redis"]["enabled"], states["logging"]["enabled"]) == (False, True)


def test_startup_is_logged_as_json(caplog, own_tracer):
    """One line at INFO holds everything; a program that logs at INFO sees it."""
    with caplog.at_level(logging.INFO):
        log_startup(own_tracer)

    (record,) = caplog.records
    prefix, text = record.getMessage()[:33], record.getMessage()[33:]
    assert (record.levelname, prefix) == ("INFO", "- DATADOG TRACER CONFIGURATION - ")
    assert set(json.loads(text)) == set(KEYS)


def test_startup_without_an_agent_is_a_warning(caplog, refusing_url):
    """A second line says that nobody takes the traces."""
    with caplog.at_level(logging.INFO):
        log_startup(Tracer(refusing_url))

    _, record = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith(f"- DATADOG TRACER DIAGNOSTIC - Agent not reachable at {refusing_url}")


def test_startup_is_seen_without_any_logging(agent):
    """Who asks for startup logs gets them, on standard error, and the logger is left as it was."""
    source = """
import sys, io
sys.stderr = io.StringIO()
import ddtrace.auto
from ddtrace.internal import debug
print(sys.stderr.getvalue().count("- DATADOG TRACER CONFIGURATION - {"), debug.log.level, debug.log.handlers)
"""
    variables = {"DD_TRACE_STARTUP_LOGS": "true", "DD_TRACE_AGENT_URL": agent.url, "PYTHONPATH": REPOSITORY}

    assert run_python("-c", source, env=variables) == "1 0 []\n"


def test_import_of_ddtrace_logs_nothing(agent):
    """Startup logs belong to ``ddtrace-run`` and ``ddtrace.auto``."""
    source = "import sys, io\nsys.stderr = io.StringIO()\nimport ddtrace\nprint(repr(sys.stderr.getvalue()))"
    variables = {"DD_TRACE_STARTUP_LOGS": "true", "DD_TRACE_AGENT_URL": agent.url, "PYTHONPATH": REPOSITORY}

    assert run_python("-c", source, env=variables) == "''\n"
    assert agent.requests == []


def test_prefixes_are_those_of_1x():
    """People look for them."""
    assert debug.CONFIGURATION_PREFIX == "- DATADOG TRACER CONFIGURATION - "
    assert debug.DIAGNOSTIC_PREFIX == "- DATADOG TRACER DIAGNOSTIC - "
