"""The checks of what leaves the process, tried on integrations that are wrong in a way the sabotages are not."""

from __future__ import annotations

import base64
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from testkit.check import CheckFailed, NotExercised
from testkit.checks.payloads import HUGE, accepted_by_an_agent, resource_cardinality, secrets_stay_out
from testkit.sabotage import CALL, correct
from testkit.secrets import CANARY
from testkit.toy import uses
from testkit.toy.library import Client
from tests.testkit.toys import integrated, trial_of


@pytest.mark.parametrize("check", [resource_cardinality, secrets_stay_out])
def test_a_scenario_without_the_parameter_exercises_nothing(check: Any) -> None:
    """Where no scenario has a word, or a secret, the check says which parameter it looks for."""
    with pytest.raises(NotExercised, match="no scenario has a parameter '(word|secret)'"):
        check([trial_of(correct.integration, uses.session)])


# -- how much ----------------------------------------------------------------------------------------------------------


def with_resource_of_word(span: Any, instance: Any, args: tuple, kwargs: dict) -> None:
    span.resource = str(args[-1])[:100]


def test_a_resource_that_is_free_may_vary(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is declared to show keys may have a resource for each."""
    integration = integrated(monkeypatch, describe_more=with_resource_of_word)
    free = replace(integration, spans=(replace(CALL, has_free_resource=True),))

    with pytest.raises(CheckFailed, match="100 words for two_calls make .* resources, and one makes 2"):
        resource_cardinality([trial_of(integration)])
    resource_cardinality([trial_of(free)])


def test_a_service_for_each_word_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are lists of services, too, that must not grow."""

    def name_service(span: Any, instance: Any, args: tuple, kwargs: dict) -> None:
        span.service = str(args[-1])

    integration = integrated(monkeypatch, describe_more=name_service)
    free = replace(integration, spans=(replace(CALL, has_free_resource=True),))

    with pytest.raises(CheckFailed, match="100 words for two_calls make"):
        resource_cardinality([trial_of(free)])


def test_a_long_tag_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that is not cut is told, with its length and its limit."""

    def tag(span: Any, instance: Any, args: tuple, kwargs: dict) -> None:
        span.set_tag_str("toy.command", str(args[-1]))

    integration = integrated(monkeypatch, describe_more=tag)
    long = replace(integration, spans=(replace(CALL, longest_tag=HUGE),))

    with pytest.raises(CheckFailed, match="the tag 'toy.command' of toy.call has 100000, and its limit is 25000"):
        resource_cardinality([trial_of(integration)])
    resource_cardinality([trial_of(long)])


def test_a_long_resource_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resource has a limit of its own, however long tags may be."""

    def name(span: Any, instance: Any, args: tuple, kwargs: dict) -> None:
        span.resource = "words " + "w" * (len(str(args[-1])) // 10)

    integration = integrated(monkeypatch, describe_more=name)
    long = replace(integration, spans=(replace(CALL, longest_tag=HUGE, has_free_resource=True),))

    with pytest.raises(CheckFailed, match="the resource of toy.call has 10006, and its limit is 5000"):
        resource_cardinality([trial_of(long)])


def test_a_long_exception_is_told_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words are not the integration's."""
    resource_cardinality([trial_of(integrated(monkeypatch), lambda word: Client().call("fail", word), word="short")])


# -- secrets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["", "A:", "Ad:", "Ada:"])
def test_a_secret_is_found_in_base64(monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    """As in a header, wherever in the text it is."""

    def tag(span: Any, instance: Any, args: tuple, kwargs: dict) -> None:
        header = base64.b64encode(f"{before}{getattr(instance, 'password', '')}:more".encode()).decode()
        span.set_tag_str("toy.command", f"Basic {header}")

    with pytest.raises(CheckFailed, match="two_calls: toy.command of toy.call: Basic "):
        secrets_stay_out([trial_of(integrated(monkeypatch, describe_more=tag))])


def test_a_secret_that_is_logged_is_told_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """At whatever level, and by whom; the report does not tell it again."""
    log = logging.getLogger("toys.own")

    def note(span: Any, instance: Any, args: tuple, kwargs: dict) -> None:
        log.debug("called by %s", instance.password)

    with pytest.raises(CheckFailed, match="two_calls: logged by toys.own: called by <secret>") as failed:
        secrets_stay_out([trial_of(integrated(monkeypatch, describe_more=note))])
    assert CANARY not in str(failed.value)


def test_a_secret_that_is_told_when_a_call_fails_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each target fails once, too."""
    target, _ = correct.targets(correct.integration)

    def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        try:
            return target.wrapper(wrapped, instance, args, kwargs)
        except Exception:
            logging.getLogger("toys.own").info("refused: %s", instance.password)
            raise

    with pytest.raises(CheckFailed, match="toys.own: refused: <secret>"):
        secrets_stay_out([trial_of(integrated(monkeypatch, wrapper=call))])


def test_a_password_in_a_url_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of whatever service the scenario uses."""

    def tag(span: Any, instance: Any, args: tuple, kwargs: dict) -> None:
        span.set_tag_str("toy.command", args[0])

    def use(toy_url: str) -> Any:
        return Client().call(toy_url)

    trial = trial_of(integrated(monkeypatch, describe_more=tag), use, toy_url="toy://me:pa55word@127.0.0.1:1/x")

    with pytest.raises(CheckFailed, match="toy.command of toy.call: toy://me:<secret>@127.0.0.1"):
        secrets_stay_out([trial])


def test_a_library_may_tell_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it logs without tracing, and the words of its exceptions, are its own."""

    def use(secret: str) -> Any:
        logging.getLogger("library").info("logging in with %s", secret)
        try:
            Client().call("fail", f"no such password: {secret}")
        except Exception as error:
            return Client().call("say") or error

    secrets_stay_out([trial_of(integrated(monkeypatch), use, secret=CANARY)])


@pytest.mark.parametrize("file", ["snapshots/two_calls.json", "cassettes/old/two_calls.yaml"])
def test_a_stored_secret_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str) -> None:
    """Those who stored it did so before this check looked at it."""
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(f"password: {CANARY}")
    trial = replace(trial_of(integrated(monkeypatch)), path=tmp_path / "scenarios.py")

    with pytest.raises(CheckFailed, match="the secret of a scenario is in\n(snapshots|cassettes)/two_calls"):
        secrets_stay_out([trial])


# -- the agent ---------------------------------------------------------------------------------------------------------


def test_without_an_agent_nothing_is_sent() -> None:
    """It must be given one."""
    with pytest.raises(NotExercised, match="no test agent is given"):
        accepted_by_an_agent([trial_of(correct.integration)])


def test_a_trace_that_is_not_sent_is_told(monkeypatch: pytest.MonkeyPatch, testagent_url: str) -> None:
    """What the agent has not read is told, by its name."""
    monkeypatch.setenv("DD_TRACE_WRITER_MAX_PAYLOAD_SIZE_BYTES", "10")
    trial = replace(trial_of(correct.integration), service_url=testagent_url)

    with pytest.raises(CheckFailed, match="(?s)what the agent reads of two_calls, in v0.4, differs:.*-.*'toy.call'"):
        accepted_by_an_agent([trial])
