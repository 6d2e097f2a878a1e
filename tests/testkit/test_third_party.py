"""An integration of another distribution gets all that those of this repository get, once it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.programs import REPOSITORY

EXAMPLE = Path(__file__).with_name("third_party")

TIMEOUT_S = 180

CORRECT = "return wrapped(*args, **kwargs)"


@dataclass(frozen=True)
class Distribution:
    """The example, with its sources and tests in one folder, and installed in another."""

    folder: Path
    installed: Path

    def run(self, *argv: str, status: int = 0) -> str:
        """What a Python program prints that is run in the folder; fails unless it ends with ``status``."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DD_"))}
        run = subprocess.run(
            [sys.executable, *argv],
            cwd=self.folder,
            env={**environment, "PYTHONPATH": os.pathsep.join([str(self.installed), REPOSITORY])},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
        )
        assert run.returncode == status, run.stdout
        return run.stdout

    def check(self, *arguments: str, status: int = 0) -> dict:
        """The report card that ``python -m testkit check`` writes."""
        path = self.folder / "card.json"
        self.run("-m", "testkit", "check", "paintshop", "--json", str(path), *arguments, status=status)
        (card,) = json.loads(path.read_text())
        return card


@pytest.fixture(scope="module")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    """The example, built and installed by pip, which needs no network for it."""
    folder = tmp_path_factory.mktemp("third_party")
    example = Distribution(folder / "paintshop", folder / "installed")
    shutil.copytree(EXAMPLE, example.folder, ignore=shutil.ignore_patterns("__pycache__"))
    options = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation")
    # Not with PYTHONPATH as it is below: pip would take what is there for installed.
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(example.installed), str(example.folder)],
        check=True,
        timeout=TIMEOUT_S,
    )
    return example


@pytest.fixture
def broken(distribution: Distribution, tmp_path: Path) -> Distribution:
    """The same, installed with a wrapper that returns something else."""
    wrong = Distribution(tmp_path / "paintshop", tmp_path / "installed")
    shutil.copytree(distribution.folder, wrong.folder)
    shutil.copytree(distribution.installed, wrong.installed)
    path = wrong.installed / "paintshop_tracing" / "paintshop" / "patch.py"
    path.write_text(path.read_text().replace(CORRECT, "return tuple(wrapped(*args, **kwargs))"))
    return wrong


SHOW = "import paintshop; from paintshop_tracing.paintshop import integration; print(integration.is_tracing)"


@pytest.mark.parametrize(
    "argv",
    [
        ("-c", f"import ddtrace; ddtrace.patch(paintshop=True); {SHOW}"),
        ("-c", f"import ddtrace; ddtrace.patch_all(); {SHOW}"),
        ("-m", "ddtrace.commands.ddtrace_run", sys.executable, "-c", SHOW),
    ],
    ids=["patch", "patch_all", "ddtrace-run"],
)
def test_it_is_traced_like_any_other(argv: tuple[str, ...], distribution: Distribution) -> None:
    """By its name, with all others, and without a change of the program."""
    assert distribution.run(*argv).splitlines()[-1] == "True"


def test_its_scenarios_pass_every_check(distribution: Distribution) -> None:
    """In parallel, with its stored snapshots, and without a conftest; the card says on how many scenarios."""
    card = distribution.check("-n", "2", "-p", "no:cacheprovider")

    verdicts = {row["id"]: row["verdict"] for row in card["rows"]}
    idle = {row["id"]: row["evidence"] for row in card["rows"] if row["verdict"] == "not exercised"}
    assert set(verdicts.values()) == {"passed", "not exercised"}
    assert idle["INV-26"] == ["the scenario is not asynchronous (2 of 2)"]
    assert {"WORK-01", "WORK-02", "INV-11", "INV-15", "INV-28"} <= set(verdicts) - set(idle)
    assert card["versions"]["paintshop"] == "2.1.0"
    assert {each["scenario"]: each["spans"] for each in card["overhead"]} == {"mix_two": 2, "unknown_colour": 1}


def test_a_broken_one_fails(broken: Distribution) -> None:
    """The check that it does not pass says so, and where; those that were not run are not called passed."""
    markdown = broken.folder / "card.md"
    card = broken.check("-k", "INV-28 or INV-07", "-p", "no:cacheprovider", "--markdown", str(markdown), status=1)

    rows = {row["id"]: row for row in card["rows"]}
    assert rows["INV-28"]["verdict"] == "failed" and rows["INV-28"]["exercised"] == 2
    assert rows["INV-28"]["evidence"][0].startswith("mix_two: INV-28 outcome and output are the same: the value")
    assert card["counts"] == {"passed": 0, "failed": 1, "not exercised": len(rows) - 1, "switched off": 0}
    assert rows["INV-11"]["evidence"] == ["not selected, or its worker crashed"]
    assert "- [ ] Every check passes" in markdown.read_text()


def test_what_is_not_installed_is_told_how(distribution: Distribution) -> None:
    """Whoever has forgotten the entry point reads of it."""
    said = distribution.run("-m", "testkit", "check", "paint", status=2)

    assert "did you mean paintshop?" in " ".join(said.split())
    assert "entry point of the group ddtrace.integrations" in " ".join(said.split())
