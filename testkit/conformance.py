"""Every check for every scenario of every integration, as pytest items.

A file ``scenarios.py`` is collected like a test module: each of its scenarios gives one item a check, such as
``get_and_set[INV-11]``, and each integration one item for every check that looks at all scenarios together. A mapping
``REDACT`` in the file masks values that differ between machines or workers in the snapshots of its scenarios.
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any, Callable, Iterator

import pytest

import testkit.invisibility  # noqa: F401 (declares its checks)
import testkit.works  # noqa: F401 (declares its checks)
from ddtrace.contrib._integration import Integration
from testkit._scenario import Scenario
from testkit.check import CHECKS, Check, CheckFailed, NotExercised, Scope
from testkit.interpreter import InterpreterError
from testkit.snapshots.model import SnapshotError
from testkit.switched_off import SWITCHED_OFF
from testkit.trial import Trial

FILE_NAME = "scenarios.py"


class ScenarioFile(pytest.Module):
    """A module of scenarios."""

    def collect(self) -> Iterator[pytest.Item]:
        scenarios = [value for value in vars(self.obj).values() if isinstance(value, Scenario)]
        for scenario in scenarios:
            for check in checks_of(scenario.integration, Scope.SCENARIO):
                yield self._item(f"{scenario.name}[{check.id}]", _prove_scenario(self, check, scenario))
        for integration in dict.fromkeys(scenario.integration for scenario in scenarios):
            self._note_switched_off(integration)
            own = [scenario for scenario in scenarios if scenario.integration is integration]
            for check in checks_of(integration, Scope.INTEGRATION):
                yield self._item(f"{integration.name}[{check.id}]", _prove_integration(self, check, own))

    def _note_switched_off(self, integration: Integration) -> None:
        for check_id, reason in integration.switched_off:
            if check_id not in CHECKS:
                raise self.CollectError(f"{integration.name} switches off {check_id}; checks are {', '.join(CHECKS)}")
            if not reason.strip():
                raise self.CollectError(f"{integration.name} switches off {check_id} and must say why")
            self.config.stash[SWITCHED_OFF].add(f"{integration.name} does without {check_id}: {reason}")

    def _item(self, name: str, function: Callable[..., None]) -> pytest.Item:
        return pytest.Function.from_parent(self, name=name, callobj=function)


def checks_of(integration: Integration, scope: Scope) -> list[Check]:
    """The checks of one scope that the integration has not switched off; ``switched_off`` prints the others."""
    switched_off = dict(integration.switched_off)
    return [check for check in CHECKS.values() if check.scope is scope and check.id not in switched_off]


def _prove_scenario(file: ScenarioFile, check: Check, scenario: Scenario) -> Callable[..., None]:
    def prove(request: pytest.FixtureRequest, **arguments: Any) -> None:
        _run(check, _trial(file, scenario, request))

    # pytest reads the fixtures that a test needs from its signature.
    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in scenario.parameters]
    prove.__signature__ = inspect.signature(prove).replace(  # type: ignore[attr-defined]
        parameters=[inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD), *parameters]
    )
    prove.__doc__ = check.function.__doc__
    return prove


def _prove_integration(file: ScenarioFile, check: Check, scenarios: list[Scenario]) -> Callable[..., None]:
    def prove(request: pytest.FixtureRequest) -> None:
        trials = []
        missing = []
        for scenario in scenarios:
            try:
                trials.append(_trial(file, scenario, request))
            except pytest.skip.Exception as reason:
                missing.append(str(reason))
        if not trials:
            pytest.skip("; ".join(dict.fromkeys(missing)))
        _run(check, trials)

    prove.__doc__ = check.function.__doc__
    return prove


def _run(check: Check, subject: Any) -> None:
    try:
        check.function(subject)
    except NotExercised as reason:
        outcome = partial(pytest.skip, f"not exercised: {reason}")
    except (CheckFailed, InterpreterError, SnapshotError) as failure:
        # The message says all; how the check came to it is nothing to read for who broke an integration.
        outcome = partial(pytest.fail, f"{check.id} {check.title}: {failure}", pytrace=False)
    else:
        return
    # Not where the exception is still being handled: pytest would show it, too.
    outcome()


def _trial(file: ScenarioFile, scenario: Scenario, request: pytest.FixtureRequest) -> Trial:
    services = [
        request.getfixturevalue(f"{service}_service")
        for service in scenario.integration.services
        if f"{service}_url" in scenario.parameters
    ]
    snapshot = request.getfixturevalue("snapshot")

    def reset() -> None:
        for service in services:
            service.reset()

    return Trial(
        scenario=scenario,
        arguments={name: request.getfixturevalue(name) for name in scenario.parameters},
        reset=reset,
        compare_snapshot=lambda traces: snapshot(traces, name=scenario.name, redact=getattr(file.obj, "REDACT", None)),
        path=file.path,
    )
