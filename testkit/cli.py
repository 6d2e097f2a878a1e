"""The kit's command line: ``python -m testkit <command>``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from testkit import scaffold
from testkit.fixtures.commands import services
from testkit.nearest import nearest

ROOT_OPTION = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="The repository. By default the folder with riotfile.py, this one or above it.",
)


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Begin integrations, and prove them."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@main.command()
@click.argument("name")
@click.option("--distribution", required=True, help="Its name on the package index: pip install DISTRIBUTION.")
@click.option("--module", required=True, help="What a program imports.")
@click.option("--service", "services", multiple=True, help="A service that its tests need; may be repeated.")
@click.option("--target", default="", help="The function to wrap, in MODULE: CLASS.METHOD, or FUNCTION.")
@click.option("--call", default="", help="An expression that calls it, such as 'jinja2.Template(\"hi\").render()'.")
@ROOT_OPTION
def new(
    name: str, distribution: str, module: str, services: tuple[str, ...], target: str, call: str, root: Path | None
) -> None:
    """Begin the integration NAME: declaration, targets, scenarios and tests.

    What it writes passes lint and all checks as it is. Without --target and --call it traces nothing yet, and says
    what could be traced.
    """
    request = scaffold.Request(
        name=name,
        distribution=distribution,
        module=module,
        services=tuple(dict.fromkeys(services)),
        target=target,
        call=call.strip(),
    )
    try:
        root = root or scaffold.find_root(Path.cwd())
        begun = scaffold.begin(request, root)
    except scaffold.ScaffoldError as error:
        raise click.UsageError(str(error)) from None
    for path in begun.paths:
        click.echo(f"made {path.relative_to(root)}")
    click.echo("\n".join(["", *_next_steps(request, begun)]))


def _next_steps(request: scaffold.Request, begun: scaffold.Begun) -> list[str]:
    if not begun.is_skeleton:
        return [
            "store what its spans look like, then prove it:",
            f"  python -m testkit check {request.name} --snapshot-update",
            f"  python -m testkit check {request.name}",
        ]
    steps = ["it traces nothing yet: fill in the declaration, the targets and the scenarios; then prove it:"]
    steps.append(f"  python -m testkit check {request.name} --snapshot-update")
    if begun.candidates:
        steps += [
            "or delete both folders, and begin again with one of these as --target, and a --call of it:",
            *(f"  {name}" for name in begun.candidates),
        ]
    return steps


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
@ROOT_OPTION
def check(name: str, pytest_arguments: tuple[str, ...], root: Path | None) -> None:
    """Run all checks and tests of the integration NAME; further arguments go to pytest."""
    root, folder = _tests_of(name, root)
    run = subprocess.run([sys.executable, "-m", "pytest", str(folder.relative_to(root)), *pytest_arguments], cwd=root)
    sys.exit(run.returncode)


@main.command()
@click.argument("name")
@click.option("--operator", "operators", multiple=True, help="Only mutants of this operator; may be repeated.")
@click.option("--only", default="", metavar="FILE[:LINE]", help="Only mutants of this file, or of this line.")
@click.option("--at-least", default=95.0, show_default=True, help="Fail where less than these percent are caught.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Store the score there.")
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1), help="Mutants tried at a time.")
@click.option("--timeout", "timeout_s", default=60.0, show_default=True, help="Seconds that a check may take.")
@click.option("--quiet", is_flag=True, help="Say nothing of the mutants that are caught.")
@ROOT_OPTION
def mutate(name: str, at_least: float, json_path: Path | None, root: Path | None, **options: Any) -> None:
    """Break the integration NAME on purpose, one change at a time, and list the changes that nothing notices.

    Its checks and tests run on each mutant until one of them fails. No file is changed.
    """
    # Not on top: it imports pytest and the checks.
    from testkit.mutation import command

    root, folder = _tests_of(name, root)
    score = command.mutate(root, folder, **options)
    if json_path is not None:
        command.write_json(score, json_path)
    if score.percent < at_least:
        raise click.ClickException(f"{score.percent:.1f} % of the mutants are caught, expected are {at_least:g} %")


def _tests_of(name: str, root: Path | None) -> tuple[Path, Path]:
    """The repository, and the folder with an integration's scenarios; raises UsageError where there is none."""
    try:
        root = root or scaffold.find_root(Path.cwd())
    except scaffold.ScaffoldError as error:
        raise click.UsageError(str(error)) from None
    folder = root / "tests" / "contrib" / name
    if not (folder / "scenarios.py").exists():
        raise click.UsageError(
            f"there is no {folder.relative_to(root)}/scenarios.py; {nearest(name, _integrations(folder.parent))}"
        )
    return root, folder


def _integrations(parent: Path) -> list[str]:
    return [path.parent.name for path in parent.glob("*/scenarios.py")]


main.add_command(services)
