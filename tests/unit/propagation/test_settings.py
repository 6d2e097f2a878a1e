"""Which styles there are, and how long the tags may be, in the environment."""

import pytest

from ddtrace.settings import Config
from tests.unit.conftest import messages

STYLES = "datadog, tracecontext, b3multi, b3 single header, none"


@pytest.mark.parametrize(
    "text, styles",
    [
        ("datadog", ("datadog",)),
        (" Datadog ,TRACECONTEXT,", ("datadog", "tracecontext")),
        ("b3 single header,b3multi", ("b3 single header", "b3multi")),
        ("datadog,datadog", ("datadog",)),
        ("none", ("none",)),
    ],
)
def test_styles_are_in_their_order(monkeypatch, text, styles):
    """In any case, apart by commas, each once."""
    monkeypatch.setenv("DD_TRACE_PROPAGATION_STYLE", text)

    assert Config()._propagation_style_extract == Config()._propagation_style_inject == styles


@pytest.mark.parametrize("text", ["", "zipkin", "datadog,zipkin"])
def test_unknown_style_gives_the_default(monkeypatch, caplog, text):
    """One logged line for both directions names variable, value, and what there is."""
    monkeypatch.setenv("DD_TRACE_PROPAGATION_STYLE", text)
    config = Config()

    assert config._propagation_style_extract == config._propagation_style_inject == ("tracecontext", "datadog")
    assert messages(caplog) == [
        f"DD_TRACE_PROPAGATION_STYLE={text!r} is not a valid list of styles out of {STYLES}; "
        "the default ('tracecontext', 'datadog') is used"
    ]


def test_unknown_style_of_a_direction_gives_that_of_both(monkeypatch, caplog):
    """The default of one direction is what holds for both."""
    monkeypatch.setenv("DD_TRACE_PROPAGATION_STYLE", "datadog")
    monkeypatch.setenv("DD_TRACE_PROPAGATION_STYLE_INJECT", "zipkin")

    assert Config()._propagation_style_inject == ("datadog",)
    assert len(messages(caplog)) == 1


def test_b3_is_the_old_name_of_b3multi(monkeypatch, caplog):
    """It works, and one line says what to write."""
    monkeypatch.setenv("DD_TRACE_PROPAGATION_STYLE_INJECT", "b3")

    assert Config()._propagation_style_inject == ("b3multi",)
    assert messages(caplog) == ["the propagation style 'b3' is deprecated; its name is 'b3multi'"]


@pytest.mark.parametrize("text, length, is_enabled", [("0", 0, False), ("100", 100, True), ("512", 512, True)])
def test_length_of_tags_is_up_to_512(monkeypatch, text, length, is_enabled):
    """0 turns them off."""
    monkeypatch.setenv("DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH", text)
    config = Config()

    assert (config._x_datadog_tags_max_length, config._x_datadog_tags_enabled) == (length, is_enabled)


@pytest.mark.parametrize("text", ["-1", "513", "much", ""])
def test_wrong_length_gives_the_default(monkeypatch, caplog, text):
    """One logged line names variable, value, and the bounds."""
    monkeypatch.setenv("DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH", text)

    assert Config()._x_datadog_tags_max_length == 512
    assert messages(caplog) == [
        f"DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH={text!r} is not a valid int from 0 to 512; the default 512 is used"
    ]


def test_setting_is_read_on_first_use_and_once(monkeypatch):
    """Later changes of the environment do not count until the setting is deleted."""
    config = Config()
    monkeypatch.setenv("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "datadog")
    assert config._propagation_style_extract == ("datadog",)

    monkeypatch.setenv("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "b3multi")
    assert config._propagation_style_extract == ("datadog",)

    del config._propagation_style_extract
    assert config._propagation_style_extract == ("b3multi",)
