"""The checks WORK: an integration's spans say something true and useful. One function a check."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator

from ddtrace import Span
from ddtrace import config as global_config
from ddtrace.contrib._integration import Integration
from testkit.boundary import Place, stand_ins
from testkit.check import CheckFailed, NotExercised, Scope, check, fail_unless_equal
from testkit.contracts import breaches, spans_of
from testkit.faults import STARTS, Planted, calls_of_seams, raise_once
from testkit.observation import type_name
from testkit.patched import environment, global_settings
from testkit.tracer import DummyTracer
from testkit.trial import TracedRun, Trial


@check("WORK-01", Scope.INTEGRATION)
def spans_match_contract(trials: list[Trial]) -> None:
    """Every span is declared, with its type, kind, tags and metrics; every declared span is in some scenario."""
    seen = set()
    wrong = []
    contracts = trials[0].integration.contracts
    options = {contract.only_with for contract in contracts.values() if contract.only_with}
    for trial in trials:
        for span in trial.traced.spans + _spans_with(trial, options):
            contract = trial.integration.contract_of(span.name)
            seen.add(contract.name if contract is not None else span.name)
            wrong += [f"{trial.scenario.name}: {breach}" for breach in breaches(trial.integration, span)]
    wrong += [f"no scenario makes a span named {name!r}" for name in contracts if name not in seen]
    if wrong:
        raise CheckFailed("spans differ from their contract:\n" + "\n".join(dict.fromkeys(wrong)))
    if not seen:
        raise NotExercised("no scenario makes a span, and none is declared")


def _spans_with(trial: Trial, options: set[str]) -> list[Span]:
    """The spans of a traced run with these options of the integration switched on; none where there are no such."""
    if not options:
        return []
    settings = global_config.integration(trial.integration.settings_name)
    before = {option: settings[option] for option in options}
    settings.update(dict.fromkeys(options, True))
    try:
        return trial.run_traced().spans
    finally:
        settings.update(before)


@check("WORK-02", Scope.SCENARIO)
def spans_match_snapshot(trial: Trial) -> None:
    """The spans of the scenario equal those stored, redactions aside."""
    if not trial.traced.spans and not trial.integration.spans:
        raise NotExercised("the scenario makes no span, and none is declared")
    trial.compare_snapshot(trial.traced.tracer.recorded.traces)


@check("WORK-03", Scope.SCENARIO)
def error_is_recorded(trial: Trial) -> None:
    """A failing call gives its span error=1, and the type, message and stack of that very exception."""
    spans = [_check_recorded_error(trial, place) for place in trial.called_places]
    if all(span is None for span in spans):
        raise NotExercised("no target that opens a span is called")


def _check_recorded_error(trial: Trial, place: Place) -> Span | None:
    """Have a target's first call fail, and look at the span that was open around it."""
    error = Planted(f"planted in {place.name}")
    span, opened = _spans_around(trial, place, error)
    if opened and span not in opened:
        raise CheckFailed(f"the span {opened[0].name!r} ends before the call of {place.name} does")
    if span is None:
        return None
    recorded = {key: span.get_tag(key) for key in ("error.type", "error.message")}
    expected = {"error.type": type_name(Planted), "error.message": str(error)}
    fail_unless_equal((1, expected), (span.error, recorded), f"the error of {place.name}", ("raised", "recorded"))
    if str(error) not in (span.get_tag("error.stack") or ""):
        raise CheckFailed(f"the error of {place.name} has no stack: {span.get_tag('error.stack')!r}")
    return span


def _spans_around(trial: Trial, place: Place, error: Exception) -> tuple[Span | None, list[Span]]:
    """The span that is active where a target's first call fails, and those that the target's wrapper started."""
    tracer = DummyTracer()
    started_before: list[int] = []
    found: list[tuple[Span | None, list[Span]]] = []

    def count(place: Place, args: tuple, kwargs: dict) -> None:
        started_before.append(len(tracer.started))

    def note() -> None:
        found.append((tracer.current_span(), tracer.started[started_before[0] :]))

    with stand_ins([place], raise_once(error, note)):
        seen = trial.run_traced(tracer, within=lambda: stand_ins([place], count)).seen
    if not found:
        raise CheckFailed(f"{place.name} is not called any more while traced; the run {seen.ending}")
    return found[0]


