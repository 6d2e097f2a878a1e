"""``python -m benchmarks``: measure, print the tables, and write them down where that is asked for."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime
import json
import sys
import time
from pathlib import Path

from benchmarks import environments
from benchmarks.drive import FULL, TINY, Effort, Player, Servers, measure
from benchmarks.environments import OURS, EnvironmentFailedError
from benchmarks.figures import Measurement
from benchmarks.machine import describe_machine
from benchmarks.report import Report
from benchmarks.rows import GROUPS, ROWS, Row
from benchmarks.servers import agent, service


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0, or 1 where a work failed, or 2 where an environment could not be made."""
    options = parse(argv)
    rows = [row for row in ROWS if row.group in options.rows]
    began_s = time.monotonic()
    try:
        players = make_players([OURS, *options.peers], options)
    except EnvironmentFailedError as error:
        print(error, file=sys.stderr)
        return 2
    measurements = measure_all(rows, players, effort_of(options))
    report = Report(
        rows=rows,
        measurements=measurements,
        versions={player.name: player.version for player in players},
        date=datetime.date.today().isoformat(),
        machine=describe_machine(),
        python=environments.run([players[0].python, "-V"], "no version").strip(),
        duration_s=time.monotonic() - began_s,
        is_tiny=options.tiny,
    )
    print(report.as_markdown())
    if options.markdown:
        options.markdown.write_text(report.as_markdown() + "\n")
    if options.json:
        options.json.write_text(json.dumps(report.as_json(), indent=1) + "\n")
    for failure in report.failures:
        print(failure, file=sys.stderr)
    return 1 if report.failures else 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    peers = [name for name in environments.contestants() if name != OURS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What tracing costs, beside the peers.")
    parser.add_argument("--rows", type=one_of("row", GROUPS), default=GROUPS, help=f"some of {','.join(GROUPS)}")
    parser.add_argument(
        "--peers", type=one_of("peer", peers), default=peers, help=f"some of {','.join(peers)}, or none"
    )
    parser.add_argument("--rounds", type=positive, help=f"processes a figure (default {FULL.rounds})")
    parser.add_argument("--tiny", action="store_true", help="as little as possible; the figures mean nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write what is printed")
    parser.add_argument("--python", help=f"what environments are made of (default {environments.PYTHON})")
    parser.add_argument(
        "--own-python", metavar="PYTHON", help="run ours in an environment that is there, with all it needs"
    )
    return parser.parse_args(argv)


def one_of(what: str, known: tuple[str, ...] | list[str]):
    """Reads a list with commas between; ``none`` is an empty one."""

    def read(text: str) -> list[str]:
        names = [] if text == "none" else text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"there is no {what} {name!r}; expected some of {', '.join(known)}")
        return names

    return read


def positive(text: str) -> int:
    """Reads a whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got {text!r}")
    return int(text)


def effort_of(options: argparse.Namespace) -> Effort:
    effort = TINY if options.tiny else FULL
    return dataclasses.replace(effort, rounds=options.rounds) if options.rounds else effort


def make_players(names: list[str], options: argparse.Namespace) -> list[Player]:
    cache = environments.cache_folder()

    def python_of(name: str) -> str:
        if name == OURS and options.own_python:
            return options.own_python
        return environments.environment(name, options.python or environments.find_python(), cache)

    return [Player(name, python_of(name), environments.environment_variables(name)) for name in names]


def measure_all(rows: list[Row], players: list[Player], effort: Effort) -> dict[str, dict[str, Measurement]]:
    """Each work once, by its key, even where two rows read it."""
    works = {row.work.key: row.work for row in rows}
    measurements = {}
    with contextlib.ExitStack() as running:
        agent_url = running.enter_context(agent())
        names = {work.service for work in works.values()} - {None}
        service_urls = {name: running.enter_context(service(name)) for name in sorted(names)}
        for key, work in works.items():
            began_s = time.monotonic()
            measurements[key] = measure(work, players, effort, Servers(agent_url, service_urls))
            print(f"{key}: {time.monotonic() - began_s:.1f} s", file=sys.stderr, flush=True)
    return measurements


if __name__ == "__main__":
    sys.exit(main())
