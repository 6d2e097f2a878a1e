"""The upstream differential finds what a wrong integration breaks in the library's own suite, and nothing else.

The library is colours, in the folder of that name: pip makes all of it from files, without a package index.
"""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ddtrace.contrib._integration import Integration, SpanContract
from testkit.cli import main
from testkit.fixtures import SERVICES
from testkit.fixtures.identity import start_time
from testkit.fixtures.service import Program, Service, same_url, wait_until
from testkit.matrix import ROOT
from testkit.upstream import Upstream
from testkit.upstream.differential import Differential, compare, measure, prepare
from testkit.upstream.environment import tracer_requirements
from testkit.upstream.errors import UpstreamError
from testkit.upstream.run import Run, Suite, run_suite

COLOURS = Path(__file__).parent / "colours"
INTEGRATION = Integration(
    package="colours_tracing",
    distribution="colours",
    modules=("colours",),
    versions=("latest",),
    spans=(SpanContract(name="colours.lighten"),),
)
LIMIT_S = 6.0


# -- a whole differential ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    """The suite of colours, in an sdist."""
    folder = tmp_path_factory.mktemp("colours")
    sdist = folder / "colours-1.0.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        archive.add(COLOURS, "colours-1.0")
    return Upstream(
        version="1.0",
        sha256=hashlib.sha256(sdist.read_bytes()).hexdigest(),
        sdist=str(sdist),
        arguments=("suite.py",),
        # This Python's packages are there for pytest's sake; not its plugins.
        environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLOURS_RUNS": str(folder / "runs")},
    )


@pytest.fixture(scope="module", autouse=True)
def offline(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """pip takes the suite's other requirements from stand-ins, which lead to what this Python has."""
    wheels, cache = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("cache")
    for requirement in ("pytest", *tracer_requirements()):
        stand_in(requirement.partition(">")[0], wheels)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
        yield


def stand_in(name: str, folder: Path) -> None:
    """A wheel of that name, whose content is the way to this Python's packages."""
    packages = [path for path in sys.path if path.endswith("-packages")]
    with zipfile.ZipFile(folder / f"{name}-99-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.pth", "\n".join(packages))
        info = f"{name}-99.dist-info"
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 99\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture(scope="module")
def suite(upstream: Upstream) -> Suite:
    return prepare("colours", upstream, ignore)


@pytest.fixture(scope="module")
def differential(upstream: Upstream) -> Differential:
    return measure(INTEGRATION, upstream, (), ignore)


def ignore(*_: Any) -> None:
    """Watch nothing."""


def test_what_the_integration_breaks_is_found(differential: Differential) -> None:
    """The one regression is the test of the error that the integration swallows."""
    (regression,) = differential.regressions
    assert regression.test == "suite.py::test_white_is_an_error"
    assert "DID NOT RAISE" in regression.message


def test_what_only_chance_breaks_is_no_regression(differential: Differential) -> None:
    """A test that differs between equal runs says nothing of tracing, and is listed."""
    assert differential.flaky == ("suite.py::test_fails_in_the_first_run",)
    assert differential.unsettled == ("suite.py::test_fails_in_the_second_run",)


def test_what_passes_only_with_tracing_is_listed(differential: Differential) -> None:
    """It is no regression, but something that tracing changes."""
    assert differential.mended == ("suite.py::test_needs_tracing",)


def test_counts_say_what_was_compared(differential: Differential) -> None:
    """Of seven tests one fails anyway, one needs tracing, one is flaky and one is skipped."""
    assert (differential.compared, differential.passed) == (3, 1)
    assert (differential.failed_untraced, differential.skipped_untraced) == (2, 1)


def test_spans_came_to_an_agent(differential: Differential) -> None:
    """Traced runs send what they make, untraced ones nothing."""
    assert [(run["spans"], run["own_spans"]) for run in differential.runs] == [(0, 0), (3, 3)] * 2


def test_record_can_be_written_down(differential: Differential) -> None:
    """A program reads in JSON what a person reads in the terminal."""
    written = json.loads(json.dumps(differential.as_json()))
    assert written["is_clean"] is False
    assert written["regressions"][0]["test"] == "suite.py::test_white_is_an_error"


def test_declaration_names_a_server(suite: Suite, tmp_path: Path) -> None:
    """By its URL, or by host and port, as the options of some suites are."""
    environment = {**suite.upstream.environment, "COLOURS_SERVER": "{httpbin_url} {httpbin_host} {httpbin_port}"}
    upstream = replace(
        suite.upstream, arguments=("server_suite.py",), environment=environment, services=(SERVICES["httpbin"],)
    )

    run = run_suite(replace(suite, upstream=upstream), (), False, tmp_path, ignore)

    assert (run.outcomes, run.messages) == ({"server_suite.py::test_server_is_there": "passed"}, {})


# -- runs that break off, or prove nothing -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "how"), [("test_crashes", "was ended by SIGKILL"), ("test_hangs", f"did not end within {LIMIT_S:g} s")]
)
def test_run_that_breaks_off_names_the_last_test(suite: Suite, tmp_path: Path, test: str, how: str) -> None:
    """A crash and a hang are told, with where it was."""
    upstream = replace(suite.upstream, arguments=("broken_suite.py", "-k", f"red or {test}"), limit_s=LIMIT_S)

    run = run_suite(replace(suite, upstream=upstream), (), True, tmp_path, ignore)

    assert run.broken.startswith(f"{how}, in or after broken_suite.py::{test}, the last test that began")
    assert run.outcomes == {"broken_suite.py::test_red": "passed", f"broken_suite.py::{test}": "unfinished"}


