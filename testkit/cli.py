"""The kit's command line: ``python -m testkit <command>``."""

from __future__ import annotations

from pathlib import Path

import click

from testkit import scaffold
from testkit.card.command import check
from testkit.documentation import docs
from testkit.fixtures.commands import services
from testkit.mutation.command import mutate
from testkit.options import ROOT_OPTION
from testkit.pictures.command import trace
from testkit.selftest_table import selftest
from testkit.snapshots.commands import snapshots
from testkit.upstream.command import upstream


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
@click.option("--call", default="", help="An expression that calls it, such as 'markdown.Markdown().convert(\"hi\")'.")
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


DOCUMENT = ("and write its page:", "  python -m testkit docs")


def _next_steps(request: scaffold.Request, begun: scaffold.Begun) -> list[str]:
    if not begun.is_skeleton:
        return [
            "store what its spans look like, then prove it:",
            f"  python -m testkit check {request.name} --snapshot-update",
            f"  python -m testkit check {request.name}",
            *DOCUMENT,
        ]
    steps = ["it traces nothing yet: fill in the declaration, the targets and the scenarios; then prove it:"]
    steps.append(f"  python -m testkit check {request.name} --snapshot-update")
    if begun.candidates:
        steps += [
            "or delete both folders, and begin again with one of these as --target, and a --call of it:",
            *(f"  {name}" for name in begun.candidates),
        ]
    steps += DOCUMENT
    return steps


main.add_command(check)
main.add_command(docs)
main.add_command(mutate)
main.add_command(selftest)
main.add_command(snapshots)
main.add_command(trace)
main.add_command(upstream)
main.add_command(services)
