"""Every check catches its sabotage and no other; nothing catches the correct integration."""

from __future__ import annotations

from pathlib import Path

import pytest

from testkit.check import CHECKS
from testkit.selftest import caught_by, integrations, verdicts

SABOTAGES = sorted(name for name in integrations() if name != "correct")


@pytest.mark.parametrize("name", ["correct", *SABOTAGES])
def test_exactly_its_own_check_catches_a_sabotage(name: str, tmp_path: Path, testagent_url: str) -> None:
    """Of all checks, only the one that a sabotage is made for finds anything."""
    said = verdicts(integrations()[name], tmp_path, testagent_url)

    found = {check: verdict for check, verdict in said.items() if verdict not in ("passed", "not exercised")}
    assert list(found) == [caught_by(name)] * (name != "correct"), found


def test_every_check_has_a_sabotage() -> None:
    """There is no check that nothing has ever failed."""
    assert sorted(CHECKS) == sorted({caught_by(name) for name in SABOTAGES})


def test_correct_integration_exercises_every_check(tmp_path: Path, testagent_url: str) -> None:
    """The toy library has something to compare for each check."""
    said = verdicts(integrations()["correct"], tmp_path, testagent_url)
    assert set(said.values()) == {"passed"}, said