def test_traced_run_without_a_span_is_an_error(upstream: Upstream) -> None:
    """Who has traced nothing has compared nothing."""
    with pytest.raises(UpstreamError, match="no span was made by colours_tracing in a traced run .none at all."):
        measure(INTEGRATION, upstream, ("-k", "test_needs_tracing or test_blue"), ignore)


def test_suite_without_tests_is_an_error(upstream: Upstream) -> None:
    """So is it to have run no test."""
    with pytest.raises(UpstreamError, match="suite.py -k nothing collects no test"):
        measure(INTEGRATION, upstream, ("-k", "nothing"), ignore)


def run_of(broken: str = "", **outcomes: str) -> Run:
    return Run(outcomes=outcomes, broken=broken)


def verdict(untraced: list[Run], traced: list[Run]) -> Differential:
    return compare(INTEGRATION, Upstream(), untraced, traced)


def test_test_that_is_not_collected_with_tracing_is_a_regression() -> None:
    """It passed, and is gone."""
    found = verdict([run_of(here="passed", gone="passed")] * 2, [run_of(here="passed")] * 2)
    assert [(each.test, each.outcome) for each in found.regressions] == [("gone", "not run")]


def test_what_a_crash_kept_from_running_is_not_compared() -> None:
    """The crash is reported, not each test that would have come after it."""
    crashed = run_of("was ended by SIGSEGV", first="passed", second="unfinished")
    found = verdict([run_of(first="passed", second="passed", third="passed")] * 2, [crashed] * 2)
    assert (found.compared, found.regressions) == (1, ())
    assert not found.is_clean


def test_accepted_test_is_no_regression() -> None:
    """It is listed with its reason; one that passes is accepted for nothing, which fails."""
    upstream = Upstream(accepted=(("broken", "as documented"), ("works", "once it did not")))
    run = Run(outcomes={"broken": "passed", "works": "passed"})
    traced = Run(outcomes={"broken": "failed", "works": "passed"})

    found = compare(INTEGRATION, upstream, [run] * 2, [traced] * 2)

    assert (found.regressions, found.accepted) == ((), (("broken", "as documented"),))
    assert (found.stale, found.is_clean) == (("works",), False)


def test_crash_before_the_first_test_is_reported() -> None:
    """Nothing can be compared then, and yet something was found."""
    crashed = run_of("was ended by SIGSEGV, before its first test")
    found = verdict([run_of(only="passed")] * 2, [crashed] * 2)
    assert (found.compared, found.is_clean) == (0, False)
    assert found.broken == (crashed.broken,) * 2


def test_verdict_on_nothing_is_an_error() -> None:
    """A suite that fails untraced proves nothing of tracing."""
    with pytest.raises(UpstreamError, match="none of 1 tests passes in both untraced runs"):
        verdict([run_of(only="failed")] * 2, [run_of(only="failed")] * 2)


# -- a suite with a runner of its own ----------------------------------------------------------------------------------


def test_plugin_is_part_of_the_run(suite: Suite, tmp_path: Path) -> None:
    """What it leaves of the suite is what runs."""
    plugin = tmp_path / "runner.py"
    plugin.write_text("def pytest_collection_modifyitems(items):\n    items[:] = items[:1]\n")
    upstream = replace(suite.upstream, plugin=str(plugin))

    run = run_suite(replace(suite, upstream=upstream), (), False, tmp_path / "run", ignore)

    assert run.outcomes == {"suite.py::test_red_becomes_light_red": "passed"}


# -- what is declared wrongly ------------------------------------------------------------------------------------------


def test_wrong_hash_names_both(upstream: Upstream) -> None:
    """The declared hash, and the one that the release has."""
    declared = replace(upstream, sha256="0" * 64)
    with pytest.raises(UpstreamError, match=f"has the sha256 {upstream.sha256}, and {'0' * 64} is declared"):
        prepare("colours", declared, ignore)


def test_release_that_cannot_be_had_is_an_error(upstream: Upstream) -> None:
    """With pip's own words."""
    declared = replace(upstream, sdist=f"{upstream.sdist}.gone", sha256="1" * 64)
    with pytest.raises(UpstreamError, match="the sdist of colours 1.0 cannot be had: pip download .* ended"):
        prepare("colours", declared, ignore)


