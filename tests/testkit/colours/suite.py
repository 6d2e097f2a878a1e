"""The suite of colours. COLOURS_RUNS is a file with a byte for each run that there was before."""

import os
import sys
from pathlib import Path

import colours
import pytest

RUNS = Path(os.environ["COLOURS_RUNS"])


@pytest.fixture(scope="session")
def run():
    """The number of this run, from 1."""
    with RUNS.open("a") as file:
        file.write(".")
    return RUNS.stat().st_size


def test_red_becomes_light_red():
    assert colours.Palette().lighten("red") == "light red"


def test_white_is_an_error():
    with pytest.raises(ValueError, match="nothing is lighter"):
        colours.Palette().lighten("white")


def test_fails():
    assert colours.Palette().lighten("red") == "pink"


def test_fails_in_the_first_run(run):
    assert run != 1


def test_fails_in_the_second_run(run):
    assert run != 2


def test_needs_tracing():
    assert "ddtrace" in sys.modules


@pytest.mark.skip(reason="blue is sold out")
def test_blue():
    raise AssertionError("it was skipped")
