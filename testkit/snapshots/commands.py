"""``python -m testkit snapshots``: decide about what the tests have received instead of what is stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from testkit.options import ROOT_OPTION, OutputFile, root_or_here
from testkit.snapshots import markdown, page
from testkit.snapshots.changes import MEANING, Class, Group
from testkit.snapshots.decisions import NO_TOGETHER, Review
from testkit.snapshots.files import write_whole
from testkit.snapshots.listing import as_record, as_table, shown
from testkit.snapshots.model import SnapshotError
from testkit.snapshots.pending import FOLDER
from testkit.snapshots.screen import run_review

PAGE = "snapshots.html"

_PENDING_OPTION = click.option(
    "--pending",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help=f"Where it lies, such as what CI has kept. By default {FOLDER}, where pytest leaves it.",
)
_JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
_ALL_OPTION = click.option(
    "--all", "everything", is_flag=True, help="All groups, but for breaking ones to be accepted."
)


@click.group()
def snapshots() -> None:
    """Review what the tests have received instead of the stored snapshots.

    Identical changes are one group: one decision, however many snapshots it is about.
    """


def _reviewing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the review, and end it with the message where a snapshot is not what it should be."""

    @wraps(command)
    def run(root: Path | None, pending: Path | None, **options: Any) -> None:
        root = root_or_here(root)
        try:
            command(Review(root, pending or root / FOLDER), **options)
        except SnapshotError as error:
            raise click.ClickException(str(error)) from None

    return _PENDING_OPTION(ROOT_OPTION(run))


@snapshots.command("list")
@_JSON_OPTION
@_reviewing
def list_groups(review: Review, as_json: bool) -> None:
    """Show the groups, and what stands against accepting them."""
    groups = review.groups()
    if as_json:
        click.echo(json.dumps([as_record(each, review.obstacles(each)) for each in groups], indent=2))
    elif groups:
        click.echo(shown(as_table(groups, review)))
    else:
        click.echo("nothing is pending")


@snapshots.command("review")
@_reviewing
def review_groups(review: Review) -> None:
    """Decide group by group, on the whole screen."""
    if not review.groups():
        click.echo("nothing is pending")
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.ClickException("expected a terminal; use list, accept and reject instead")
    path = review.root / FOLDER.parent / PAGE
    decided = run_review(review, lambda groups: _write_page(groups, path))
    click.echo(", ".join(f"{count} {name}" for name, count in decided.items()))


@snapshots.command()
@click.argument("names", metavar="[GROUP]...", nargs=-1)
@click.option(
    "--class",
    "kinds",
    type=click.Choice([kind.value for kind in Class]),
    multiple=True,
    help="All groups of it: " + "; ".join(f"{kind}: {meaning}" for kind, meaning in MEANING.items()) + ".",
)
@_ALL_OPTION
@_JSON_OPTION
@_reviewing
def accept(review: Review, names: tuple[str, ...], kinds: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Store what was received, and delete what no test uses. A breaking group is only accepted by its name."""
    if NO_TOGETHER in kinds:
        raise click.UsageError(f"--class={NO_TOGETHER} is refused: name each group that `snapshots list` shows")
    if everything:
        kinds = tuple(kind for kind in Class if kind is not NO_TOGETHER)
    groups = _selected(review, names, kinds, everything)
    _tell("accepted", review, review.accept(groups), groups, as_json)


@snapshots.command()
@click.argument("names", metavar="[GROUP]...", nargs=-1)
@click.option("--class", "kinds", type=click.Choice([kind.value for kind in Class]), multiple=True)
@click.option("--all", "everything", is_flag=True, help="All groups.")
@_JSON_OPTION
@_reviewing
def reject(review: Review, names: tuple[str, ...], kinds: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Forget what was received; what is stored stays."""
    groups = _selected(review, names, tuple(Class) if everything else kinds, everything)
    _tell("rejected", review, review.reject(groups), groups, as_json)


@snapshots.command()
@click.option("--html", type=OutputFile(), help="Write one page there.")
@click.option("--markdown", "text", type=OutputFile(allow_dash=True), help="- prints it.")
@_reviewing
def report(review: Review, html: Path | None, text: Path | None) -> None:
    """Write what is pending for others to read: as a page, and as a pull request's comment."""
    if html is None and text is None:
        raise click.UsageError("expected --html FILE or --markdown FILE, or both")
    groups = review.groups()
    if html is not None:
        _write_page(groups, html)
        click.echo(f"wrote {html}", err=True)
    if text == Path("-"):
        click.echo(markdown.render(groups), nl=False)
    elif text is not None:
        write_whole(text, markdown.render(groups))
        click.echo(f"wrote {text}", err=True)


def _write_page(groups: list[Group], path: Path) -> Path:
    write_whole(path, page.render(groups))
    return path


def _selected(review: Review, names: tuple[str, ...], kinds: tuple[str, ...], everything: bool) -> list[Group]:
    if not (names or kinds or everything):
        raise click.UsageError("expected the names of groups, --class or --all; `snapshots list` shows the groups")
    return review.select(names, kinds)


def _tell(done: str, review: Review, paths: list[Path], groups: list[Group], as_json: bool) -> None:
    files = [path.relative_to(review.root.resolve()).as_posix() for path in paths]
    if as_json:
        click.echo(json.dumps({done: files, "groups": [group.name for group in groups]}, indent=2))
        return
    click.echo(f"{done} {len(groups)} groups, {len(files)} snapshots")
    if left := [group.name for group in review.groups()]:
        click.echo(f"left to decide: {', '.join(left)}")
