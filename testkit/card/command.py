"""``python -m testkit check``: all checks and tests of one integration, and its report card."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from ddtrace.contrib import _registry
from testkit.card import markdown, terminal
from testkit.card.record import Card, CardError, as_json, from_json, read_mutation, read_upstream
from testkit.options import ROOT_OPTION, OutputFile, tests_of
from testkit.scaffold import ScaffoldError, find_root

_WIDTH = 160
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
@ROOT_OPTION
@click.option("--json", "json_path", type=OutputFile(), help="Write the card there, for programs.")
@click.option(
    "--markdown", "markdown_path", type=OutputFile(), help="Write the pull request's checklist there, filled in."
)
@click.option("--mutation", type=_FILE, help="What `mutate NAME --json` wrote, to be on the card, too.")
@click.option("--upstream", type=_FILE, help="What `upstream NAME --json` wrote, to be on the card, too.")
def check(
    name: str,
    pytest_arguments: tuple[str, ...],
    root: Path | None,
    json_path: Path | None,
    markdown_path: Path | None,
    mutation: Path | None,
    upstream: Path | None,
) -> None:
    """Run all checks and tests of the integration NAME, and print its report card; further arguments go to pytest.

    In the folder of another distribution, which brings an integration of its own, its folder `tests` is run.
    """
    try:
        caught = read_mutation(mutation) if mutation else None
        compared = read_upstream(upstream) if upstream else None
        root, tests = _tests_of(name, root)
    except CardError as error:
        raise click.UsageError(str(error)) from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cards.json")
        command = [sys.executable, "-m", "pytest", str(tests.relative_to(root)), "--card", str(path)]
        run = subprocess.run([*command, *pytest_arguments], cwd=root)
        cards = from_json(path.read_text(encoding="utf-8")) if path.exists() else []
    for card in cards:
        if card.integration == name:
            _show(replace(card, mutation=caught, upstream=compared), json_path, markdown_path)
    sys.exit(run.returncode)


def _tests_of(name: str, root: Path | None) -> tuple[Path, Path]:
    """The folder to run pytest in, and that of the integration's tests."""
    try:
        root = root or find_root(Path.cwd())
    except ScaffoldError as error:
        return _tests_of_another_distribution(name, error)
    return root, tests_of(name, root)


def _tests_of_another_distribution(name: str, error: ScaffoldError) -> tuple[Path, Path]:
    root = Path.cwd()
    if not any(root.glob("tests/**/scenarios.py")):
        raise CardError(f"{error}; or to the folder of a package with tests/scenarios.py")
    try:
        _registry.find(name)
    except _registry.UnknownIntegrationError as unknown:
        group = _registry.ENTRY_POINT_GROUP
        raise CardError(f"{unknown}; your own is an entry point of the group {group}: `pip install -e .`") from None
    return root, root / "tests"


def _show(card: Card, json_path: Path | None, markdown_path: Path | None) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    console.print(terminal.render(card))
    if json_path is not None:
        json_path.write_text(as_json([card]), encoding="utf-8")
    if markdown_path is not None:
        markdown_path.write_text(markdown.render(card), encoding="utf-8")