@check("WORK-05", Scope.INTEGRATION)
def service_override(trials: list[Trial]) -> None:
    """The service is the pin's, else config's, DD_<NAME>_SERVICE, DD_SERVICE if it is internal, the default."""
    trial = next((trial for trial in trials if spans_of(trial.integration, trial.traced.spans)), None)
    if trial is None:
        raise NotExercised("no scenario makes a span")
    integration = trial.integration
    variable = f"DD_{integration.settings_name}_SERVICE".upper()
    cases: list[tuple[str, dict[str, Any], str | None]] = [
        ("nothing is set", {}, integration.service),
        ("DD_SERVICE", {"app": "app"}, "app" if is_the_application_s(integration) else integration.service),
        (variable, {"app": "app", "env": "from-env"}, "from-env"),
        (
            f"config.{integration.settings_name}",
            {"app": "app", "env": "from-env", "config": "from-config"},
            "from-config",
        ),
        (
            "a pin",
            {"app": "app", "env": "from-env", "config": "from-config", "pins": {"service": "from-pin"}},
            "from-pin",
        ),
    ]
    for source, settings, expected in cases:
        pins = settings.pop("pins", {})
        with service_settings(trial, **settings):
            run = trial.run_traced(pins=pins)
        services = {span.service for span in spans_of(integration, run.spans)}
        fail_unless_equal({expected}, services, f"the service where {source} decides", ("expected", "received"))


def is_the_application_s(integration: Integration) -> bool:
    """Whether the spans have the application's service where it has one, and nobody sets theirs."""
    return integration.internal_service or integration.service is None


@contextlib.contextmanager
def service_settings(
    trial: Trial, app: str | None = None, env: str | None = None, config: str | None = None
) -> Iterator[None]:
    """Set the service of the application, of the integration's variable, and of its configuration."""
    name = trial.integration.settings_name
    before = global_config.integration(name)
    with global_settings(service=app), environment(f"DD_{name}_SERVICE".upper(), env):
        settings = global_config.reread(name)
        if config is not None:
            settings["service"] = config
        try:
            yield
        finally:
            setattr(global_config, name, before)


@check("WORK-06", Scope.SCENARIO)
def disabled_makes_no_span(trial: Trial) -> None:
    """A disabled tracer, or a pin with one, makes no span and changes nothing; the environment can switch it off."""
    if not trial.traced.tracer.started:
        raise NotExercised("the scenario makes no span when enabled")
    disabled = DummyTracer()
    disabled.enabled = False
    for switch, settings in (("tracer", {"tracer": disabled}), ("pin", {"pins": {"tracer": disabled}})):
        run, started = _run_and_count_starts(trial, settings)
        if started:
            raise CheckFailed(f"with its {switch} disabled it started {started} spans")
        fail_unless_equal(trial.baseline.outcome, run.seen.outcome, f"the outcome with its {switch} disabled")
    variable = f"DD_TRACE_{trial.integration.name}_ENABLED".upper()
    with environment(variable, "false"):
        if trial.integration.is_enabled:
            raise CheckFailed(f"patch_all() traces it although {variable} is false")


def _run_and_count_starts(trial: Trial, settings: dict[str, Any]) -> tuple[TracedRun, int]:
    """A traced run, and how many spans were asked for in it, of whichever tracer.

    A disabled tracer tells nobody of its spans, so that what counts is who asks for them.
    """
    runs: list[TracedRun] = []
    counted = calls_of_seams(lambda counted: runs.append(trial.run_traced(within=counted, **settings)))
    return runs[0], sum(counted.get(seam, 0) for seam in STARTS)


@check("WORK-07", Scope.SCENARIO)
def finished_and_closed(trial: Trial) -> None:
    """Every span that was started is finished, and neither span nor context is active after the scenario."""
    run = trial.traced
    open_spans = [span.name for span in run.tracer.started if not span.finished]
    if open_spans:
        raise CheckFailed(f"spans were never finished: {', '.join(open_spans)}")
    if run.seen.epilogue is not None:
        raise CheckFailed(f"this is still active after the scenario: {run.seen.epilogue!r}")
    if not run.tracer.started:
        raise NotExercised("the scenario makes no span")
