"""Accept what is pending, or reject it. Whatever is refused, is refused before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from testkit.nearest import nearest
from testkit.snapshots.changes import Change, Class, Group, group, read_change
from testkit.snapshots.files import delete, read_text, write_whole
from testkit.snapshots.model import SnapshotError
from testkit.snapshots.pending import commit_of, find_pending
from testkit.snapshots.store import refuse

NO_TOGETHER = Class.BREAKING
"""The class whose groups are accepted by name only."""


class Review:
    """Everything pending of a project, and what is done about it.

    `folder` is where it lies: the project's own, or what somebody has brought from elsewhere.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.folder = folder

    def groups(self) -> list[Group]:
        """The decisions to be made; raises SnapshotError for what cannot be read."""
        return group(read_change(pending) for pending in find_pending(self.root, self.folder))

    def select(self, names: Sequence[str], kinds: Iterable[str] = ()) -> list[Group]:
        """The groups with these names and of these classes; raises SnapshotError for a name that no group has."""
        groups = self.groups()
        known = [each.name for each in groups]
        for name in names:
            if name not in known:
                hint = nearest(name, known) if known else "nothing is pending"
                raise SnapshotError(f"there is no group {name!r}; {hint}")
        return [each for each in groups if each.name in names or each.kind in kinds]

    def accept(self, groups: Iterable[Group]) -> list[Path]:
        """Store what was received, and delete what no test uses; return the files.

        Raises SnapshotError, with nothing done, where one of them is of another commit or must not be stored.
        """
        changes = [change for each in groups for change in each.changes]
        for change in changes:
            self.require_acceptable(change)
        for change in changes:
            _store(change)
            change.pending.forget()
        return [change.pending.stored for change in changes]

    def require_acceptable(self, change: Change) -> None:
        """Raise SnapshotError, which says why, where a change cannot be accepted."""
        change.pending.require_current(commit_of(self.root))
        refuse(change.pending.stored, change.refused)

    def obstacles(self, group: Group) -> list[str]:
        """Why a group cannot be accepted, each reason once; empty where it can."""
        found: dict[str, None] = {}
        for change in group.changes:
            try:
                self.require_acceptable(change)
            except SnapshotError as error:
                found[str(error)] = None
        return list(found)

    def reject(self, groups: Iterable[Group]) -> list[Path]:
        """Leave what is stored, and forget what is pending; return the stored files."""
        changes = [change for each in groups for change in each.changes]
        for change in changes:
            change.pending.forget()
        return [change.pending.stored for change in changes]


def _store(change: Change) -> None:
    if change.pending.is_unused:
        delete(change.pending.stored)
    else:
        write_whole(change.pending.stored, read_text(change.pending.received))
