"""What counts as a catch."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest

from ddtrace.contrib._integration import Integration
from ddtrace.contrib._registry import APPLIED_BY_HAND
from testkit.interpreter import InterpreterError
from testkit.mutation.campaign import MutationError, Place, Subject
from testkit.mutation.mutant import Mutant
from testkit.mutation.session import Choose, Run

MUTANT = Mutant("1", "not wrapped", "toy", Path("toy.py"), 1, "f", "", "before", "after")
NAMES = ["passing", "flaky", "steady"]

REPOSITORY = Path(__file__).parents[3]


def place_where(
    monkeypatch: pytest.MonkeyPatch,
    fails: Callable[[str], bool],
    fails_unchanged: Callable[[str], bool] = lambda name: False,
) -> Place:
    """A place in which a check fails or does not, with no interpreter behind it."""
    integration = Integration(package="toy", distribution="", modules=("toy",), versions=())
    place = Place(Subject(Path(), Path(), integration), 0, 1.0)

    def run(mutant: Mutant, choose: Choose) -> Run:
        return Run(next(filter(fails if mutant is MUTANT else fails_unchanged, choose(NAMES)), ""))

    monkeypatch.setattr(place, "_run", run)
    return place


def test_what_fails_by_chance_catches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that fails once and passes then is left out, and those behind it go on; those before have passed."""
    tries: list[str] = []

    def fails(name: str) -> bool:
        tries.append(name)
        return name == "steady" or tries.count("flaky") == 1

    verdict = place_where(monkeypatch, fails).judge(MUTANT, NAMES)

    assert verdict.caught_by == "steady"
    assert tries == ["passing", "flaky", "flaky", "steady", "steady"]


def test_what_fails_without_a_change_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that passes only behind others would seem to catch all there is."""
    place = place_where(monkeypatch, lambda name: name == "steady", lambda name: name == "steady")
    with pytest.raises(MutationError, match="steady fails by itself without a change"):
        place.judge(MUTANT, NAMES)


def test_nothing_that_fails_is_a_survivor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all pass, the mutant is not caught."""
    assert not place_where(monkeypatch, lambda name: False).judge(MUTANT, NAMES).is_caught


def test_what_ends_the_interpreter_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash, or a test that does not end, has no name but is a failure."""

    def crash(name: str) -> bool:
        raise InterpreterError("it was ended by SIGSEGV")

    place = place_where(monkeypatch, crash)
    monkeypatch.setattr(place, "_zygote", type("Running", (), {"is_running": True}), raising=False)

    verdict = place.judge(MUTANT, NAMES)

    assert (verdict.caught_by, verdict.message) == ("the interpreter", "it was ended by SIGSEGV")


@pytest.mark.parametrize("name", APPLIED_BY_HAND)
def test_what_is_applied_by_hand_is_broken_too(name: str) -> None:
    """Though the declaration on trial is one of its tests."""
    folder = REPOSITORY / "tests" / "contrib" / name
    paths = {mutant.path for mutant in Subject.of(REPOSITORY, folder).mutants()}
    assert {REPOSITORY / "ddtrace" / "contrib" / name / "middleware.py", folder / f"{name}.py"} <= paths
