"""``python -m benchmarks.services``: how long services take to start, and to be used once they run.

Each start is measured in a fresh process, by each provider that can serve on this machine; a second process then joins
the running server. The state folder is a new one, so that the first start also makes what later ones find ready.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.table import markdown_table
from testkit.fixtures import SERVICES
from testkit.fixtures.engine import Engine
from testkit.fixtures.inventory import chances
from testkit.fixtures.service import wait_until
from testkit.nearest import nearest

ROUNDS = 5
WARM_MS = 30
DOCUMENT = Path(__file__).parents[1] / "docs" / "services.md"
BEGIN, END = "<!-- begin: python -m benchmarks.services --write -->", "<!-- end -->"
_REMOVAL_TIMEOUT_S = 30


@dataclass(frozen=True)
class Budget:
    """Milliseconds that the machine's own server may take: the first start here, and any later one."""

    first_ms: int
    cold_ms: int


BUDGETS = {
    "redis": Budget(150, 150),
    "memcached": Budget(150, 150),
    "postgres": Budget(1500, 300),
    "mariadb": Budget(5000, 5000),
}

USER = """
import json, sys, time
from testkit.fixtures import SERVICES
from testkit.fixtures.lease import keep, let_go
from testkit.fixtures.providers import serve
from testkit.fixtures.service import ServiceError

service, provider, afterwards = sys.argv[1:]
began = time.perf_counter()
try:
    with serve(SERVICES[service], provider) as found:
        taken_ms = (time.perf_counter() - began) * 1e3
        folder = found.log.parent
        {"keep": keep, "let_go": let_go}[afterwards](folder)
        print(json.dumps([taken_ms, found.reused, found.version, str(folder)]))
except ServiceError as error:
    sys.exit(f"{service}, {provider}: {error}")
"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One service by one provider: the first start, and the fastest of the later ones and of the reuses."""

    service: str
    provider: str
    version: str
    first_ms: float
    cold_ms: float
    warm_ms: float

    @property
    def misses(self) -> list[str]:
        """The budgets that are not kept, in words."""
        bounds = [("warm", self.warm_ms, WARM_MS)]
        if self.provider == "local" and (budget := BUDGETS.get(self.service)):
            bounds += [("first", self.first_ms, budget.first_ms), ("cold", self.cold_ms, budget.cold_ms)]
        return [f"{name} {found:.0f} > {most}" for name, found, most in bounds if found > most]

    @property
    def budget(self) -> str:
        """What it is held against."""
        budget = BUDGETS.get(self.service) if self.provider == "local" else None
        if budget is None:
            return f"warm {WARM_MS}"
        cold = {budget.first_ms, budget.cold_ms}
        return f"{', then '.join(map(str, sorted(cold, reverse=True)))}; warm {WARM_MS}"


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0, or 1 where a budget is not kept."""
    options = parse(argv)
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TMPDIR": folder}
        measured = [
            measure(service, provider, options.rounds, environment) for service, provider in wanted(options.services)
        ]
    text = f"{headline(options.rounds)}\n\n{table(measured)}"
    print(text)
    if options.write:
        DOCUMENT.write_text(replace_generated(DOCUMENT.read_text(), text))
    misses = [f"{each.service} ({each.provider}): {miss}" for each in measured for miss in each.misses]
    print(*misses, sep="\n", file=sys.stderr)
    return 1 if misses else 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.services", description=__doc__.splitlines()[0])
    parser.add_argument("services", nargs="*", type=known_name, help="by default all of them")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"starts of each (default {ROUNDS})")
    parser.add_argument("--write", action="store_true", help="replace the table in docs/services.md")
    return parser.parse_args(argv)


def known_name(name: str) -> str:
    if name not in SERVICES:
        raise argparse.ArgumentTypeError(f"there is no service {name!r}; {nearest(name, SERVICES)}")
    return name


def wanted(names: list[str]) -> list[tuple[str, str]]:
    """The services by those providers which can serve here."""
    with Engine() as engine:
        found = {name: chances(SERVICES[name], engine) for name in names or SERVICES}
    return [
        (name, each.provider)
        for name, listed in found.items()
        for each in listed
        if each.can_serve and each.provider != "url"
    ]


def measure(service: str, provider: str, rounds: int, environment: dict[str, str]) -> Measured:
    """Start it so many times, after a first one; raises CalledProcessError where it does not start."""
    print(f"{service} ({provider})", file=sys.stderr, flush=True)
    starts_ms, reuses_ms, version = [], [], ""
    for _ in range(rounds + 1):
        # It stays between the two, so that one with a single user can be joined, too.
        start_ms, is_reuse, version, folder = use(service, provider, "keep", environment)
        assert not is_reuse, folder
        reuse_ms, is_reuse, _, _ = use(service, provider, "let_go", environment)
        assert is_reuse, folder
        starts_ms.append(start_ms)
        reuses_ms.append(reuse_ms)
        _wait_for_removal(Path(folder))
    return Measured(
        service=service,
        provider=provider,
        version=version,
        first_ms=starts_ms[0],
        cold_ms=min(starts_ms[1:]),
        warm_ms=min(reuses_ms),
    )


def _wait_for_removal(folder: Path) -> None:
    wait_until(lambda: not folder.exists(), _REMOVAL_TIMEOUT_S, f"waiting for the removal of {folder}")


def use(service: str, provider: str, afterwards: str, environment: dict[str, str]) -> list[Any]:
    """What a process that uses it says: milliseconds until it had it, whether it ran, its version and its folder."""
    command = [sys.executable, "-c", USER, service, provider, afterwards]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True).stdout)


def headline(rounds: int) -> str:
    return f"{datetime.date.today().isoformat()}, {describe_machine()}; the fastest of {rounds}, in milliseconds."


def table(measured: list[Measured]) -> str:
    lines = [
        [
            each.service,
            each.provider,
            each.version,
            *(f"{value:.0f}" for value in (each.first_ms, each.cold_ms)),
            f"{each.warm_ms:.1f}",
            each.budget,
            "; ".join(each.misses) or "yes",
        ]
        for each in measured
    ]
    return markdown_table(["service", "provider", "version", "first start", "start", "reuse", "budget", "kept"], lines)


def replace_generated(document: str, text: str) -> str:
    """The document with the text between its marks; raises ValueError where it has none."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"expected the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main())
