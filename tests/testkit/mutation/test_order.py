"""What noticed a mutant's neighbours is tried first, then what is quick."""

from __future__ import annotations

from pathlib import Path

from testkit.mutation.mutant import Mutant
from testkit.mutation.order import Order


def mutant(operator: str = "constant changed", scope: str = "f") -> Mutant:
    """One of no text."""
    return Mutant("", operator, "patch", Path("patch.py"), 1, scope, "", "", "")


def test_at_first_the_quick_ones_go_first() -> None:
    """Nothing is known but how long each takes."""
    assert Order({"slow": 2.0, "quick": 0.1}).of(mutant()) == ["quick", "slow"]


def test_at_first_snapshots_go_before_what_is_not_much_quicker() -> None:
    """They notice most, so that the first mutants need not meet all that is quick before."""
    order = Order({"get[WORK-02]": 1.0, "get[INV-01]": 0.1, "quickest": 0.01})
    assert order.of(mutant()) == ["quickest", "get[WORK-02]", "get[INV-01]"]


def test_a_check_is_tried_on_what_it_has_noticed() -> None:
    """A slow check that has noticed a mutant of this operator, by this scenario in this place, goes first."""
    order = Order({"get[INV-09]": 3.0, "set[INV-09]": 2.0, "get[INV-11]": 1.5, "quick": 0.1})
    order.learn(mutant("called twice", "Client.set"), "set[INV-09]")
    order.learn(mutant("not wrapped", "Client.get"), "get[INV-11]")
    assert order.of(mutant("called twice", "Client.get")) == ["get[INV-09]", "get[INV-11]", "set[INV-09]", "quick"]


def test_what_noticed_the_last_neighbour_goes_first() -> None:
    """However long it takes: the next mutant of the same operator and place is likely to be noticed by the same."""
    order = Order({"slow[WORK-01]": 9.0, "quick": 0.1})
    order.learn(mutant("constant changed", "f"), "quick")
    order.learn(mutant("constant changed", "f"), "slow[WORK-01]")
    order.learn(mutant("statement deleted", "g"), "quick")
    assert order.of(mutant("statement deleted", "f"))[0] == "quick"
    assert set(order.of(mutant("constant changed", "f"))[:2]) == {"quick", "slow[WORK-01]"}


def test_what_notices_many_goes_before_what_notices_none() -> None:
    """Of two that take as long, the one that was right before."""
    order = Order({"a": 1.0, "b": 1.0})
    order.learn(mutant("called twice", "g"), "b")
    assert order.of(mutant()) == ["b", "a"]


def test_what_is_no_test_is_not_tried() -> None:
    """A file that did not even import has caught a mutant, and cannot be asked for."""
    order = Order({"quick": 0.1})
    order.learn(mutant(), "tests/scenarios.py")
    assert order.of(mutant()) == ["quick"]
