"""What a run received instead of what is stored, kept until somebody has decided.

It lies in a folder that is laid out as the project is: `<pending>/tests/contrib/redis/snapshots/get.json` would become
`tests/contrib/redis/snapshots/get.json`. Beside it, `get.diff` is the whole report, and `get.origin` says what the
run was of. An origin alone stands for a stored snapshot that no test uses.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from testkit.snapshots.files import read_text, write_whole
from testkit.snapshots.model import SnapshotError

FOLDER = Path(".testkit") / "pending"
FORMAT = 1
_AGAIN = "run its tests again"


class StalePending(SnapshotError):
    """A pending snapshot of another commit, or of another stored file, than those that are here."""


@dataclass(frozen=True)
class Origin:
    """What a run was of: the commit, and the digest of the stored file, each empty where there was none.

    `refused` says why the snapshot cannot be stored, as far as only the run could tell.
    """

    commit: str
    stored: str
    refused: tuple[str, ...] = ()
    format: int = FORMAT

    def write(self, received: Path) -> None:
        """Put it beside what was received."""
        write_whole(origin_path(received), json.dumps(asdict(self), indent=2) + "\n")


@dataclass(frozen=True)
class Pending:
    """One snapshot that awaits a decision: the file in the project, what was received, and of what."""

    name: str
    stored: Path
    received: Path
    origin: Origin

    @property
    def is_unused(self) -> bool:
        """True for a stored snapshot that no test uses."""
        return not self.received.exists()

    @property
    def integration(self) -> str:
        """The folder of the tests."""
        return self.stored.parent.parent.name

    def require_current(self, commit: str) -> None:
        """Raise StalePending unless it is of this commit and of the stored file that is there."""
        if self.origin.commit != commit:
            raise StalePending(
                f"{self.name}: it is of {_shown(self.origin.commit)}, here is {_shown(commit)}; {_AGAIN}"
            )
        if self.origin.stored != digest(self.stored):
            raise StalePending(f"{self.name}: the stored file is not the one that it was compared with; {_AGAIN}")

    def forget(self) -> None:
        """Remove it; the stored file stays as it is."""
        forget(self.received)


def origin_path(received: Path) -> Path:
    """Where the origin is written of what was received."""
    return received.with_name(f"{received.stem}.origin")


def report_path(received: Path) -> Path:
    """Where the whole report is written of what was received."""
    return received.with_name(f"{received.stem}.diff")


def forget(received: Path) -> None:
    """Remove what an earlier run left."""
    for path in (received, report_path(received), origin_path(received)):
        path.unlink(missing_ok=True)


def digest(path: Path) -> str:
    """The digest of a file, empty where there is none."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


@cache
def commit_of(root: Path) -> str:
    """The commit that is checked out, empty where git knows of none."""
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def find_pending(root: Path, folder: Path) -> list[Pending]:
    """Everything pending in a folder, by name; SnapshotError for what is no pending snapshot.

    The folder may come from elsewhere: nothing outside of the project's snapshots can be meant by it.
    """
    return list(_found(root.resolve(), folder)) if folder.is_dir() else []


def _found(root: Path, folder: Path) -> Iterator[Pending]:
    for path in sorted(folder.rglob("*.origin")):
        received = path.with_name(f"{path.stem}.json")
        name = received.relative_to(folder).as_posix()
        stored = root / name
        _require_snapshot(root, stored, [path, received], name)
        origin = _read_origin(path, name)
        pending = Pending(name, stored, received, origin)
        if stored.exists() or not pending.is_unused:
            yield pending


def _require_snapshot(root: Path, stored: Path, pending: Sequence[Path], name: str) -> None:
    inside = stored.parent.name == "snapshots" and stored.resolve().is_relative_to(root)
    if not inside or any(path.is_symlink() for path in [*pending, stored]):
        raise SnapshotError(f"{name}: expected a file in a folder `snapshots` of {root}, and no link; delete it")


def _read_origin(path: Path, name: str) -> Origin:
    expected = f"{name}: expected an origin of format {FORMAT} in {path.name}"
    try:
        content = json.loads(read_text(path))
    except ValueError as error:
        raise SnapshotError(f"{expected}: {error}; {_AGAIN}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        shown = content.get("format") if isinstance(content, dict) else content
        raise SnapshotError(f"{expected}, found {str(shown)[:60]!r}; it is of another testkit: {_AGAIN}")
    refused = content.get("refused")
    texts = [content.get("commit"), content.get("stored"), *(refused if isinstance(refused, list) else [None])]
    if not all(isinstance(text, str) for text in texts):
        raise SnapshotError(f"{expected}, with the texts commit and stored and the list refused; {_AGAIN}")
    return Origin(texts[0], texts[1], tuple(texts[2:]))


def _shown(commit: str) -> str:
    return f"commit {commit[:10]}" if commit else "no commit"
