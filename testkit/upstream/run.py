"""One run of a library's suite, in an environment and a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import ddtrace
from testkit.fixtures.identity import end_group
from testkit.fixtures.providers import serve
from testkit.fixtures.service import ServiceError, tail
from testkit.upstream import Upstream, outcomes
from testkit.upstream.environment import clean_environment
from testkit.upstream.errors import UpstreamError
from testkit.upstream.release import unpack
from testkit.upstream.sink import Sink, sink

PASSED, FAILED, SKIPPED, UNFINISHED = "passed", "failed", "skipped", "unfinished"

Watch = Callable[[int], None]

_PLUGIN = "testkit_outcomes"
_SUITES_PLUGIN = "testkit_suite"
_LINES_SHOWN = 20
_POLL_INTERVAL_S = 0.2
_NONE_COLLECTED = 5


@dataclass(frozen=True)
class Suite:
    """A library's suite, ready to run: the Python it runs in, and the sdist, which is None for Python's own."""

    upstream: Upstream
    python: Path
    sdist: Path | None


@dataclass
class Run:
    """What became of each test, by its id: passed, failed, skipped, or unfinished where the run broke off.

    ``broken`` says how the run broke off, and is empty where it ended by itself. ``spans`` are those that came to the
    agent, by integration; ``tracing`` are the integrations that were at work in the end.
    """

    outcomes: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    broken: str = ""
    duration_s: float = 0.0
    spans: dict[str, int] = field(default_factory=dict)
    tracing: tuple[str, ...] = ()

    def counts(self) -> Counter[str]:
        """How many tests had each outcome."""
        return Counter(self.outcomes.values())


def run_suite(suite: Suite, further: Sequence[str], is_traced: bool, folder: Path, watch: Watch) -> Run:
    """Run the suite once, in a folder that is empty; ``watch`` is told how many tests have begun.

    ``further`` are arguments for pytest, after the declared ones.

    Raises UpstreamError where a service is missing, and where no test is collected.
    """
    with ExitStack() as held:
        addresses = _serve(suite.upstream, held)
        agent = held.enter_context(sink()) if is_traced else None
        place = _Place(folder, suite.upstream.plugin)
        source = unpack(suite.sdist, folder / "suite") if suite.sdist else place.home
        command = [*_command(suite, is_traced), *_filled_in(suite.upstream.arguments, addresses), *further]
        variables = _variables(suite, place, addresses, agent)
        began_s = time.monotonic()
        how = _execute(command, variables, source, place, suite.upstream.limit_s, watch)
        run = read_outcomes(place.outcomes, how)
        run.duration_s = time.monotonic() - began_s
        run.spans = dict(agent.spans) if agent else {}
    if how == _NONE_COLLECTED:
        raise UpstreamError(f"{' '.join(command[1:])} collects no test:\n{tail(place.log, _LINES_SHOWN)}")
    return run


class _Place:
    """The files of one run."""

    def __init__(self, folder: Path, plugin: str) -> None:
        self.log = folder / "log"
        self.outcomes = folder / "outcomes"
        self.path, self.home, self.temporary = folder / "path", folder / "empty", folder / "tmp"
        for each in (self.path, self.home, self.temporary):
            each.mkdir(parents=True)
        # Links: the current state of both, and nothing else of the folders that they are in.
        (self.path / "ddtrace").symlink_to(Path(ddtrace.__file__).resolve().parent)
        (self.path / f"{_PLUGIN}.py").symlink_to(Path(outcomes.__file__).resolve())
        if plugin:
            (self.path / f"{_SUITES_PLUGIN}.py").symlink_to(Path(plugin).resolve())
        self.outcomes.touch()


def _serve(upstream: Upstream, held: ExitStack) -> dict[str, str]:
    selection = os.environ.get("TESTKIT_SERVICES", "auto")
    addresses = {}
    for service in upstream.services:
        try:
            # A substitute has too many ways of its own.
            found = held.enter_context(serve(service, "require" if selection == "auto" else selection))
            found.reset()
        except ServiceError as error:
            raise UpstreamError(str(error)) from None
        parts = urlsplit(found.url)
        for part, text in (("url", found.url), ("host", parts.hostname), ("port", str(parts.port))):
            addresses[f"{service.name}_{part}"] = text
    return addresses


def _command(suite: Suite, is_traced: bool) -> list[str]:
    python = str(suite.python)
    return [
        *([python, "-m", "ddtrace.commands.ddtrace_run"] if is_traced else []),
        *(python, "-m", "pytest", "-p", _PLUGIN, "-p", "no:cacheprovider", "--continue-on-collection-errors"),
        *(["-p", _SUITES_PLUGIN] if suite.upstream.plugin else []),
    ]


def _filled_in(texts: Sequence[str], addresses: dict[str, str]) -> list[str]:
    return [text.format(**addresses) for text in texts]


def _variables(suite: Suite, place: _Place, addresses: dict[str, str], agent: Sink | None) -> dict[str, str]:
    inherited = clean_environment()
    return {
        **inherited,
        "PATH": f"{suite.python.parent}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        "PYTHONPATH": str(place.path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(place.temporary),
        "TESTKIT_OUTCOMES": str(place.outcomes),
        **({"DD_TRACE_AGENT_URL": agent.url} if agent else {}),
        **{name: value.format(**addresses) for name, value in suite.upstream.environment.items()},
    }


def _execute(
    command: list[str], variables: dict[str, str], source: Path, place: _Place, limit_s: float, watch: Watch
) -> int | str:
    """The exit status, or in words how it had to be ended."""
    with place.log.open("wb") as log:
        child = subprocess.Popen(
            command,
            cwd=source,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A group of its own, so that nothing of it is left.
            process_group=0,
        )
    deadline_s = time.monotonic() + limit_s
    try:
        while time.monotonic() < deadline_s:
            try:
                return child.wait(_POLL_INTERVAL_S)
            except subprocess.TimeoutExpired:
                watch(place.outcomes.read_bytes().count(b'{"began"'))
        return f"did not end within {limit_s:g} s"
    finally:
        end_group(child.pid)
        child.wait()


def read_outcomes(written: Path, how: int | str) -> Run:
    """What the plugin has written in a run that ended so: by an exit status, or as said in words."""
    run, began, has_ended = Run(), "", False
    for line in map(json.loads, written.read_text().splitlines()):
        if "began" in line:
            began = line["began"]
            run.outcomes[began] = UNFINISHED
        elif "test" in line:
            _take_phase(run, line["test"], line["outcome"], line["message"])
        else:
            has_ended, run.tracing = True, tuple(line["tracing"])
    if how not in (0, 1) or not has_ended:
        if not has_ended and began:
            run.outcomes[began] = UNFINISHED
        run.broken = f"{_in_words(how)}, {_where(began, has_ended)}:\n{tail(written.with_name('log'), _LINES_SHOWN)}"
    return run


def _take_phase(run: Run, test: str, outcome: str, message: str) -> None:
    """A test fails with any of its phases, and passes if each of them does."""
    weights = [UNFINISHED, PASSED, SKIPPED, FAILED]
    run.outcomes[test] = max(run.outcomes.get(test, UNFINISHED), outcome, key=weights.index)
    if message:
        run.messages.setdefault(test, message)


def _in_words(how: int | str) -> str:
    if isinstance(how, str):
        return how
    return f"was ended by {signal.Signals(-how).name}" if how < 0 else f"ended with status {how}"


def _where(began: str, has_ended: bool) -> str:
    if has_ended:
        return "after its last test"
    return f"in or after {began}, the last test that began" if began else "before its first test"
