"""``python -m testkit selftest``: each sabotage against every check; hits belong on the diagonal, and nowhere else."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from testkit.checks import CHECKS
from testkit.fixtures import SERVICES
from testkit.fixtures.providers import serve
from testkit.fixtures.service import ServiceError
from testkit.nearest import nearest
from testkit.selftest import caught_by, integrations, verdicts
from testkit.zygote import Zygote

_HIT, _MISS, _STRAY = "●", "○", "✗"
_MARKS = {"passed": "·", "not exercised": " "}
_LONGEST_SHOWN = 400
_WIDTH = 160


@dataclass(frozen=True)
class Tried:
    """What each check said of one integration of the toy library; ``caught_by`` names the one that must object."""

    name: str
    caught_by: str | None
    said: dict[str, str]

    @property
    def hits(self) -> list[str]:
        """The checks that object."""
        return [check for check, said in self.said.items() if said not in _MARKS]

    def problems(self) -> Iterator[str]:
        """What is wrong with the checks, as far as this integration shows it."""
        for check in self.hits:
            if check != self.caught_by:
                yield f"{check} objects to {self.name}: {self.said[check][:_LONGEST_SHOWN]}"
        if self.caught_by is not None and self.caught_by not in self.hits:
            said = self.said.get(self.caught_by, "there is no such check")
            yield f"{self.caught_by} does not catch {self.name}, which it must: {said}"
        if self.caught_by is None:
            idle = [check for check, said in self.said.items() if said == "not exercised"]
            yield from (f"{check} is not exercised by {self.name}, so that it has proven nothing" for check in idle)


def try_one(name: str, agent_url: str) -> Tried:
    """Try every check on one integration of the toy library; one of them asks a test agent."""
    with tempfile.TemporaryDirectory() as folder:
        return Tried(name, caught_by(name), verdicts(integrations()[name], Path(folder), agent_url))


def try_all(names: list[str], agent_url: str) -> list[Tried]:
    """Try every check on each of these, each in a process of its own, as many at a time as there are processors."""
    workers = min(len(names), os.cpu_count() or 1)
    with ExitStack() as running, ThreadPoolExecutor(workers) as pool:
        idle: SimpleQueue[Zygote] = SimpleQueue()
        for _ in range(workers):
            idle.put(running.enter_context(closing(Zygote([__name__]))))

        def run(name: str) -> Tried:
            zygote = idle.get()
            try:
                return zygote.run(try_one, name, agent_url)
            finally:
                idle.put(zygote)

        return list(pool.map(run, names))


def problems_of(tried: list[Tried]) -> list[str]:
    """What is wrong with the checks, as far as these integrations show it."""
    return [problem for each in tried for problem in each.problems()]


def never_caught(names: list[str]) -> list[str]:
    """The checks that none of these sabotages is made for, in words."""
    wanted = {caught_by(name) for name in names}
    return [f"{check} has no sabotage, so that nothing has ever failed it" for check in CHECKS if check not in wanted]


def table(tried: list[Tried]) -> Table:
    """A row a sabotage, in the order of their checks, and a column a check."""
    checks = sorted(CHECKS, key=_place)
    found = Table(padding=(0, 1, 0, 0), box=None, header_style="")
    found.add_column("")
    found.add_column("caught by")
    for check in checks:
        # W01 or I01, from top to bottom.
        found.add_column("\n".join(check[0] + check.partition("-")[2]), justify="center", no_wrap=True)
    for each in sorted(tried, key=_place_of_row):
        found.add_row(each.name, each.caught_by or "nothing", *(_mark(each, check) for check in checks))
    return found


def _place(check: str) -> tuple[bool, str]:
    return not check.startswith("WORK"), check


def _place_of_row(tried: Tried) -> tuple[bool, tuple[bool, str], str]:
    return tried.caught_by is not None, _place(tried.caught_by or ""), tried.name


def _mark(tried: Tried, check: str) -> Text:
    said = tried.said.get(check, "not exercised")
    if said not in _MARKS:
        return Text(_HIT, "green") if check == tried.caught_by else Text(_STRAY, "bold red")
    return Text(_MISS, "bold red") if check == tried.caught_by else Text(_MARKS[said], "dim")


def _try_all(names: list[str]) -> list[Tried]:
    try:
        with serve(SERVICES["testagent"]) as agent:
            return try_all(names, agent.url)
    except ServiceError as missing:
        raise click.ClickException(str(missing)) from None


@click.command()
@click.option("--only", "only", multiple=True, metavar="NAME", help="A sabotage, or `correct`; may be repeated.")
def selftest(only: tuple[str, ...]) -> None:
    """Try the checks themselves: each sabotage of the toy library must be caught by its own check, and by no other."""
    known = sorted(integrations())
    for name in only:
        if name not in known:
            raise click.UsageError(f"there is no sabotage {name!r}; {nearest(name, known)}")
    names = list(dict.fromkeys(only)) or known
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    with console.status(f"trying {len(CHECKS)} checks on {len(names)} integrations"):
        tried = _try_all(names)
    problems = problems_of(tried) + ([] if only else never_caught(names))
    console.print(table(tried))
    console.print(f"{_HIT} caught by its check  {_MARKS['passed']} passed  (blank) not exercised", end="  ")
    console.print(f"{_STRAY} caught by another  {_MISS} not caught")
    for problem in problems:
        console.print(Text(problem))
    console.print(f"{len(tried)} integrations, {len(CHECKS)} checks, {len(problems)} problems")
    sys.exit(1 if problems else 0)
