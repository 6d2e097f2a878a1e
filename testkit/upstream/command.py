"""``python -m testkit upstream``."""

from __future__ import annotations

import json
import runpy
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from ddtrace.contrib._registry import UnknownIntegrationError, find
from testkit.nearest import nearest
from testkit.options import ROOT_OPTION, OutputFile, root_or_here
from testkit.upstream import Upstream
from testkit.upstream.differential import Watch, measure
from testkit.upstream.errors import UpstreamError
from testkit.upstream.report import show

_WIDTH = 120


class NoVerdict(click.ClickException):
    """The two sides could not be compared."""

    exit_code = 2


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--json", "json_path", type=OutputFile(), help="Write all of it there, too.")
@ROOT_OPTION
def upstream(name: str, pytest_arguments: tuple[str, ...], json_path: Path | None, root: Path | None) -> None:
    """Run the suite of NAME's library, twice untraced and twice traced; further arguments go to pytest.

    Exits with 1 where a test fails only with tracing, and with 2 where the two could not be compared.
    """
    declared = load(name, root_or_here(root))
    # What ends this ends the suite, too: it is in a process group of its own.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with _progress() as watch:
        try:
            found = measure(find(name), declared, pytest_arguments, watch)
        except UpstreamError as error:
            raise NoVerdict(str(error)) from None
    if json_path:
        json_path.write_text(json.dumps(found.as_json(), indent=1) + "\n")
    show(found, Console() if sys.stdout.isatty() else Console(width=_WIDTH))
    sys.exit(0 if found.is_clean else 1)


@contextmanager
def _progress() -> Iterator[Watch]:
    """Shows in one line what is done; where nobody watches a terminal, a line for each step."""
    console = Console(stderr=True)
    said = set()
    with console.status("") as status:

        def watch(doing: str, tests: int) -> None:
            if console.is_terminal:
                status.update(f"{doing}, {tests} tests" if tests else doing)
            elif doing not in said:
                said.add(doing)
                click.echo(f"{doing} ...", err=True)

        yield watch


def load(name: str, root: Path) -> Upstream:
    """What ``tests/contrib/<name>/upstream.py`` declares; raises UsageError, with the nearest, where there is none."""
    folder = root / "tests" / "contrib"
    path = folder / name / "upstream.py"
    if not path.exists():
        known = [each.parent.name for each in folder.glob("*/upstream.py")]
        raise click.UsageError(f"there is no {path.relative_to(root)}; {nearest(name, known)}")
    try:
        find(name)
    except UnknownIntegrationError as error:
        raise click.UsageError(str(error)) from None
    try:
        declared = runpy.run_path(str(path)).get("upstream")
    except ValueError as error:
        raise click.UsageError(f"{path.relative_to(root)}: {error}") from None
    if not isinstance(declared, Upstream):
        raise click.UsageError(f"{path.relative_to(root)}: expected an Upstream named upstream, found {declared!r}")
    return declared
