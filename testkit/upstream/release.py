"""A library's sdist, with the very hash that was declared."""

from __future__ import annotations

import hashlib
import re
import shutil
import tarfile
from pathlib import Path

from testkit.upstream import Upstream
from testkit.upstream.environment import pip
from testkit.upstream.errors import UpstreamError


def fetch(distribution: str, upstream: Upstream, folder: Path) -> Path:
    """The path of the release's sdist, which pip puts into the folder unless it is there.

    Raises UpstreamError where the release cannot be had, or has another hash.
    """
    name = f"the sdist of {distribution} {upstream.version}"
    for found in folder.glob("*.tar.gz"):
        if hashlib.sha256(found.read_bytes()).hexdigest() == upstream.sha256:
            return found
    shutil.rmtree(folder, ignore_errors=True)
    _download(name, f"{distribution} {_source(upstream)} --hash=sha256:{upstream.sha256}\n", upstream.sha256, folder)
    for found in folder.glob("*.tar.gz"):
        return found
    raise UpstreamError(f"{name} is {[path.name for path in folder.iterdir()]}; expected a .tar.gz")


def _source(upstream: Upstream) -> str:
    return f"@ {Path(upstream.sdist).resolve().as_uri()}" if upstream.sdist else f"=={upstream.version}"


def _download(name: str, requirement: str, declared: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    wanted = folder / "wanted.txt"
    wanted.write_text(requirement)
    try:
        # pip compares the hash before it executes anything of the release.
        pip("download", "--quiet", "--no-deps", "--no-binary=:all:", f"--dest={folder}", f"--requirement={wanted}")
    except UpstreamError as error:
        got = re.search(r"^\s*Got\s+(\w{64})$", str(error), re.MULTILINE)
        if got is None:
            raise UpstreamError(f"{name} cannot be had: {error}") from None
        raise UpstreamError(
            f"{name} has the sha256 {got[1]}, and {declared} is declared. Where the first is right, declare it; else "
            "somebody has changed the release"
        ) from None


def unpack(sdist: Path, folder: Path) -> Path:
    """Unpack an sdist into a folder, and return the one folder that is in it."""
    with tarfile.open(sdist) as archive:
        # The first releases of Python 3.11 have no filters yet.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        archive.extractall(folder)
    (inner,) = folder.iterdir()
    return inner
