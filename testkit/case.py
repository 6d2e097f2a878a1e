"""One check of an integration, written down so that another interpreter can try it."""

from __future__ import annotations

import contextlib
import enum
import importlib
import logging
import pickle
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from testkit._scenario import Scenario
from testkit.checks import CHECKS, CheckFailed, NotExercised, Scope
from testkit.fixtures import SERVICES
from testkit.fixtures.cassette_file import CassetteError
from testkit.fixtures.cassette_slot import Slot
from testkit.fixtures.service import RunningService
from testkit.interpreter import InterpreterError
from testkit.snapshots.model import SnapshotError
from testkit.snapshots.store import SnapshotStore
from testkit.trial import Trial

PORTS = {f"{service.name}_url": service.port for service in SERVICES.values()}
"""By the parameter that is the URL of a service: the port where the URL has none."""


class Outcome(enum.Enum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_EXERCISED = "not exercised"


@dataclass(frozen=True)
class Verdict:
    """What a check says: why it failed, or was not exercised; ``claims`` are the snapshots that it asked for."""

    outcome: Outcome
    message: str = ""
    duration_s: float = 0.0
    claims: frozenset[Path] = frozenset()


@dataclass(frozen=True)
class Use:
    """A scenario by its name, with the values of its parameters, and the services and the cassette behind them."""

    scenario: str
    arguments: dict[str, Any]
    services: tuple[RunningService, ...] = ()
    cassette: Slot | None = None

    def reset(self) -> None:
        """Empty the services."""
        for service in self.services:
            service.reset()


@dataclass(frozen=True)
class Case:
    """A check, and the uses of one file of scenarios that it looks at: one, or all of an integration.

    ``service_url`` is that of the service which the check itself needs.
    """

    check: str
    module: str
    path: Path
    uses: tuple[Use, ...]
    store: SnapshotStore
    service_url: str = ""

    def trials(self) -> list[Trial]:
        """The uses, ready to be tried in this interpreter."""
        module = importlib.import_module(self.module)
        return [self._trial(module, use) for use in self.uses]

    def _trial(self, module: ModuleType, use: Use) -> Trial:
        scenario: Scenario = getattr(module, use.scenario)
        redact = getattr(module, "REDACT", None)
        return Trial(
            scenario=scenario,
            arguments=use.arguments,
            reset=use.reset,
            compare_snapshot=lambda traces: self.store.check(scenario.name, traces, redact),
            path=self.path,
            within_cassette=use.cassette.inserted if use.cassette else contextlib.nullcontext,
            services={name: port for name, port in PORTS.items() if name in use.arguments},
            service_url=self.service_url,
        )


def load(module: str) -> None:
    """Import what the checks of a module's scenarios need, without patching anything."""
    for value in vars(importlib.import_module(module)).values():
        if isinstance(value, Scenario):
            value.integration.load_patching()
            if "cassette" in value.parameters:
                # By name: vcrpy imports every HTTP client there is.
                importlib.import_module("testkit.fixtures.cassette")


def judge(case: Case) -> Verdict:
    """Try a case in this interpreter."""
    began_s = time.perf_counter()
    check = CHECKS[case.check]
    trials = case.trials()
    outcome, message = Outcome.PASSED, ""
    try:
        with _without_log_handlers():
            check.function(trials if check.scope is Scope.INTEGRATION else trials[0])
    except NotExercised as reason:
        outcome, message = Outcome.NOT_EXERCISED, str(reason)
    except (CassetteError, CheckFailed, InterpreterError, SnapshotError) as failure:
        # The message says all; how the check came to it is nothing to read for who broke an integration.
        volatile = "\n".join(filter(None, (trial.volatility() for trial in trials)))
        outcome, message = Outcome.FAILED, f"{check.id} {check.title}: {volatile or failure}"
    return Verdict(outcome, message, time.perf_counter() - began_s, frozenset(case.store.claims))


@contextlib.contextmanager
def _without_log_handlers() -> Iterator[None]:
    """Put away a test runner's, for the length of a block: they keep records, and these the frames of exceptions."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    for handler in handlers:
        root.removeHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            root.addHandler(handler)


def unfit_for_another_interpreter(arguments: dict[str, Any]) -> str:
    """Why the values of a scenario's parameters cannot be given to another interpreter; empty where they can."""
    for name, value in arguments.items():
        try:
            pickle.dumps(value)
        except Exception as error:
            return (
                f"the fixture {name!r} is a {type(value).__name__}, which another interpreter cannot be given "
                f"({error}); expected is what can be pickled, such as the URL of a server"
            )
    return ""
