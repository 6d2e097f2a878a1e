"""Which stored snapshots no test asked for, after a run which was complete enough to tell.

A folder is judged when every test in it was collected, ran and passed. Under pytest-xdist the
workers collect and claim, and the controller, which sees every result, judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from testkit.snapshots.model import SnapshotError
from testkit.snapshots.variants import Installed, StoredFile, installed_version, stored_files

FOLDER = "snapshots"


@dataclass
class Run:
    """What one test session collected, ran and claimed."""

    claims: set[Path] = field(default_factory=set)
    collected: dict[Path, set[str]] = field(default_factory=dict)
    partial: set[Path] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    not_passed: set[str] = field(default_factory=set)
    lost_worker: bool = False

    def collect(self, path: Path, nodeid: str) -> None:
        """A test of this file will run."""
        self.collected.setdefault(path, set()).add(nodeid)

    def as_output(self) -> dict[str, Any]:
        """What a worker tells the controller, in types that can travel."""
        return {
            "claims": sorted(map(str, self.claims)),
            "collected": {str(path): sorted(ids) for path, ids in self.collected.items()},
            "partial": sorted(map(str, self.partial)),
        }

    def merge(self, output: dict[str, Any]) -> None:
        """Take over what a worker told."""
        self.claims |= {Path(path) for path in output["claims"]}
        self.partial |= {Path(path) for path in output["partial"]}
        for path, nodeids in output["collected"].items():
            self.collected.setdefault(Path(path), set()).update(nodeids)

    def find_unused(self, patterns: Sequence[str], installed: Installed = installed_version) -> list[Path]:
        """Stored files that no test claimed, of the folders which can be judged.

        `patterns` are the names of files that hold tests.
        """
        if self.lost_worker:
            return []
        folders = sorted({path.parent for path in self.collected})
        return [
            path
            for folder in folders
            if self._is_complete(folder, patterns)
            for path in self._unclaimed(folder / FOLDER, installed)
        ]

    def _is_complete(self, folder: Path, patterns: Iterable[str]) -> bool:
        files = {path for path in folder.iterdir() if any(fnmatch(path.name, p) for p in patterns)}
        tests = {nodeid for path, nodeids in self.collected.items() if path.parent == folder for nodeid in nodeids}
        return folder not in self.partial and files <= self.collected.keys() and tests <= self.passed - self.not_passed

    def _unclaimed(self, folder: Path, installed: Installed) -> Iterator[Path]:
        files = stored_files(folder)
        claimed_variants = {file.stem for file in files if file.is_variant and file.path in self.claims}
        for file in files:
            serves_others = not file.is_variant and file.stem in claimed_variants
            if file.path not in self.claims and not serves_others and _may_serve(file, installed):
                yield file.path


def _may_serve(file: StoredFile, installed: Installed) -> bool:
    """True unless the file is for other versions; no test can ever claim a misnamed one."""
    try:
        return file.is_for(installed)
    except SnapshotError:
        return True
