"""The settings of one integration."""

import copy

import pytest

from ddtrace.settings import Config, HttpConfig, IntegrationConfig
from ddtrace.settings.option import Option
from tests.unit.conftest import messages

OPTIONS = (Option("max_length", int, 5, ""), Option("split", bool, False, ""))


@pytest.fixture
def config():
    return Config(lambda name: OPTIONS if name == "redis" else ())


@pytest.fixture
def settings(config):
    return config.redis


def test_setting_is_key_and_attribute(settings):
    """What is set one way is read the other."""
    settings.max_length = 7
    settings["split"] = True

    assert settings["max_length"] == 7 and settings.split is True


def test_options_come_from_the_environment(config, monkeypatch):
    """DD_<NAME>_<OPTION>."""
    monkeypatch.setenv("DD_REDIS_MAX_LENGTH", "9")
    monkeypatch.setenv("DD_REDIS_SPLIT", "true")

    settings = config.redis

    assert (settings.max_length, settings.split) == (9, True)


def test_wrong_option_gives_the_default(config, monkeypatch, caplog):
    """One logged line names the variable."""
    monkeypatch.setenv("DD_REDIS_MAX_LENGTH", "long")

    assert config.redis.max_length == 5
    assert ["DD_REDIS_MAX_LENGTH='long'" in line and "int" in line for line in messages(caplog)] == [True]


@pytest.mark.parametrize(
    "variables, service",
    [
        ({}, None),
        ({"DD_REDIS_SERVICE": "a"}, "a"),
        ({"DD_REDIS_SERVICE_NAME": "b"}, "b"),
        ({"DD_REDIS_SERVICE": "a", "DD_REDIS_SERVICE_NAME": "b"}, "a"),
    ],
)
def test_service_comes_from_the_environment(config, monkeypatch, variables, service):
    """DD_<NAME>_SERVICE goes before DD_<NAME>_SERVICE_NAME."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    settings = config.redis

    assert (settings.service, settings.service_name) == (service, service)


def test_missing_setting_is_an_error(settings):
    """The error names the integration, the setting and those there are."""
    with pytest.raises(AttributeError, match="config.redis has no setting 'length'; it has analytics_enabled, "):
        settings.length  # noqa: B018 (the access is the test)


def test_missing_key_is_a_key_error(settings):
    """As a dictionary it behaves like one."""
    with pytest.raises(KeyError):
        settings["length"]
    assert settings.get("length") is None


def test_setting_can_be_deleted(settings):
    """By attribute as by key; a second time is an error."""
    del settings.split

    assert "split" not in settings
    with pytest.raises(AttributeError, match="'split'"):
        del settings.split


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy])
def test_copy_is_independent(settings, duplicate):
    """A copy keeps name and settings, and can be changed alone."""
    twin = duplicate(settings)

    twin.max_length = 7

    assert (twin.integration_name, twin.split) == ("redis", False)
    assert settings.max_length == 5


def test_repr_names_the_integration(settings):
    """And shows what is set."""
    assert repr(settings).startswith("IntegrationConfig('redis', {") and "'max_length': 5" in repr(settings)


def test_settings_can_be_given_like_those_of_a_dictionary(config):
    """By name, or as pairs; what is given goes before the environment."""
    settings = IntegrationConfig(config, "shop", {"colour": "blue"}, service="bank")

    assert (settings.colour, settings.service, settings.integration_name) == ("blue", "bank", "shop")
    assert settings.global_config is config


def test_what_is_no_setting_is_in_no_dictionary(settings):
    """Name, hooks, headers and the settings of all are attributes only."""
    assert not {"integration_name", "global_config", "hooks", "http"} & set(settings)

    settings.http = other = HttpConfig()
    assert settings.http is other and "http" not in settings


# -- headers and queries ----------------------------------------------------------------------------------------------


def test_integration_s_own_headers_go_first(config, settings):
    """A header's tag is that of the integration, else that of all integrations."""
    config.http = HttpConfig({"Host": "all.host", "X-Colour": "all.colour"})
    settings.http = HttpConfig({"Host": "redis.host"})

    assert [settings._header_tag_name(name) for name in ("host", "x-colour", "other")] == [
        "redis.host",
        "all.colour",
        None,
    ]
    assert settings.header_is_traced("X-Colour") and not settings.header_is_traced("Other")


@pytest.mark.parametrize("place", ["own", "global"])
def test_headers_are_traced_once_any_is_configured(config, settings, place):
    """Here or with all integrations."""
    assert not settings.is_header_tracing_configured

    (settings.http if place == "own" else config).trace_headers("X-Colour")
    assert settings.is_header_tracing_configured


def test_query_is_no_tag_by_default(settings):
    """Nobody decided."""
    assert settings.trace_query_string is None


def test_own_decision_on_queries_goes_first(config, settings):
    """That of the integration, then that of all integrations."""
    config.http.trace_query_string = True
    assert settings.trace_query_string is True

    settings.http.trace_query_string = False
    assert settings.trace_query_string is False

    settings.trace_query_string = True
    assert settings.trace_query_string is True


def test_url_keeps_its_query_by_default(config, settings):
    """Unless DD_HTTP_SERVER_TAG_QUERY_STRING says no, or the integration's own setting does."""
    assert settings.http_tag_query_string is True

    config.http_tag_query_string = False
    assert settings.http_tag_query_string is False

    settings["default_http_tag_query_string"] = True
    assert settings.http_tag_query_string is True

    settings.http_tag_query_string = False
    assert settings.http_tag_query_string is False


# -- analytics --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "own, of_all, use_global_config, rate",
    [
        (None, False, False, None),
        (None, True, False, None),
        (None, True, True, 0.5),
        (None, False, True, None),
        (False, True, True, None),
        (True, False, False, 0.5),
        (True, False, True, 0.5),
    ],
)
def test_analytics_are_off_unless_switched_on(config, settings, own, of_all, use_global_config, rate):
    """The integration's switch decides; that of all integrations only where it is asked and this one is not set."""
    config.analytics_enabled = of_all
    settings.analytics_enabled = own
    settings.analytics_sample_rate = 0.5

    assert settings.get_analytics_sample_rate(use_global_config) == rate


def test_analytics_without_a_rate_keep_all(settings):
    """A rate of None is that of the agent."""
    settings.analytics_enabled, settings.analytics_sample_rate = True, None

    assert settings.get_analytics_sample_rate() is True


@pytest.mark.parametrize("prefix", ["DD_TRACE_REDIS", "DD_REDIS"])
def test_environment_switches_analytics_on(config, monkeypatch, prefix):
    """DD_TRACE_<NAME>_ANALYTICS_*, or the older names."""
    monkeypatch.setenv(f"{prefix}_ANALYTICS_ENABLED", "true")
    monkeypatch.setenv(f"{prefix}_ANALYTICS_SAMPLE_RATE", "0.25")

    assert config.redis.get_analytics_sample_rate() == 0.25


def test_copy_has_hooks_and_headers_of_its_own(settings):
    """What is registered with a copy is not called for the original."""
    twin = copy.deepcopy(settings)
    calls = []

    twin.hooks.register("request", calls.append)
    twin.http.trace_headers("X-Colour")
    settings.hooks.emit("request", 1)

    assert calls == [] and not settings.header_is_traced("X-Colour")
    assert twin.global_config is settings.global_config