def test_missing_service_says_how_to_get_it(suite: Suite, tmp_path: Path) -> None:
    """The reason, and the cure."""
    service = Service(
        name="no_such_service",
        port=1,
        url_template="none://{host}:{port}",
        probe=lambda url: True,
        read_version=lambda url: "1",
        expected_versions="~=1.0",
        reset=ignore,
        url_for_worker=same_url,
        local=Program(binaries=("no-such-server",), argv=lambda place: [], install={"pip": "no-such-server"}),
    )
    upstream = replace(suite.upstream, services=(service,), arguments=("--url={no_such_service_url}",))
    with pytest.raises(UpstreamError, match="no-such-server is not on PATH.*To fix it: pip install no-such-server"):
        run_suite(replace(suite, upstream=upstream), (), False, tmp_path, ignore)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"version": "1.0"}, "version is '1.0' and sha256 is ''; expected both or neither"),
        ({"version": "1.0", "sha256": "abc"}, "sha256 is 'abc'; expected 64 hexadecimal digits"),
        ({"accepted": (("a test", " "),)}, "a test is accepted and must say why"),
        ({"plugin": "/no/such/plugin.py"}, "plugin is '/no/such/plugin.py'; expected the path of a file"),
        ({"arguments": ("--url={redis_url}",)}, "names 'redis_url'; its services give none"),
    ],
)
def test_what_cannot_be_meant_is_refused(said: dict[str, Any], complaint: str) -> None:
    """When it is declared, not when it is used."""
    with pytest.raises(ValueError, match=complaint):
        Upstream(**said)


# -- the command -------------------------------------------------------------------------------------------------------


LOGGING_SUITE = """
import logging


def test_message():
    assert logging.makeLogRecord({"msg": "blue"}).getMessage() == "blue"


def test_record_has_no_further_attributes(caplog):
    logging.getLogger("colours").warning("blue")
    assert not [name for name in vars(caplog.records[0]) if name.startswith("dd.")]
"""


def declare_logging(root: Path, suite: str, **environment: str) -> list[str]:
    """Give a repository a suite of logging; returns the command that runs it."""
    folder = root / "tests" / "contrib" / "logging"
    folder.mkdir(parents=True)
    (root / "suite.py").write_text(suite)
    environment = {"DD_LOGS_INJECTION": "true", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
    (folder / "upstream.py").write_text(
        "from testkit.upstream import Upstream\n"
        f"upstream = Upstream(arguments=({str(root / 'suite.py')!r},), environment={environment!r})\n"
    )
    return [sys.executable, "-m", "testkit", "upstream", "logging", f"--root={root}"]


def test_command_reports_what_it_finds(tmp_path: Path) -> None:
    """A test that injected ids break is printed and written down, and the exit code says so."""
    written = tmp_path / "found.json"
    command = [*declare_logging(tmp_path, LOGGING_SUITE), f"--json={written}"]

    ended = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    assert ended.returncode == 1, ended.stderr
    (regression,) = json.loads(written.read_text())["regressions"]
    assert regression["test"].endswith("::test_record_has_no_further_attributes")
    assert f"failed with tracing: {regression['test']}" in ended.stdout
    assert "logging: 1 of 2 tests fail only with tracing" in ended.stdout
    assert "run 4 of 4, traced ..." in ended.stderr


WAITING_SUITE = """
import os
import threading
from pathlib import Path


def test_waits():
    draft = Path(os.environ["PID_FILE"] + ".draft")
    draft.write_text(str(os.getpid()))
    draft.rename(os.environ["PID_FILE"])
    threading.Event().wait()
"""


def test_suite_ends_with_the_command(tmp_path: Path) -> None:
    """Who terminates the command does not leave a suite behind."""
    pid_file = tmp_path / "pid"
    command = declare_logging(tmp_path, WAITING_SUITE, PID_FILE=str(pid_file))

    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        wait_until(pid_file.exists, 60, "waiting for the test that waits")
        running.terminate()
        running.wait(30)

    assert running.returncode == 128 + signal.SIGTERM
    assert not start_time(int(pid_file.read_text()))


def test_report_needs_a_folder(tmp_path: Path) -> None:
    """It is refused before the suite runs, not after."""
    found = ask("flask", f"--json={tmp_path}/gone/found.json")
    assert found.exit_code == 2
    assert f"there is no folder {tmp_path}/gone" in found.output.replace("\n", "")


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["upstream", *arguments])


def test_unknown_name_gets_the_nearest() -> None:
    """As of every other command."""
    found = ask("flusk")
    assert found.exit_code == 2
    assert "there is no tests/contrib/flusk/upstream.py; did you mean flask?" in found.output


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("upstream = 1", "expected an Upstream named upstream, found 1"),
        ("from testkit.upstream import Upstream\nupstream = Upstream(version='1')", "expected both or neither"),
    ],
)
def test_bad_declaration_is_a_usage_error(tmp_path: Path, text: str, complaint: str) -> None:
    """It names the file."""
    folder = tmp_path / "tests" / "contrib" / "flask"
    folder.mkdir(parents=True)
    (folder / "upstream.py").write_text(text)
    found = ask("flask", "--root", str(tmp_path))
    assert found.exit_code == 2
    assert "tests/contrib/flask/upstream.py: " in found.output and complaint in found.output
