"""``python -m testkit mutate``, on an integration of the toy library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from testkit.interpreter import same_path
from testkit.mutation.command import chosen
from testkit.mutation.mutant import Mutant

TOY = '''
"""An integration of the toy library, in one module."""

import threading

from ddtrace.contrib._integration import Integration, SpanContract
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import trace_call
from testkit.checks import CHECKS

ENOUGH = ("WORK-01", "WORK-02", "INV-09", "INV-11", "INV-28")

integration = Integration(
    package=__name__,
    patch_module=__name__,
    distribution="",
    modules=("testkit.toy.library",),
    versions=(),
    services=SERVICES,
    spans=(SpanContract(name="toy.call", tags=("toy.command",), optional_metrics=("toy.size",)),),
    switched_off=tuple((check, "a few are enough here") for check in CHECKS if check not in ENOUGH),
)


def call(wrapped, instance, args, kwargs):
    with trace_call(integration, instance, "toy.call") as call:
        call.describe(describe, args)
        return wrapped(*args, **kwargs)


def describe(span, args):
    span.set_tag_str("toy.command", args[0])
    args[0].strip()
    if len(args) > 100:
        span.set_metric("toy.size", len(args))
    span.resource = again(args[0])


def again(word):
    return threading.Event().wait() if word == "again?" else word


patching = Patching(integration, targets=(Target("testkit.toy.library", "Client.call", call),))
'''

SCENARIOS = """
from testkit import scenario
from testkit.toy.library import Client
from toy import integration

@scenario(integration)
def say():
    return Client().call("say", "hello"), Client().call("say")
"""

OWN_TEST = """
from testkit import traced
from testkit.toy.library import Client
from toy import integration

def test_a_long_command_has_a_size():
    with traced(integration) as tracer:
        Client().call("say", *range(100))
    assert tracer.spans[0].get_metric("toy.size") == 101
"""


class Project:
    """A repository with one integration."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tests = root / "tests" / "contrib" / "toy"
        self.tests.mkdir(parents=True)
        (root / "riotfile.py").touch()
        self.write()

    def write(self, services: str = "()") -> None:
        (self.root / "toy.py").write_text(TOY.replace("SERVICES", services))
        (self.tests / "scenarios.py").write_text(SCENARIOS)
        (self.tests / "test_toy.py").write_text(OWN_TEST)

    def store_snapshots(self) -> None:
        self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--snapshot-update", "-k", "WORK-02", str(self.tests))

    def mutate(self, *arguments: str, name: str = "toy", **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "testkit", "mutate", name, *arguments, **environment)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.root}{os.pathsep}{same_path()['PYTHONPATH']}"
        # Bytecode would be a file, too; and in CI no snapshot is stored.
        environment |= {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "CI": "", **environment}
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, env=environment, timeout=120)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with its snapshot stored."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.store_snapshots()
    return project


