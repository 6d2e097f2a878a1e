"""Options that commands have in common."""

from __future__ import annotations

from pathlib import Path

import click

from testkit.nearest import nearest
from testkit.scaffold import ScaffoldError, find_root

ROOT_OPTION = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="The repository. By default the folder with riotfile.py, this one or above it.",
)


def root_or_here(root: Path | None) -> Path:
    """The repository that is named, or the one that this folder is in; raises UsageError where it is in none."""
    try:
        return root or find_root(Path.cwd())
    except ScaffoldError as error:
        raise click.UsageError(str(error)) from None


def tests_of(name: str, root: Path) -> Path:
    """The folder with an integration's scenarios; raises UsageError, with the nearest name, where there is none."""
    folder = root / "tests" / "contrib" / name
    if not (folder / "scenarios.py").exists():
        known = [path.parent.name for path in folder.parent.glob("*/scenarios.py")]
        raise click.UsageError(f"there is no {folder.relative_to(root)}/scenarios.py; {nearest(name, known)}")
    return folder
