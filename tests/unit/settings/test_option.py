"""One setting, and text from the environment."""

import pytest

from ddtrace.settings.option import Option, from_environment, parse_bool
from tests.unit.conftest import messages


@pytest.mark.parametrize("text", ["1", "true", "TRUE", " True "])
def test_words_for_true(text):
    """Letter case and blanks do not count."""
    assert parse_bool(text) is True


@pytest.mark.parametrize("text", ["0", "false", "False "])
def test_words_for_false(text):
    """Letter case and blanks do not count."""
    assert parse_bool(text) is False


@pytest.mark.parametrize("text", ["", "yes", "on", "2", "truth"])
def test_other_words_are_neither(text):
    """The error shows the word and those that are expected."""
    with pytest.raises(ValueError, match="none of 1, true, 0, false"):
        parse_bool(text)


@pytest.mark.parametrize(
    "kind, text, value",
    [
        (str, "a b", "a b"),
        (int, " 5", 5),
        (int, "-5", -5),
        (float, "1.5", 1.5),
        (float, "2", 2.0),
        (bool, "true", True),
    ],
)
def test_text_becomes_the_option_s_type(monkeypatch, kind, text, value):
    """A variable's text is read as the type that is declared."""
    monkeypatch.setenv("DD_TEST", text)

    found = from_environment(Option("test", kind, None, ""), "DD_TEST")

    assert found == value and type(found) is kind


@pytest.mark.parametrize(
    "kind, text, default",
    [
        (int, "many", 5),
        (int, "1.5", 5),
        (int, "", 5),
        (float, "much", 1.5),
        (float, "nan", 1.5),
        (float, "inf", 1.5),
    ],
)
def test_wrong_value_gives_the_default(monkeypatch, caplog, kind, text, default):
    """One logged line names variable, value and expected type."""
    monkeypatch.setenv("DD_TEST", text)

    assert from_environment(Option("test", kind, default, ""), "DD_TEST") == default

    (line,) = messages(caplog)
    assert line == f"DD_TEST={text!r} is not a valid {kind.__name__}; the default {default!r} is used"


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize("text", ["no", "off", "yes", ""])
def test_other_word_counts_as_false(monkeypatch, caplog, text, default):
    """Whatever the default is: DD_TRACE_ENABLED=no has always turned the tracer off. One line says so."""
    monkeypatch.setenv("DD_TEST", text)

    assert from_environment(Option("test", bool, default, ""), "DD_TEST") is False
    assert messages(caplog) == [f"DD_TEST={text!r} is neither true nor false; it counts as false"]


def test_number_below_the_minimum_gives_the_default(monkeypatch, caplog):
    """The line names the least value; the least value itself is valid."""
    option = Option("test", float, 1.0, "", minimum=0.5)
    monkeypatch.setenv("DD_TEST", "-3")
    assert from_environment(option, "DD_TEST") == 1.0
    assert messages(caplog) == ["DD_TEST='-3' is not a valid float of at least 0.5; the default 1.0 is used"]

    monkeypatch.setenv("DD_TEST", "0.5")
    assert from_environment(option, "DD_TEST") == 0.5


def test_variable_that_is_not_set_gives_the_default(caplog):
    """Nothing is logged where nothing was said."""
    assert from_environment(Option("test", int, 5, ""), "DD_TEST") == 5
    assert messages(caplog) == []


def test_variable_is_named_after_integration_and_option():
    """DD_<INTEGRATION>_<OPTION>, unless the option names its own."""
    assert Option("max_length", int, 5, "").env_for("redis") == "DD_REDIS_MAX_LENGTH"
    assert Option("max_length", int, 5, "", env="DD_OTHER").env_for("redis") == "DD_OTHER"


def test_number_above_the_maximum_gives_the_default(monkeypatch, caplog):
    """The line names the bounds; the greatest value itself is valid."""
    option = Option("test", int, 5, "", minimum=0, maximum=9)
    monkeypatch.setenv("DD_TEST", "10")
    assert from_environment(option, "DD_TEST") == 5
    assert messages(caplog) == ["DD_TEST='10' is not a valid int from 0 to 9; the default 5 is used"]

    monkeypatch.setenv("DD_TEST", "9")
    assert from_environment(option, "DD_TEST") == 9


def parse_colours(text):
    if "," not in text:
        raise ValueError(text)
    return tuple(text.split(","))


def test_parser_goes_before_the_type(monkeypatch, caplog):
    """A setting of another type brings the function that reads it, and the words that say what it takes."""
    option = Option("test", tuple, (), "", parser=parse_colours, expects="list of colours")
    monkeypatch.setenv("DD_TEST", "red,blue")
    assert from_environment(option, "DD_TEST") == ("red", "blue")

    monkeypatch.setenv("DD_TEST", "red")
    assert from_environment(option, "DD_TEST") == ()
    assert messages(caplog) == ["DD_TEST='red' is not a valid list of colours; the default () is used"]


def test_other_variables_count_where_the_first_is_not_set(monkeypatch, caplog):
    """An older name still works, and is the one that is named where its value is wrong."""
    option = Option("test", int, 5, "", other_envs=("DD_OLD",))
    monkeypatch.setenv("DD_OLD", "7")
    assert from_environment(option, "DD_TEST") == 7

    monkeypatch.setenv("DD_TEST", "8")
    assert from_environment(option, "DD_TEST") == 8

    monkeypatch.delenv("DD_TEST")
    monkeypatch.setenv("DD_OLD", "many")
    assert from_environment(option, "DD_TEST") == 5
    assert messages(caplog) == ["DD_OLD='many' is not a valid int; the default 5 is used"]
