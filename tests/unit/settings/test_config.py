"""Global settings, and each integration's under its name."""

import copy

import pytest

from ddtrace import Pin
from ddtrace.settings import Config, IntegrationConfig
from ddtrace.settings.option import Option, parse_header_tags, parse_pairs
from tests.unit.conftest import messages


@pytest.fixture
def config():
    return Config(lambda name: (Option("max_length", int, 5, ""),) if name == "redis" else ())


def config_of(monkeypatch, **variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Config()


def test_nothing_is_set_by_default(config):
    """Without an environment there is no service, env, version or tag."""
    assert (config.service, config.env, config.version) == (None, None, None)
    assert (config.tags, config.service_mapping) == ({}, {})
    assert config._raise is False


def test_environment_names_the_application(monkeypatch):
    """DD_SERVICE, DD_ENV and DD_VERSION."""
    config = config_of(monkeypatch, DD_SERVICE="shop", DD_ENV="prod", DD_VERSION="1.2")

    assert (config.service, config.env, config.version) == ("shop", "prod", "1.2")


def test_tags_can_name_the_application(monkeypatch):
    """service, env and version of DD_TAGS count where nothing else names them, and are no tags."""
    config = config_of(monkeypatch, DD_ENV="prod", DD_TAGS="service:shop,env:test,version:1.2,team:blue")

    assert (config.service, config.env, config.version) == ("shop", "prod", "1.2")
    assert config.tags == {"team": "blue"}


@pytest.mark.parametrize(
    "text, pairs",
    [
        ("a:1,b:2", {"a": "1", "b": "2"}),
        ("a:1 b:2", {"a": "1", "b": "2"}),
        (" a : 1 , b:2,", {"a": "1", "b": "2"}),
        ("a:b:c", {"a": "b:c"}),
        ("a:1 2,b:3", {"a": "1 2", "b": "3"}),
        ("", {}),
    ],
)
def test_pairs_are_apart_by_commas_or_blanks(monkeypatch, text, pairs):
    """The first colon ends the key."""
    monkeypatch.setenv("DD_PAIRS", text)

    assert parse_pairs("DD_PAIRS") == pairs


@pytest.mark.parametrize("part", ["novalue", ":1", "key:"])
def test_part_that_is_no_pair_is_left_out(monkeypatch, caplog, part):
    """One logged line names variable and part; the others are used."""
    monkeypatch.setenv("DD_PAIRS", f"a:1,{part}")

    assert parse_pairs("DD_PAIRS") == {"a": "1"}
    assert messages(caplog) == [f"DD_PAIRS: {part!r} is not a pair key:value; it is left out"]


def test_service_mapping_is_pairs(monkeypatch):
    """DD_SERVICE_MAPPING renames services, from:to."""
    assert config_of(monkeypatch, DD_SERVICE_MAPPING="redis:cache").service_mapping == {"redis": "cache"}


def test_unknown_attribute_is_an_integration(config):
    """Its settings are made on first use, once."""
    assert isinstance(config.flask, IntegrationConfig)
    assert config.flask is config.flask is config.integration("flask")


def test_private_attribute_is_no_integration(config):
    """A misspelt or missing private name is an error, as copy and pickle expect."""
    with pytest.raises(AttributeError, match="_nothing"):
        config._nothing  # noqa: B018 (the access is the test)


def test_declared_options_are_there(config):
    """An integration's options have their defaults without anybody setting them."""
    assert config.redis.max_length == 5


def test_reread_takes_the_environment_anew(config, monkeypatch):
    """What was set by hand is forgotten."""
    config.redis.max_length = 7
    monkeypatch.setenv("DD_REDIS_MAX_LENGTH", "9")

    assert config.reread("redis").max_length == 9


def test_change_is_noticed(config):
    """The generation grows with each change of a global setting, so that what derives from it can follow."""
    before = config.generation

    config.service = "shop"

    assert config.generation > before
    assert config.service == "shop"


def test_add_registers_defaults(config):
    """``_add`` gives an integration more settings; what the user set wins."""
    config.redis["max_length"] = 7

    config._add("redis", {"max_length": 1, "colour": "blue"})

    assert (config.redis.max_length, config.redis.colour) == (7, "blue")


def test_add_without_merge_overwrites(config):
    """``merge=False`` sets what is given."""
    config.redis["max_length"] = 7

    config._add("redis", {"max_length": 1}, merge=False)

    assert config.redis.max_length == 1


def test_add_copies(config):
    """Later changes of the defaults do not reach the settings."""
    defaults = {"names": ["a"]}
    config._add("redis", defaults)

    defaults["names"].append("b")

    assert config.redis.names == ["a"]


def test_add_fills_dictionaries(config):
    """What is missing in a dictionary is added, at any depth; what the user put there wins."""
    config.redis["operations"] = {"s3": {"retries": 1}}

    config._add("redis", {"operations": {"s3": {"retries": 0, "errors": "500-599"}, "sqs": {}}})

    assert config.redis.operations == {"s3": {"retries": 1, "errors": "500-599"}, "sqs": {}}


def test_integration_can_be_set_as_a_whole(config):
    """An IntegrationConfig that is assigned takes the place of the old one."""
    other = IntegrationConfig(config, "redis")

    config.redis = other

    assert config.redis is other


def test_get_service_has_a_default(config):
    """The configured service goes before it."""
    assert config._get_service("fallback") == "fallback"
    config.service = "shop"
    assert config._get_service("fallback") == "shop"


def test_copy_is_independent(config):
    """A deep copy of the settings can be changed alone."""
    twin = copy.deepcopy(config)

    twin.service = "twin"
    twin.redis.max_length = 1

    assert (config.service, config.redis.max_length) == (None, 5)


def test_repr_names_the_application(config):
    """Service, env and version."""
    assert repr(config) == "Config(service=None, env=None, version=None)"


def test_headers_become_tags(config):
    """``trace_headers`` takes one name or several, in any case."""
    config.trace_headers("X-Colour")
    config.trace_headers(["x-size", "X-Shape"])

    assert [config.header_is_traced(name) for name in ("x-colour", "X-SIZE", "X-Shape", "Host")] == [True] * 3 + [False]
    assert (config._header_tag_name("x-colour"), config._header_tag_name("host")) == ("", None)


@pytest.mark.parametrize(
    "text, tags",
    [
        ("Host:http.host,X-Colour:colour", {"host": "http.host", "x-colour": "colour"}),
        ("Host:http.host X-Colour", {"host": "http.host", "x-colour": ""}),
        (" Host : http.host , X-Colour: ,", {"host": "http.host", "x-colour": ""}),
        ("Host:a:b", {"host": "a:b"}),
        ("", {}),
    ],
)
def test_environment_makes_headers_tags(monkeypatch, text, tags):
    """DD_TRACE_HEADER_TAGS is a list of headers, each with its tag; without one it has the usual tag."""
    config = config_of(monkeypatch, DD_TRACE_HEADER_TAGS=text)

    assert {
        name: config._header_tag_name(name) for name in ("host", "x-colour") if config.header_is_traced(name)
    } == tags


def test_header_without_a_name_is_left_out(monkeypatch, caplog):
    """One logged line names variable and part; the others are used."""
    monkeypatch.setenv("DD_TRACE_HEADER_TAGS", "Host:http.host,:colour")

    assert parse_header_tags("DD_TRACE_HEADER_TAGS") == {"Host": "http.host"}
    assert messages(caplog) == ["DD_TRACE_HEADER_TAGS: ':colour' names no header; it is left out"]


class Client:
    """An object that may bear a pin."""


def test_settings_of_an_object_are_those_of_its_pin(config):
    """What is changed through them stays with the object."""
    client = Client()
    Pin(_config={"split": False}).onto(client)

    config.get_from(client)["split"] = True

    assert config.get_from(client) == {"split": True}


def test_object_without_a_pin_has_no_settings(config):
    """And so it is with None."""
    assert config.get_from(Client()) == config.get_from(None) == {}


def test_copy_s_integrations_look_at_the_copy(config):
    """A header that becomes a tag in the copy is none in the original."""
    config.redis  # noqa: B018 (the access makes it)
    twin = copy.deepcopy(config)

    twin.trace_headers("X-Colour")

    assert twin.redis.header_is_traced("X-Colour") and not config.redis.header_is_traced("X-Colour")
