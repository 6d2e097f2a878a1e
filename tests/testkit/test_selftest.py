"""The table of the command ``selftest``, and what it takes for a problem."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from rich.console import Console

from testkit import selftest, selftest_table
from testkit.checks import CHECKS
from testkit.cli import main
from testkit.selftest_table import Tried, never_caught, table

ALL_PASS = dict.fromkeys(CHECKS, "passed")


def test_a_hit_of_its_own_check_is_no_problem() -> None:
    """A sabotage is there to be caught."""
    assert not list(Tried("deep_stack", "INV-20", {**ALL_PASS, "INV-20": "too deep"}).problems())


@pytest.mark.parametrize(
    "tried, problem",
    [
        (Tried("deep_stack", "INV-20", {**ALL_PASS, "INV-20": "x", "INV-28": "strange"}), "INV-28 objects .*: strange"),
        (Tried("deep_stack", "INV-20", ALL_PASS), "INV-20 does not catch deep_stack, which it must: passed"),
        (Tried("deep_stack", "INV-99", ALL_PASS), "INV-99 does not catch .*: there is no such check"),
        (Tried("correct", None, {**ALL_PASS, "INV-28": "strange"}), "INV-28 objects to correct: strange"),
        (Tried("correct", None, {**ALL_PASS, "INV-07": "not exercised"}), "INV-07 is not exercised by correct"),
    ],
)
def test_whatever_is_not_on_the_diagonal_is_a_problem(tried: Tried, problem: str) -> None:
    """A check that catches another's sabotage, or not its own, or has nothing to look at where it should."""
    with pytest.raises(AssertionError, match=problem):
        raise AssertionError(*tried.problems())


def test_a_check_without_a_sabotage_is_a_problem() -> None:
    """Each must have failed once."""
    names = [name for name in selftest.integrations() if selftest.caught_by(name) != "INV-20"]

    assert never_caught(names) == ["INV-20 has no sabotage, so that nothing has ever failed it"]


def test_the_table_marks_hits_where_they_are() -> None:
    """Each row has a mark a check, and the line is narrow enough for a terminal."""
    console = Console(width=120)
    with console.capture() as captured:
        console.print(table([Tried("deep_stack", "INV-20", {**ALL_PASS, "INV-20": "too deep", "INV-28": "strange"})]))

    *_, row = captured.get().splitlines()
    assert row.split()[:2] == ["deep_stack", "INV-20"]
    assert (row.count("●"), row.count("✗"), row.count("·")) == (1, 1, len(CHECKS) - 2)


def test_the_command_ends_well_where_all_is_caught() -> None:
    """It tries what it is told, in processes of its own."""
    result = CliRunner().invoke(main, ["selftest", "--only", "forgotten_error"], catch_exceptions=False)

    assert result.exit_code == 0, result.output
    assert f"1 integrations, {len(CHECKS)} checks, 0 problems" in result.output


def test_the_command_fails_with_its_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    """A problem is printed, and is the command's status."""
    monkeypatch.setattr(
        selftest_table, "try_all", lambda names, agent_url: [Tried(name, "INV-20", ALL_PASS) for name in names]
    )

    result = CliRunner().invoke(main, ["selftest", "--only", "deep_stack"])

    assert result.exit_code == 1
    assert "INV-20 does not catch deep_stack" in result.output


def test_an_unknown_name_is_told_the_nearest() -> None:
    """A typing error is no empty table."""
    result = CliRunner().invoke(main, ["selftest", "--only", "deepstack"])

    assert result.exit_code == 2
    assert "there is no sabotage 'deepstack'" in result.output and "deep_stack" in result.output
