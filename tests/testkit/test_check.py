"""The record of a check, and the comparison that most checks end with."""

from __future__ import annotations

import pytest

from testkit.check import CHECKS, Check, CheckFailed, Scope, check, fail_unless_equal


def test_equal_sides_pass() -> None:
    """Nothing is raised where nothing differs."""
    fail_unless_equal({"a": [1]}, {"a": [1]}, "the value")


def test_a_difference_is_shown_line_by_line() -> None:
    """The message says what differs, which side is which, and the lines of both."""
    with pytest.raises(CheckFailed) as failed:
        fail_unless_equal([1, 2], [1, 3], "the value", ("stored", "received"))

    assert str(failed.value).splitlines() == ["the value differs:", "--- stored", "+++ received", "@@ -1 +1 @@"] + [
        "-[1, 2]",
        "+[1, 3]",
    ]


def test_values_that_print_alike_still_differ() -> None:
    """Sides that are unequal fail, also where their text is the same."""
    one, other = type("Toy", (), {"__repr__": lambda _: "toy"})(), type("Toy", (), {"__repr__": lambda _: "toy"})()

    with pytest.raises(CheckFailed, match="the value differs"):
        fail_unless_equal(one, other, "the value")


def test_declaring_a_check_registers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A declared function stays itself, and is found by the check's id."""
    monkeypatch.delitem(CHECKS, "TOY-01", raising=False)

    @check("TOY-01", Scope.SCENARIO)
    def toys_are_tidy(trial: object) -> None:
        """Toys lie where they belong."""

    assert CHECKS.pop("TOY-01") == Check("TOY-01", Scope.SCENARIO, toys_are_tidy)


def test_the_title_is_the_functions_name() -> None:
    """A check is called by its function's name in words."""

    def toys_are_tidy(trial: object) -> None:
        """Toys lie where they belong."""

    assert Check("TOY-01", Scope.SCENARIO, toys_are_tidy).title == "toys are tidy"
