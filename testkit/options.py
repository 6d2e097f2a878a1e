"""Options that commands have in common."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import click

from testkit.nearest import nearest
from testkit.scaffold import ScaffoldError, find_root

ROOT_OPTION = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="The repository. By default the folder with riotfile.py, this one or above it.",
)


class OutputFile(click.Path):
    """A file that is written when all is done; refused before it begins, where it cannot be written then."""

    def __init__(self, allow_dash: bool = False) -> None:
        super().__init__(dir_okay=False, resolve_path=True, allow_dash=allow_dash, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(super().convert(value, param, ctx))
        if self.allow_dash and path == Path("-"):
            return path
        if not path.parent.is_dir():
            self.fail(f"{path}: there is no folder {path.parent}", param, ctx)
        # A device or a pipe would be replaced by a file, and not be written to.
        if path.exists() and not path.is_file():
            self.fail(f"{path}: expected a file, found something else of that name", param, ctx)
        try:
            TemporaryFile(dir=path.parent).close()
        except OSError as error:
            self.fail(f"{path}: no file can be written there: {error.strerror}", param, ctx)
        return path


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
