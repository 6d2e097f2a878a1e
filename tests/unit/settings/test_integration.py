"""The settings of one integration."""

import copy

import pytest

from ddtrace.settings import IntegrationConfig
from ddtrace.settings.option import Option
from tests.unit.conftest import messages

OPTIONS = (Option("max_length", int, 5, ""), Option("split", bool, False, ""))


@pytest.fixture
def settings():
    return IntegrationConfig("redis", OPTIONS)


def test_setting_is_key_and_attribute(settings):
    """What is set one way is read the other."""
    settings.max_length = 7
    settings["split"] = True

    assert settings["max_length"] == 7 and settings.split is True


def test_options_come_from_the_environment(monkeypatch):
    """DD_<NAME>_<OPTION>."""
    monkeypatch.setenv("DD_REDIS_MAX_LENGTH", "9")
    monkeypatch.setenv("DD_REDIS_SPLIT", "true")

    settings = IntegrationConfig("redis", OPTIONS)

    assert (settings.max_length, settings.split) == (9, True)


def test_wrong_option_gives_the_default(monkeypatch, caplog):
    """One logged line names the variable."""
    monkeypatch.setenv("DD_REDIS_MAX_LENGTH", "long")

    assert IntegrationConfig("redis", OPTIONS).max_length == 5
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
def test_service_comes_from_the_environment(monkeypatch, variables, service):
    """DD_<NAME>_SERVICE goes before DD_<NAME>_SERVICE_NAME."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    settings = IntegrationConfig("redis")

    assert (settings.service, settings.service_name) == (service, service)


def test_missing_setting_is_an_error(settings):
    """The error names the integration, the setting and those there are."""
    with pytest.raises(AttributeError, match="config.redis has no setting 'length'; it has max_length, service"):
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
    assert repr(settings).startswith("IntegrationConfig('redis', {'service': None")
