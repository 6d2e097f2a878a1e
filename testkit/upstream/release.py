"""A library's sdist, with the very hash that was declared."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

from testkit.upstream import Upstream
from testkit.upstream.environment import pip
from testkit.upstream.errors import UpstreamError


def fetch(distribution: str, upstream: Upstream, folder: Path) -> Path:
    """The path of the release's sdist, which pip puts into the folder unless it is there.

    Raises UpstreamError where the release cannot be had, or has another hash.
    """
    if found := _only_file(folder):
        return found
    source = f"@ {Path(upstream.sdist).resolve().as_uri()}" if upstream.sdist else f"=={upstream.version}"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder.with_suffix(".txt")
    # pip compares the hash before it executes anything of the release.
    wanted.write_text(f"{distribution} {source} --hash=sha256:{upstream.sha256}\n")
    name = f"the sdist of {distribution} {upstream.version}"
    try:
        pip("download", "--quiet", "--no-deps", "--no-binary=:all:", f"--dest={folder}", f"--requirement={wanted}")
    except UpstreamError as error:
        got = re.search(r"^\s*Got\s+(\w{64})$", str(error), re.MULTILINE)
        if got is None:
            raise UpstreamError(f"{name} cannot be had: {error}") from None
        raise UpstreamError(
            f"{name} has the sha256 {got[1]}, and {upstream.sha256} is declared. Where the first is right, declare it; "
            "else somebody has changed the release"
        ) from None
    return _only_file(folder) or _none(name, folder)


def _only_file(folder: Path) -> Path | None:
    return next(iter(sorted(folder.glob("*.tar.gz"))), None) if folder.is_dir() else None


def _none(name: str, folder: Path) -> Path:
    raise UpstreamError(f"{name} is no .tar.gz: pip has put {[path.name for path in folder.iterdir()]} into {folder}")


def unpack(sdist: Path, folder: Path) -> Path:
    """Unpack an sdist into a folder, and return the one folder that is in it."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (inner,) = folder.iterdir()
    return inner