def files(project: Project) -> dict[str, str]:
    """All files and what they hold."""
    return {str(path): path.read_text() for path in sorted(project.root.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def judged(project: Project) -> tuple[subprocess.CompletedProcess[str], dict[str, Any], bool]:
    """A run of three operators with one that does not end, its score as JSON, and whether it left all files alone."""
    before = files(project)
    operators = ("statement deleted", "condition negated", "exception swallowed")
    options = [word for operator in operators for word in ("--operator", operator)]
    run = project.mutate(*options, "--timeout", "8", "--json", "score.json")
    path = project.root / "score.json"
    assert path.exists(), run.stdout + run.stderr
    score = json.loads(path.read_text())
    path.unlink()
    return run, score, files(project) == before


def test_survivors_are_shown(judged: tuple) -> None:
    """What nothing notices is named with file, line, operator and the line before and after."""
    run, _, _ = judged
    shown = run.stdout.partition("survived: toy.py:33: statement deleted: args[0].strip() is left out")[2]
    assert shown.splitlines()[1:3] == ["-    args[0].strip()", "+    pass"]


def test_the_score_is_stored(judged: tuple) -> None:
    """Totals, each operator's, and each mutant with what caught it."""
    _, score, _ = judged
    caught = [mutant for mutant in score["mutants"] if mutant["caught_by"]]
    assert (score["integration"], score["total"], score["caught"]) == ("toy", len(score["mutants"]), len(caught))
    assert sum(counted["total"] for counted in score["operators"].values()) == score["total"]
    survived = {mutant["what"] for mutant in score["mutants"] if not mutant["caught_by"]}
    assert survived == {"args[0].strip() is left out"}


def test_own_tests_and_checks_notice(judged: tuple) -> None:
    """An integration's own tests count as the checks do."""
    _, score, _ = judged
    catchers = {mutant["what"]: mutant["caught_by"] for mutant in score["mutants"]}
    assert catchers['span.set_metric("toy.size", len(args)) is left out'].endswith("test_a_long_command_has_a_size")
    assert "scenarios.py::say[" in catchers["testkit.toy.library.Client.call: exception swallowed"]


def test_a_mutant_that_does_not_end_is_caught(judged: tuple) -> None:
    """One that waits for ever is ended after the given time, and counts as noticed."""
    _, score, _ = judged
    (endless,) = [mutant for mutant in score["mutants"] if mutant["what"] == 'word == "again?" is negated']
    assert endless["caught_by"]


def test_nothing_is_written(judged: tuple) -> None:
    """All files of the repository are as before."""
    assert judged[2]


def test_too_few_are_an_error(judged: tuple) -> None:
    """Less than 95 of 100 is an error, which says how many; the last line of the report has the sum."""
    run, score, _ = judged
    assert run.returncode == 1
    assert f"Error: {score['percent']:.1f} % of the mutants are caught, expected are 95 %" in run.stderr
    assert f"{score['caught']} of {score['total']} mutants caught" in run.stdout.splitlines()[-1]


def test_enough_is_success(project: Project) -> None:
    """One line alone can be asked for, and how many have to be caught; without a word of those that are."""
    run = project.mutate("--only", "toy.py:33", "--operator", "statement deleted", "--quiet", "--at-least", "0")
    assert run.returncode == 0, run.stderr
    assert "0 of 1 mutants caught, 0.0 %" in run.stdout
    assert "1/1" not in run.stdout


def test_checks_have_to_be_green_first(tmp_path: Path) -> None:
    """Where one fails without a change, such as for want of a snapshot, nothing can be said, and that one is named."""
    run = Project(tmp_path).mutate("--operator", "not wrapped", "--jobs", "1")
    assert run.returncode == 1
    assert "scenarios.py::say[WORK-02] fails without a change; mend that first" in run.stderr


MUTANTS = [
    Mutant("1", "not wrapped", "toy", Path("toy/patch.py"), 3, "f", "", "", ""),
    Mutant("2", "statement deleted", "toy", Path("toy/patch.py"), 4, "f", "", "", ""),
]


@pytest.mark.parametrize(
    ("operators", "only", "ids"),
    [((), "", "12"), (("not wrapped",), "", "1"), ((), "patch.py:4", "2"), ((), "toy/patch.py", "12")],
)
def test_mutants_are_chosen(operators: tuple[str, ...], only: str, ids: str) -> None:
    """By operator, by file, and by line."""
    assert "".join(mutant.id for mutant in chosen(MUTANTS, operators, only)) == ids


@pytest.mark.parametrize(
    ("operators", "only", "said"),
    [
        (("statment deleted",), "", "there is no operator 'statment deleted'; did you mean statement deleted"),
        ((), "patch.py:x", "'x' is no line; expected is FILE or FILE:LINE"),
        ((), "patches.py", "there is no such mutant; of the integration there are some in toy/patch.py"),
    ],
)
def test_wrong_arguments_are_named(operators: tuple[str, ...], only: str, said: str) -> None:
    """What was given, and what could be."""
    with pytest.raises(click.UsageError) as refused:
        chosen(MUTANTS, operators, only)
    assert said in refused.value.message


def test_an_unknown_integration_is_named(project: Project) -> None:
    """With the nearest that there is."""
    run = project.mutate(name="toi")
    assert run.returncode == 2
    assert "there is no tests/contrib/toi/scenarios.py; did you mean toy?" in run.stderr


def test_a_missing_service_is_named(tmp_path: Path) -> None:
    """Nothing is judged without the services that the integration needs; how to get one is said."""
    project = Project(tmp_path)
    project.write(services='("redis",)')
    run = project.mutate("--operator", "not wrapped", TESTKIT_SERVICES="url")
    assert run.returncode == 1
    assert "toy needs redis: no redis (url: TESTKIT_REDIS_URL is not set)" in run.stderr
