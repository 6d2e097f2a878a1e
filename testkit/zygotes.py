"""The clean interpreters that checks run in, one for each file of scenarios; and the option to do without."""

from __future__ import annotations

from typing import Callable

import pytest

from testkit.zygote import TIMEOUT_S, Zygote


class Zygotes:
    """A clean interpreter for each module of scenarios, made when the first check asks for it."""

    def __init__(self) -> None:
        self._running: dict[str, Zygote] = {}

    def of(self, module: str, load: Callable[[str], None]) -> Zygote:
        """The one that has imported the module, and has been prepared by ``load(module)``."""
        zygote = self._running.get(module)
        if zygote is None or not zygote.is_running:
            zygote = self._running[module] = Zygote([module])
            zygote.prepare(load, module)
        return zygote

    def close(self) -> None:
        """End them all."""
        for zygote in self._running.values():
            zygote.close()


ZYGOTES = pytest.StashKey[Zygotes]()


def is_in_process(config: pytest.Config) -> bool:
    """Whether checks run in pytest's own process."""
    return config.getoption("in_process")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--in-process`` and ``--check-timeout``."""
    parser.getgroup("testkit").addoption(
        "--in-process",
        action="store_true",
        help="run checks in pytest's own process, where a debugger reaches them, and not in a clean one",
    )
    parser.getgroup("testkit").addoption(
        "--check-timeout",
        type=float,
        default=TIMEOUT_S,
        metavar="SECONDS",
        help="end a check that takes longer, and show its stacks (default: %(default)g)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ZYGOTES] = Zygotes()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[ZYGOTES].close()
