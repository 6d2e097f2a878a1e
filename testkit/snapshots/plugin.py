"""The `snapshot` fixture, `--snapshot-update`, and the failure for snapshots that no test uses."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from testkit.ci import in_ci
from testkit.snapshots import pending
from testkit.snapshots.abandoned import find_abandoned
from testkit.snapshots.files import delete, shown_path
from testkit.snapshots.redaction import Redaction
from testkit.snapshots.store import REVIEW, SnapshotStore
from testkit.snapshots.unused import FOLDER, Run

SCENARIOS = "scenarios.py"
_OUTPUT = "snapshots"
_RECORDER: pytest.StashKey[Recorder] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("testkit")
    group.addoption(
        "--snapshot-update",
        action="store_true",
        help="store the snapshots that are new or differ, and delete those that no test uses",
    )
    group.addoption(
        "--snapshot-pending",
        type=Path,
        metavar="FOLDER",
        help=f"keep there what differs, for review, also where CI is set; by default in {pending.FOLDER}, not in CI",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("snapshot_update") and in_ci():
        raise pytest.UsageError(
            "--snapshot-update is refused where CI is set: store the snapshots on a developer's "
            "machine and commit them"
        )
    config.stash[_RECORDER] = Recorder(config)
    config.pluginmanager.register(config.stash[_RECORDER], "snapshot-recorder")


def store_of(test: pytest.Item) -> SnapshotStore:
    """The store that keeps a test's snapshots, in `snapshots/` beside the test's file."""
    config, folder = test.config, test.path.parent / FOLDER
    return SnapshotStore(
        folder,
        update=config.getoption("snapshot_update"),
        claims=config.stash[_RECORDER].run.claims,
        pending=_pending_folder(config, folder),
        commit=config.stash[_RECORDER].commit,
        reserved=config.stash[_RECORDER].reserved,
        accept=f"pytest --snapshot-update {shlex.quote(test.nodeid)}",
    )


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Compare spans with those stored in `snapshots/` beside the test's file.

    `snapshot(traces, name=None, redact=None)`: spans or lists of spans; the name is the test's
    own unless given; `redact` maps a tag, metric or field to what its value must look like.
    """
    test = request.node
    store = store_of(test)

    def check(
        traces: Iterable[Any],
        name: str | None = None,
        redact: Mapping[str, Redaction] | None = None,
    ) -> None:
        __tracebackhide__ = True
        store.check(test.name if name is None else name, traces, redact)

    return check


def _pending_base(config: pytest.Config) -> Path | None:
    """The folder for all that awaits a decision, None where nothing is to be written."""
    if given := config.getoption("snapshot_pending"):
        return config.invocation_params.dir / given
    return None if in_ci() else config.rootpath / pending.FOLDER


def _pending_folder(config: pytest.Config, folder: Path) -> Path | None:
    base = _pending_base(config)
    if base is None:
        return None
    inside = folder.is_relative_to(config.rootpath)
    return base / (folder.relative_to(config.rootpath) if inside else sha256(str(folder).encode()).hexdigest()[:16])


def _reserved(config: pytest.Config, run: str) -> Path:
    """The folder that all workers of one run share."""
    return config.rootpath / ".testkit" / "updating" / run


class Recorder:
    """Hears what the session collects and runs, and judges at its end; see unused."""

    def __init__(self, config: pytest.Config) -> None:
        self.run = Run()
        self._config = config
        self._update = config.getoption("snapshot_update")
        self._unused: list[Path] = []
        self.commit = pending.commit_of(config.rootpath) if _pending_base(config) else ""
        self.reserved = _reserved(config, getattr(config, "workerinput", {}).get("testrunuid", uuid4().hex))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.run.collect(item.path, item.nodeid)
        # Tests that a node id leaves out are not reported as deselected.
        for argument in self._config.args:
            file, _, selected = argument.partition("::")
            if selected:
                path = self._config.invocation_params.dir / file
                self.run.partial.add(path.resolve().parent)

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        self.run.partial |= {item.path.parent for item in items}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            path = self._config.rootpath / report.nodeid.partition("::")[0]
            self.run.partial.add(path.parent)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed or hasattr(report, "wasxfail"):
            self.run.not_passed.add(report.nodeid)
        elif report.when == "call":
            self.run.passed.add(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.reserved = _reserved(self._config, node.workerinput["testrunuid"])
        output = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if output is None:
            self.run.lost_worker = True
        else:
            self.run.merge(output)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[_OUTPUT] = self.run.as_output()
            return
        patterns = [*self._config.getini("python_files"), SCENARIOS]
        abandoned = find_abandoned(
            map(self._config.invocation_params.dir.joinpath, self._config.args), self._config.getini("norecursedirs")
        )
        self._unused = self.run.find_unused(patterns) + abandoned
        if self._update:
            for path in self._unused:
                delete(path)
            shutil.rmtree(self.reserved, ignore_errors=True)
            return
        for path in self._unused:
            if folder := _pending_folder(self._config, path.parent):
                pending.Origin(self.commit, pending.digest(path)).write(folder / path.name)
        if self._unused and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._unused:
            return
        terminalreporter.section("unused snapshots")
        for path in self._unused:
            terminalreporter.line(f"{'deleted' if self._update else 'unused'}: {shown_path(path)}")
        if not self._update:
            folders = sorted({str(shown_path(path.parent.parent)) for path in self._unused})
            terminalreporter.line(
                "no test claims them; delete the files, or run: pytest --snapshot-update " + shlex.join(folders)
            )
            if _pending_base(self._config):
                terminalreporter.line(REVIEW)
