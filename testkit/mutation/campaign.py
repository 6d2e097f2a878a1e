"""Try all mutants of an integration, several at a time."""

from __future__ import annotations

import functools
import importlib.util
import operator
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from ddtrace.contrib._integration import Integration
from ddtrace.contrib._registry import APPLIED_BY_HAND
from testkit._scenario import Scenario
from testkit.fixtures import SERVICES
from testkit.fixtures.plugin import SELECTION_VARIABLE
from testkit.fixtures.providers import serve
from testkit.fixtures.service import RunningService, ServiceError
from testkit.interpreter import InterpreterError
from testkit.mutation.code import code_mutants
from testkit.mutation.mutant import Mutant
from testkit.mutation.order import Order
from testkit.mutation.score import Score, Verdict
from testkit.mutation.session import Bench, Choose, Run, one_part, run_checks, these, warm_up
from testkit.mutation.targets import target_mutants
from testkit.zygote import Zygote

TIMEOUT_S = 60.0
"""For one check or test."""

LONGEST_S = 3600.0
"""For all of them, on one mutant."""


class MutationError(Exception):
    """The integration cannot be judged; the message says why, and what to do."""


@dataclass(frozen=True)
class Subject:
    """The integration whose scenarios and tests are in a folder of a repository."""

    root: Path
    folder: Path
    integration: Integration

    @classmethod
    def of(cls, root: Path, folder: Path) -> Subject:
        """Read it from the folder's scenarios; raises MutationError where they are of none, or of several."""
        path = folder / "scenarios.py"
        spec = importlib.util.spec_from_file_location("scenarios_to_be_judged", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found = {
            each.integration.name: each.integration for each in vars(module).values() if isinstance(each, Scenario)
        }
        if len(found) != 1:
            raise MutationError(f"{path} has scenarios of {', '.join(sorted(found)) or 'no integration'}, expected one")
        return cls(root, folder, *found.values())

    def mutants(self) -> list[Mutant]:
        """All of the integration's targets and of its own code, target by target and line by line."""
        patching = self.integration.load_patching()
        module = self.integration.patch_module or f"{self.integration.package}.patch"
        found = target_mutants(module, _file_of(module), patching)
        for package in self._packages():
            for name, path in _modules_of(package):
                found += sorted(code_mutants(name, path), key=lambda mutant: mutant.line)
        return found

    def _packages(self) -> Iterator[str]:
        """The declaration's own, and what it has its library traced by, where that is applied by hand."""
        name = self.integration.name
        if name in APPLIED_BY_HAND:
            yield f"ddtrace.contrib.{name}"
        yield self.integration.package

    def imports(self) -> list[str]:
        """The modules of the library that are traced."""
        targets = self.integration.load_patching().targets
        return list(dict.fromkeys((*self.integration.modules, *(target.module for target in targets))))


def _file_of(module: str) -> Path:
    file = sys.modules[module].__file__
    assert file is not None
    return Path(file)


def _modules_of(package: str) -> Iterator[tuple[str, Path]]:
    """The modules of a package and their files, its own first; a plain module has one."""
    own = _file_of(package)
    yield package, own
    if own.name == "__init__.py":
        for path in sorted(own.parent.rglob("*.py")):
            parts = path.relative_to(own.parent).with_suffix("").parts
            if path != own:
                yield ".".join((package, *parts)).removesuffix(".__init__"), path


@dataclass(frozen=True)
class Campaign:
    """The mutants of a subject, and how to try them: ``jobs`` at a time, a check may take ``timeout_s``."""

    subject: Subject
    mutants: Sequence[Mutant]
    jobs: int = 2
    timeout_s: float = TIMEOUT_S

    def run(self, notice: Callable[[Verdict], None] = lambda verdict: None) -> Score:
        """Try all; ``notice`` is called with each verdict. Raises MutationError where checks fail without a change."""
        began_s = time.monotonic()
        with ExitStack() as held:
            places = [held.enter_context(Place(self.subject, job, self.timeout_s)) for job in range(self.jobs)]
            pool = held.enter_context(ThreadPoolExecutor(self.jobs))
            parts = pool.map(lambda place: place.baseline(self.mutants[0], self.jobs).durations_s, places)
            durations_s = functools.reduce(operator.or_, parts)
            if not durations_s:
                raise MutationError(f"no check or test in {self.subject.folder} runs; pytest says why it skips them")
            order = Order(durations_s)
            idle: queue.SimpleQueue[Place] = queue.SimpleQueue()
            for place in places:
                idle.put(place)
            lock = threading.Lock()

            def judge(mutant: Mutant) -> Verdict:
                place = idle.get()
                try:
                    verdict = place.judge(mutant, order.of(mutant))
                finally:
                    idle.put(place)
                if verdict.is_caught:
                    order.learn(mutant, verdict.caught_by)
                with lock:
                    notice(verdict)
                return verdict

            verdicts = tuple(pool.map(judge, self.mutants))
        return Score(self.subject.integration.name, verdicts, time.monotonic() - began_s)


class Place:
    """An interpreter that forks a child for each mutant, with services of its own."""

    def __init__(self, subject: Subject, worker: int, timeout_s: float) -> None:
        self._subject = subject
        self._worker = worker
        self._timeout_s = timeout_s
        self._sound: set[str] = set()
        self._held = ExitStack()

    def __enter__(self) -> Place:
        with ExitStack() as held:
            self._services = tuple(map(self._serve(held), self._subject.integration.services))
            self._zygote = self._begin()
            held.callback(lambda: self._zygote.close())
            self._held = held.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._held.close()

    def _serve(self, held: ExitStack) -> Callable[[str], RunningService]:
        selection = os.environ.get(SELECTION_VARIABLE, "auto")

        def start(name: str) -> RunningService:
            try:
                return held.enter_context(serve(SERVICES[name], selection, self._worker))
            except ServiceError as error:
                raise MutationError(f"{self._subject.integration.name} needs {name}: {error}") from None

        return start

    def _begin(self) -> Zygote:
        zygote = Zygote(["testkit.mutation.session", *self._subject.imports()])
        zygote.prepare(warm_up)
        return zygote

    def _run(self, mutant: Mutant, choose: Choose) -> Run:
        bench = Bench(self._subject.root, self._subject.folder, self._services, self._worker, self._timeout_s)
        return self._zygote.run(run_checks, bench, mutant, choose, timeout_s=LONGEST_S)

    def baseline(self, mutant: Mutant, parts: int) -> Run:
        """This place's part of all checks, on a mutant without its change, which is loaded as mutants are."""
        try:
            run = self._run(replace(mutant, source=mutant.original), functools.partial(one_part, self._worker, parts))
        except InterpreterError as error:
            raise MutationError(f"the checks do not run without a change: {error}") from None
        if run.failed:
            raise MutationError(f"{run.failed} fails without a change; mend that first:\n{run.message}")
        return run

    def judge(self, mutant: Mutant, order: Sequence[str]) -> Verdict:
        """Run the checks on a mutant up to the first that fails, and fails again: what does by chance tells nothing."""
        began_s = time.monotonic()
        left = list(order)
        run = self._try(mutant, left)
        while run.failed in left and not self._try(mutant, [run.failed]).failed:
            # On from there: what went before has passed.
            left = left[left.index(run.failed) + 1 :]
            run = self._try(mutant, left)
        if run.failed in left:
            self._fail_unless_sound(mutant, run.failed)
        return Verdict(mutant, run.failed, run.message, time.monotonic() - began_s)

    def _fail_unless_sound(self, mutant: Mutant, name: str) -> None:
        """Raise MutationError where a check fails without the change, too: it needs others to have run before it."""
        if name in self._sound:
            return
        unchanged = replace(mutant, source=mutant.original)
        if self._try(unchanged, [name]).failed and (run := self._try(unchanged, [name])).failed:
            raise MutationError(f"{name} fails by itself without a change; mend that first:\n{run.message}")
        self._sound.add(name)

    def _try(self, mutant: Mutant, order: Sequence[str]) -> Run:
        """Run these checks; where they do not end, or the interpreter does, that is what has failed."""
        try:
            return self._run(mutant, functools.partial(these, order))
        except InterpreterError as error:
            if not self._zygote.is_running:
                self._zygote = self._begin()
            return Run("the interpreter", str(error))
