"""Run the checks and tests of an integration up to the first that fails, in a fork of an interpreter that is ready.

pytest collects and runs them as ever. Each check runs in a fork of the interpreter that has collected them, since one
that is started anew would take longer than the check.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from testkit.conformance import ScenarioFile
from testkit.fixtures.plugin import GIVEN
from testkit.fixtures.service import RunningService
from testkit.mutation.loading import MutantFinder, install
from testkit.mutation.mutant import Mutant
from testkit.zygote import in_child
from testkit.zygotes import ZYGOTES

QUIET = ("-q", "-W", "ignore:Module already imported", "-p", "no:hypothesispytest")
"""Without the plugin which imports all of hypothesis at the end of each run."""


@dataclass(frozen=True)
class Bench:
    """Where the checks run: the repository, the folder of tests, and what is there for them.

    ``worker`` tells runs apart that go on at the same time; a check may take ``timeout_s``.
    """

    root: Path
    folder: Path
    services: tuple[RunningService, ...]
    worker: int
    timeout_s: float


@dataclass
class Run:
    """What came of a run: the check or test that failed and how, and how long each of the others took, in seconds."""

    failed: str = ""
    message: str = ""
    durations_s: dict[str, float] = field(default_factory=dict)


Choose = Callable[[list[str]], Sequence[str]]


def these(wanted: Sequence[str], names: list[str]) -> Sequence[str]:
    """Choose what is wanted, in its order."""
    return wanted


def one_part(number: int, parts: int, names: list[str]) -> Sequence[str]:
    """Choose the n-th of so many equal parts."""
    return names[number::parts]


def warm_up() -> None:
    """Have pytest load its plugins once, for all forks."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        pytest.main([*QUIET, "--noconftest", "--markers"])


def run_checks(bench: Bench, mutant: Mutant, choose: Choose) -> Run:
    """Run those checks and tests on a mutant that are chosen of the names of all, in that order."""
    os.chdir(bench.root)
    # Nothing is stored, and each run has its own part of a service.
    os.environ.update(CI="true", PYTEST_XDIST_WORKER=f"gw{bench.worker}")
    plugin = _Judge(bench, install(mutant.module, str(mutant.path), mutant.source), choose)
    options = [*QUIET, "-x", "-s", "--tb=short", "--no-summary", f"--check-timeout={bench.timeout_s}"]
    options += ["-p", "no:cacheprovider", "-p", "no:faulthandler"]
    status = pytest.main([*options, str(bench.folder.relative_to(bench.root))], plugins=[plugin])
    if not plugin.run.failed and status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        plugin.run.failed, plugin.run.message = "pytest", f"it ended with {status!r}"
    return plugin.run


class _Judge:
    """A plugin that puts the tests in order, and notes what becomes of them."""

    def __init__(self, bench: Bench, finder: MutantFinder, choose: Choose) -> None:
        self.run = Run()
        self._bench = bench
        self._finder = finder
        self._skipped: set[str] = set()
        self._choose = choose

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        # pytest has put a finder of its own before ours.
        self._finder.install()

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[GIVEN] = {found.service.name: found for found in self._bench.services}
        config.stash[ZYGOTES].close()
        config.stash[ZYGOTES] = _Forks()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        named = {item.nodeid: item for item in items}
        chosen = [nodeid for nodeid in self._choose(list(named)) if nodeid in named]
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in chosen])
        items[:] = [named[nodeid] for nodeid in chosen]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if isinstance(item.parent, ScenarioFile):
            # It runs in a fork, which has a limit of its own.
            return (yield)
        faulthandler.dump_traceback_later(self._bench.timeout_s, exit=True)
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._note_failure(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._note_failure(report)
        elif report.skipped:
            self._skipped.add(report.nodeid)
        # Together with its fixtures, in which a test may have most of its work done.
        spent_s = self.run.durations_s.get(report.nodeid, 0.0)
        self.run.durations_s[report.nodeid] = spent_s + report.duration
        if report.when == "teardown" and report.nodeid in self._skipped:
            del self.run.durations_s[report.nodeid]

    def _note_failure(self, report: Any) -> None:
        if not self.run.failed:
            self.run.failed, self.run.message = report.nodeid, report.longreprtext


class _Forks:
    """In the place of clean interpreters: forks of this one."""

    def __init__(self) -> None:
        self._loaded: set[str] = set()

    def of(self, module: str, load: Callable[[str], None]) -> _Forks:
        if module not in self._loaded:
            self._loaded.add(module)
            load(module)
        return self

    def run(self, function: Callable[..., Any], *args: Any, timeout_s: float) -> Any:
        return in_child(function, args, timeout_s)

    def close(self) -> None:
        """There is nothing to end."""
