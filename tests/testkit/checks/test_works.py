"""The checks WORK, each tried on an integration that is wrong in a way the sabotages are not."""

from __future__ import annotations

import os
from typing import Any

import pytest

from ddtrace import Pin, config
from testkit.check import CheckFailed, NotExercised
from testkit.checks.works import (
    disabled_makes_no_span,
    environment,
    error_is_recorded,
    finished_and_closed,
    service_override,
    service_settings,
    spans_match_contract,
)
from testkit.sabotage import correct
from testkit.toy.library import Client
from tests.testkit.toys import integrated, trial_of


def no_call() -> None:
    """A use of the library that calls no target."""
    Client()


def test_a_breach_names_its_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    """A breach of the contract says in which scenario, and in which span, it is."""

    def forget(span: Any, *_: Any) -> None:
        span._meta.pop("toy.command")

    with pytest.raises(CheckFailed, match="two_calls: toy.call: the tag 'toy.command' is missing"):
        spans_match_contract([trial_of(integrated(monkeypatch, describe_more=forget))])


def test_a_declared_span_must_be_made() -> None:
    """A declared span that no scenario makes is told."""
    with pytest.raises(CheckFailed, match="no scenario makes a span named 'toy.call'"):
        spans_match_contract([trial_of(correct.integration, no_call)])


@pytest.mark.parametrize("check", [error_is_recorded, disabled_makes_no_span, finished_and_closed])
def test_a_scenario_without_spans_exercises_nothing(check: Any) -> None:
    """Where no span is made there is none to look at, and the check says so."""
    with pytest.raises(NotExercised):
        check(trial_of(correct.integration, no_call))


def test_a_call_that_is_lost_while_traced_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapper that does not call the library is told, with the function's name."""
    lost = integrated(monkeypatch, wrapper=lambda *_: None)

    with pytest.raises(
        CheckFailed, match="testkit.toy.library.Client.call is not called any more while traced; the run returned"
    ):
        error_is_recorded(trial_of(lost))


def test_another_error_than_the_raised_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A span that records an error of its own making fails, with both."""
    target, _ = correct.targets(correct.integration)

    def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        try:
            return target.wrapper(wrapped, instance, args, kwargs)
        except Exception as error:
            span = Pin.lookup(instance).tracer.started[-1]
            span.set_tag("error.message", "something went wrong")
            raise error

    with pytest.raises(CheckFailed, match="the error of testkit.toy.library.Client.call differs") as failed:
        error_is_recorded(trial_of(integrated(monkeypatch, wrapper=call)))
    assert "something went wrong" in str(failed.value)


@pytest.mark.parametrize("source", ["app", "env", "config"])
def test_settings_of_a_check_are_undone(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """After a block that raises, the service is what the user had set, wherever it had been changed."""
    settings = config.integration("toys")
    settings["service"] = "mine"
    monkeypatch.setitem(vars(config), "service", "application")

    with pytest.raises(KeyError), service_settings(trial_of(declared_as_toys(monkeypatch)), **{source: "other"}):
        assert (config.service, config.integration("toys")["service"]) != ("application", "mine")
        raise KeyError

    assert config.integration("toys") is settings
    assert (settings["service"], config.service) == ("mine", "application")


def declared_as_toys(monkeypatch: pytest.MonkeyPatch) -> Any:
    integration = integrated(monkeypatch)
    monkeypatch.setitem(vars(integration), "name", "toys")
    return integration


@pytest.mark.parametrize("before", ["set", None])
@pytest.mark.parametrize("within", ["other", None])
def test_a_variable_is_restored(monkeypatch: pytest.MonkeyPatch, before: str | None, within: str | None) -> None:
    """A variable is what it is to be within the block, and after one that raises what it was."""
    if before is None:
        monkeypatch.delenv("TOY_VARIABLE", raising=False)
    else:
        monkeypatch.setenv("TOY_VARIABLE", before)

    with pytest.raises(KeyError), environment("TOY_VARIABLE", within):
        assert os.environ.get("TOY_VARIABLE") == within
        raise KeyError

    assert os.environ.get("TOY_VARIABLE") == before


def test_a_service_that_is_not_the_pins_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the setting that should have decided."""

    def prefer_config(span: Any, *_: Any) -> None:
        span.service = config.integration(integration.name)["service"] or span.service

    integration = integrated(monkeypatch, describe_more=prefer_config)

    with pytest.raises(CheckFailed, match="the service where a pin decides differs"):
        service_override([trial_of(integration)])


def test_services_of_the_process_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of settings is proven also where the user's own environment sets a service."""
    monkeypatch.setenv(f"DD_{correct.integration.name}_SERVICE".upper(), "mine")

    service_override([trial_of(correct.integration)])


def test_a_result_that_depends_on_tracing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that changes with tracing off is told, with the switch that was off."""
    target, _ = correct.targets(correct.integration)

    def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        result = target.wrapper(wrapped, instance, args, kwargs)
        return result if Pin.lookup(instance).enabled() else [*result, "untraced"]

    with pytest.raises(CheckFailed, match="the outcome with its tracer disabled differs"):
        disabled_makes_no_span(trial_of(integrated(monkeypatch, wrapper=call)))


def test_a_context_that_stays_active_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context that would be the parent of the caller's next span is told, although every span is finished."""

    def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        tracer = Pin.lookup(instance).tracer
        with tracer.trace("toy.call") as span:
            result = wrapped(*args, **kwargs)
        tracer.context_provider.activate(span.context)
        return result

    with pytest.raises(CheckFailed, match="still active after the scenario: Context"):
        finished_and_closed(trial_of(integrated(monkeypatch, wrapper=call)))


def test_tags_of_the_process_are_no_breach(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario's spans are the same where DD_TAGS, DD_ENV and DD_VERSION are set."""
    for name, value in (("tags", {"team": "x"}), ("env", "ci"), ("version", "1")):
        monkeypatch.setattr(config, name, value)

    spans_match_contract([trial_of(integrated(monkeypatch))])

    assert (config.tags, config.env, config.version) == ({"team": "x"}, "ci", "1")


def test_a_question_about_the_current_trace_starts_no_span(monkeypatch: pytest.MonkeyPatch) -> None:
    """An integration may ask a disabled tracer for what is current; only a span is held against it."""
    target, _ = correct.targets(correct.integration)

    def ask(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        Pin.lookup(instance).tracer.get_log_correlation_context()
        return target.wrapper(wrapped, instance, args, kwargs)

    disabled_makes_no_span(trial_of(integrated(monkeypatch, wrapper=ask)))
