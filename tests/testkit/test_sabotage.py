"""Every check catches its sabotage and no other; nothing catches the correct integration."""

from __future__ import annotations

import pytest

from testkit.selftest import integrations
from testkit.selftest_table import never_caught, try_one

SABOTAGES = sorted(name for name in integrations() if name != "correct")


@pytest.mark.parametrize("name", SABOTAGES)
def test_exactly_its_own_check_catches_a_sabotage(name: str, testagent_url: str) -> None:
    """Of all checks, only the one that a sabotage is made for finds anything."""
    assert not list(try_one(name, testagent_url).problems())


def test_every_check_has_a_sabotage() -> None:
    """There is no check that nothing has ever failed."""
    assert not never_caught(SABOTAGES)


def test_correct_integration_passes_every_check(testagent_url: str) -> None:
    """Nothing catches it, and the toy library has something to compare for each check."""
    assert not list(try_one("correct", testagent_url).problems())
