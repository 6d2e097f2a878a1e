"""Which stored file is meant: the name of a test, and the installed version of a distribution.

`get@redis<6.json` is taken instead of `get.json` when the installed redis is older than 6.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from testkit.snapshots.model import SnapshotError

Installed = Callable[[str], str | None]
_LONGEST_NAME = 120


def installed_version(distribution: str) -> str | None:
    """The version of an installed distribution, None when it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def file_stem(name: str) -> str:
    """The name of a test as a file name: no separators, not hidden, of bounded length.

    A name that had to be changed gets a digest, so that two names never share a file.
    """
    if not name:
        raise ValueError("a snapshot needs a name, found none")
    stem = re.sub(r"[^A-Za-z0-9_.,=+\[\]-]", "_", name).lstrip(".")[:_LONGEST_NAME]
    return stem if stem == name else f"{stem}-{sha256(name.encode(errors='replace')).hexdigest()[:8]}"


@dataclass(frozen=True)
class StoredFile:
    """A stored file by its name: `name[@distribution specifier].json`."""

    path: Path

    @property
    def stem(self) -> str:
        """What the test's name became, without the variant."""
        return self.path.stem.partition("@")[0]

    @property
    def is_variant(self) -> bool:
        """True when the file is for some versions of a distribution only."""
        return "@" in self.path.stem

    def is_for(self, installed: Installed) -> bool:
        """True when the file holds for what is installed; SnapshotError when its name is wrong."""
        if not self.is_variant:
            return True
        variant = self.path.stem.partition("@")[2]
        try:
            wanted = Requirement(variant)
        except InvalidRequirement:
            wanted = None
        if wanted is None or not wanted.specifier or wanted.marker or wanted.extras or wanted.url:
            raise SnapshotError(
                f"{self.path}: expected a distribution with a version specifier behind the @, as "
                f"in get@redis<6.json, found {variant!r}; rename the file"
            )
        version = installed(wanted.name)
        return version is not None and wanted.specifier.contains(version, prereleases=True)


def stored_files(folder: Path) -> list[StoredFile]:
    """Every stored snapshot of a folder, by name."""
    return [StoredFile(path) for path in sorted(folder.glob("*.json"))]


def choose(folder: Path, stem: str, installed: Installed) -> Path:
    """The file to compare with, whether it exists or not; SnapshotError when two would do."""
    mine = [file for file in stored_files(folder) if file.stem == stem and file.is_variant]
    matching = [file.path for file in mine if file.is_for(installed)]
    if len(matching) > 1:
        names = " and ".join(path.name for path in matching)
        raise SnapshotError(f"{names} in {folder} all match what is installed; narrow one of the specifiers")
    return matching[0] if matching else folder / f"{stem}.json"
