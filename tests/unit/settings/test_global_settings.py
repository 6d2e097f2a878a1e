"""Each global setting: its name, its variable, its default."""

import re

import pytest

from ddtrace.settings import Config
from tests.unit.conftest import messages

SWITCHES = [
    ("analytics_enabled", "DD_TRACE_ANALYTICS_ENABLED", False),
    ("analytics_enabled", "DD_ANALYTICS_ENABLED", False),
    ("logs_injection", "DD_LOGS_INJECTION", False),
    ("report_hostname", "DD_TRACE_REPORT_HOSTNAME", False),
    ("health_metrics_enabled", "DD_TRACE_HEALTH_METRICS_ENABLED", False),
    ("http_tag_query_string", "DD_HTTP_SERVER_TAG_QUERY_STRING", True),
    ("_http_client_tag_query_string", "DD_HTTP_CLIENT_TAG_QUERY_STRING", True),
    ("_128_bit_trace_id_enabled", "DD_TRACE_128_BIT_TRACEID_GENERATION_ENABLED", False),
    ("_128_bit_trace_id_logging_enabled", "DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED", False),
    ("_peer_service_defaults_enabled", "DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED", False),
    ("_trace_compute_stats", "DD_TRACE_COMPUTE_STATS", False),
    ("_trace_compute_stats", "DD_TRACE_STATS_COMPUTATION_ENABLED", False),
    ("_client_ip_enabled", "DD_TRACE_CLIENT_IP_ENABLED", False),
    ("_startup_logs_enabled", "DD_TRACE_STARTUP_LOGS", False),
    ("_debug_mode", "DD_TRACE_DEBUG", False),
    ("_raise", "DD_TESTING_RAISE", False),
]


@pytest.mark.parametrize("name, variable, default", SWITCHES)
def test_switch_has_a_default_and_a_variable(monkeypatch, name, variable, default):
    """Off or on without an environment; the variable says otherwise."""
    assert getattr(Config(), name) is default

    monkeypatch.setenv(variable, str(not default))
    assert getattr(Config(), name) is not default


@pytest.mark.parametrize("name", sorted({name for name, _, _ in SWITCHES}))
def test_switch_is_a_plain_attribute(name):
    """Reading one costs what reading any attribute of an object costs: no property, no lookup by us."""
    assert name in vars(Config()) and not hasattr(Config, name)


def test_header_of_the_client_s_address(monkeypatch):
    """None, or the one that DD_TRACE_CLIENT_IP_HEADER names."""
    assert Config()._client_ip_header is None

    monkeypatch.setenv("DD_TRACE_CLIENT_IP_HEADER", "X-Real-Client")
    assert Config()._client_ip_header == "X-Real-Client"


def test_peer_service_mapping_is_pairs(monkeypatch):
    """DD_TRACE_PEER_SERVICE_MAPPING renames peers, from:to."""
    assert Config()._peer_service_mapping == {}

    monkeypatch.setenv("DD_TRACE_PEER_SERVICE_MAPPING", "db:orders,cache:colours")
    assert Config()._peer_service_mapping == {"db": "orders", "cache": "colours"}


def test_secrets_of_queries_are_hidden_by_default():
    """A pattern is there without anybody setting one, and hiding is on."""
    config = Config()

    assert config.global_query_string_obfuscation_disabled is False
    assert config._obfuscation_query_string_pattern.sub("-", "a=1&password=x&b=2") == "a=1&-&b=2"


@pytest.mark.parametrize(
    "variable", ["DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP", "DD_TRACE_OBFUSCATION_QUERY_STRING_PATTERN"]
)
def test_user_s_pattern_takes_the_place_of_ours(monkeypatch, variable):
    """What it does not match is shown."""
    monkeypatch.setenv(variable, "colour=[a-z]+")

    assert Config()._obfuscation_query_string_pattern == re.compile("colour=[a-z]+")


def test_empty_pattern_turns_hiding_off(monkeypatch):
    """Queries are shown as they are."""
    monkeypatch.setenv("DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP", "")
    config = Config()

    assert config.global_query_string_obfuscation_disabled is True
    assert config._obfuscation_query_string_pattern is None


def test_pattern_that_is_not_valid_hides_all(monkeypatch, caplog):
    """Hiding is on with nothing to hide by, so that no query is shown; one logged line says why."""
    monkeypatch.setenv("DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP", "(")
    config = Config()

    assert config._obfuscation_query_string_pattern is config._obfuscation_query_string_pattern is None
    assert config.global_query_string_obfuscation_disabled is False
    assert [line.partition(" (")[0] for line in messages(caplog)] == [
        "DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP='(' is no regular expression"
    ]


def test_pattern_is_compiled_on_first_use():
    """Whoever serves no request does not pay for it."""
    config = Config()
    assert "_obfuscation_query_string_pattern" not in vars(config)

    assert config._obfuscation_query_string_pattern is vars(config)["_obfuscation_query_string_pattern"]
