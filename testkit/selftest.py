"""Try every check on integrations of the toy library: the correct one, and those that are each wrong in one way."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any, Callable

import testkit.sabotage
from ddtrace.contrib._integration import Integration
from testkit._scenario import Scenario
from testkit.checks import CHECKS, CheckFailed, NotExercised, Scope
from testkit.snapshots.store import SnapshotStore
from testkit.toy import uses
from testkit.toy.service import serving
from testkit.trial import Trial
from testkit.wire import HEADERS


def integrations() -> dict[str, Integration]:
    """The toy library's integrations by the names of their modules, ``correct`` among them."""
    names = [module.name for module in pkgutil.iter_modules(testkit.sabotage.__path__)]
    return {name: importlib.import_module(f"testkit.sabotage.{name}").integration for name in names}


def caught_by(name: str) -> str | None:
    """The id of the check that a sabotage must be caught by; None for the correct integration."""
    return importlib.import_module(f"testkit.sabotage.{name}").CAUGHT_BY


def verdicts(integration: Integration, folder: Path, agent_url: str = "") -> dict[str, str]:
    """What each check says of an integration: ``passed``, ``not exercised``, or what it found.

    The snapshots are those of a run of the same integration, stored in ``folder`` first; ``agent_url`` is that of the
    test agent.
    """
    with serving() as url:
        given = {"toy_url": url, HEADERS: {}}
        for trial in _trials(integration, SnapshotStore(folder, update=True), given):
            trial.compare_snapshot(trial.traced.tracer.recorded.traces)
        store = SnapshotStore(folder)
        said = {}
        for check in CHECKS.values():
            trials = _trials(integration, store, given, agent_url)
            subjects = trials if check.scope is Scope.SCENARIO else [trials]
            said[check.id] = _verdict(check.function, subjects)
        return said


def _verdict(function, subjects: list) -> str:
    verdict = "not exercised"
    for subject in subjects:
        try:
            function(subject)
        except NotExercised:
            continue
        except (CheckFailed, AssertionError) as found:
            return str(found)
        verdict = "passed"
    return verdict


def _trials(integration: Integration, store: SnapshotStore, given: dict[str, Any], agent_url: str = "") -> list[Trial]:
    def trial_of(use: Callable[..., Any]) -> Trial:
        scenario = Scenario(integration, use)
        return Trial(
            scenario=scenario,
            arguments={name: given[name] for name in scenario.parameters if name in given},
            reset=lambda: None,
            compare_snapshot=lambda traces: store.check(use.__name__, traces),
            path=Path(uses.__file__),
            services={"toy_url": None} if "toy_url" in scenario.parameters else {},
            service_url=agent_url,
        )

    # Not every sabotage traces all of the library; a use that it does not trace proves nothing of it.
    return [trial for trial in map(trial_of, uses.USES) if trial.called_places]
