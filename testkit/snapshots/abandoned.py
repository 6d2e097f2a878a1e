"""Stored snapshots whose tests are gone, folder and all: no run collects there, so none could find them unused."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from testkit.snapshots.decoding import MalformedSnapshot, parse
from testkit.snapshots.files import read_text
from testkit.snapshots.pending import origin_path
from testkit.snapshots.unused import FOLDER
from testkit.snapshots.variants import stored_files


def find_abandoned(folders: Iterable[Path], ignored: Sequence[str]) -> list[Path]:
    """The span snapshots below these folders with no Python file beside their own folder.

    `ignored` are patterns of folders that are not looked into. What is called `snapshots` may be another tool's, so
    only a file that is a snapshot of spans counts.
    """
    found = {path for folder in folders for path in _below(folder, ignored)}
    return sorted(found)


def _below(folder: Path, ignored: Sequence[str]) -> Iterator[Path]:
    for place, names, files in os.walk(folder):
        names[:] = [name for name in names if not any(fnmatch(name, pattern) for pattern in ignored)]
        if "pyvenv.cfg" in files:
            names.clear()
        elif FOLDER in names and not any(name.endswith(".py") for name in files):
            for file in stored_files(Path(place, FOLDER)):
                # What awaits a decision lies in such folders, too, wherever it was brought to.
                if not origin_path(file.path).exists() and _is_snapshot(file.path):
                    yield file.path


def _is_snapshot(path: Path) -> bool:
    try:
        return bool(parse(read_text(path), path.name).children)
    except MalformedSnapshot:
        return False
