"""Every check for every scenario of every integration, as pytest items.

A file ``scenarios.py`` is collected like a test module: each of its scenarios gives one item a check, such as
``get_and_set[INV-11]``, and each integration one item for every check that looks at all scenarios together. A mapping
``REDACT`` in the file masks values that differ between machines or workers in the snapshots of its scenarios.

Each check runs in a clean interpreter that has imported the file and what it uses, and nothing else.
"""

from __future__ import annotations

import inspect
import os
from typing import Any, Callable, Iterator

import pytest

from ddtrace.contrib._integration import Integration
from testkit._scenario import Scenario
from testkit.card.collecting import measured, tried
from testkit.card.overhead import measure
from testkit.case import Case, Outcome, Use, Verdict, judge, load, unfit_for_another_interpreter
from testkit.checks import CHECKS, Check, Scope
from testkit.fixtures import SERVICES
from testkit.fixtures.cassette_plugin import FIXTURE as CASSETTE
from testkit.fixtures.cassette_plugin import slot_of
from testkit.fixtures.service import Unavailable
from testkit.interpreter import InterpreterError
from testkit.snapshots.plugin import store_of
from testkit.switched_off import SWITCHED_OFF
from testkit.zygotes import ZYGOTES, is_in_process

FILE_NAME = "scenarios.py"


class ScenarioFile(pytest.Module):
    """A module of scenarios."""

    def collect(self) -> Iterator[pytest.Item]:
        scenarios = [value for value in vars(self.obj).values() if isinstance(value, Scenario)]
        for scenario in scenarios:
            for check in checks_of(scenario.integration, Scope.SCENARIO):
                item = self._item(f"{scenario.name}[{check.id}]", _prove_scenario(self, check, scenario))
                item.user_properties.append(tried(scenario.integration, check, scenario.name))
                yield item
        for integration in dict.fromkeys(scenario.integration for scenario in scenarios):
            self._note_switched_off(integration)
            own = [scenario for scenario in scenarios if scenario.integration is integration]
            for check in checks_of(integration, Scope.INTEGRATION):
                item = self._item(f"{integration.name}[{check.id}]", _prove_integration(self, check, own))
                item.user_properties.append(tried(integration, check))
                yield item
            if self.config.getoption("card"):
                yield self._item(f"{integration.name}[overhead]", _measure_overhead(self, integration, own))

    def _note_switched_off(self, integration: Integration) -> None:
        for check_id, reason in integration.switched_off:
            if check_id not in CHECKS:
                raise self.CollectError(
                    f"{integration.name} switches off {check_id}; checks are {', '.join(sorted(CHECKS))}"
                )
            if not reason.strip():
                raise self.CollectError(f"{integration.name} switches off {check_id} and must say why")
            self.config.stash[SWITCHED_OFF].add((integration.name, check_id, reason))

    def _item(self, name: str, function: Callable[..., None]) -> pytest.Item:
        return pytest.Function.from_parent(self, name=name, callobj=function)


def checks_of(integration: Integration, scope: Scope) -> list[Check]:
    """The checks of one scope that the integration has not switched off; ``switched_off`` prints the others."""
    switched_off = dict(integration.switched_off)
    return [check for check in CHECKS.values() if check.scope is scope and check.id not in switched_off]


def _prove_scenario(file: ScenarioFile, check: Check, scenario: Scenario) -> Callable[..., None]:
    def prove(request: pytest.FixtureRequest, **arguments: Any) -> None:
        _report(request, _verdict(file, check, [_use(scenario, request)], request))

    # pytest reads the fixtures that a test needs from its signature. A cassette goes in for each run on its own.
    names = [name for name in scenario.parameters if name != CASSETTE]
    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
    prove.__signature__ = inspect.signature(prove).replace(  # type: ignore[attr-defined]
        parameters=[inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD), *parameters]
    )
    prove.__doc__ = check.function.__doc__
    return prove


def _prove_integration(file: ScenarioFile, check: Check, scenarios: list[Scenario]) -> Callable[..., None]:
    def prove(request: pytest.FixtureRequest) -> None:
        _report(request, _verdict(file, check, _uses(scenarios, request), request))

    prove.__doc__ = check.function.__doc__
    return prove


def _measure_overhead(file: ScenarioFile, integration: Integration, scenarios: list[Scenario]) -> Callable[..., None]:
    def measure_overhead(request: pytest.FixtureRequest) -> None:
        """What tracing adds to each scenario, for the report card."""
        case = Case("", file.obj.__name__, file.path, tuple(_uses(scenarios, request)), store_of(request.node))
        request.node.user_properties.append(measured(integration, _run(measure, case, request)))

    return measure_overhead


def _uses(scenarios: list[Scenario], request: pytest.FixtureRequest) -> list[Use]:
    """The uses of those scenarios whose services are there; skips where none is."""
    uses = []
    missing = []
    for scenario in scenarios:
        try:
            uses.append(_use(scenario, request))
        except pytest.skip.Exception as reason:
            missing.append(str(reason))
    if not uses:
        pytest.skip("; ".join(dict.fromkeys(missing)))
    return uses


def _use(scenario: Scenario, request: pytest.FixtureRequest) -> Use:
    services = tuple(
        request.getfixturevalue(f"{service}_service")
        for service in scenario.integration.services
        if f"{service}_url" in scenario.parameters
    )
    arguments = {name: request.getfixturevalue(name) for name in scenario.parameters if name != CASSETTE}
    cassette = slot_of(request.node, scenario.name) if CASSETTE in scenario.parameters else None
    if cassette is not None:
        arguments[CASSETTE] = str(cassette.path)
    use = Use(scenario.name, arguments, services, cassette)
    if reason := unfit_for_another_interpreter(use.arguments):
        pytest.fail(f"{scenario.name}: {reason}", pytrace=False)
    return use


def _verdict(file: ScenarioFile, check: Check, uses: list[Use], request: pytest.FixtureRequest) -> Verdict:
    service_url = _service_url(check, request)
    case = Case(check.id, file.obj.__name__, file.path, tuple(uses), store_of(request.node), service_url)
    try:
        return _run(judge, case, request)
    except InterpreterError as error:
        return Verdict(Outcome.FAILED, f"{check.id} {check.title}: {error}")


def _run(function: Callable[[Case], Any], case: Case, request: pytest.FixtureRequest) -> Any:
    """What a function says of a case, in a clean interpreter unless the user wants it here."""
    if is_in_process(request.config):
        return function(case)
    zygote = request.config.stash[ZYGOTES].of(case.module, load)
    return zygote.run(function, case, timeout_s=request.config.getoption("check_timeout"))


def _service_url(check: Check, request: pytest.FixtureRequest) -> str:
    """The URL of the service that a check needs; where it is not installed, there is nothing to check."""
    if not check.service:
        return ""
    service = SERVICES[check.service]
    if service.local is not None and service.url_variable not in os.environ:
        try:
            service.local.find()
        except Unavailable as missing:
            # Not so much as the services of scenarios: the matrix has not got it in every environment.
            pytest.skip(f"not exercised: {missing}; {missing.cure}")
    return request.getfixturevalue(f"{check.service}_url")


def _report(request: pytest.FixtureRequest, verdict: Verdict) -> None:
    store_of(request.node).claims.update(verdict.claims)
    if verdict.outcome is Outcome.FAILED:
        pytest.fail(verdict.message, pytrace=False)
    if verdict.outcome is Outcome.NOT_EXERCISED:
        pytest.skip(f"not exercised: {verdict.message}")
