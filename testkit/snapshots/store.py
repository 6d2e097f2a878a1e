"""Compare received traces with what is stored, and store them when asked to.

A stored file is written by an update only, as a whole or not at all, and never when what is there
cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testkit.snapshots.alignment import Pairs, agrees, align
from testkit.snapshots.decoding import parse
from testkit.snapshots.difference import Difference, find_differences
from testkit.snapshots.disclosures import find_disclosures
from testkit.snapshots.encoding import render
from testkit.snapshots.files import read_text, shown_path, write_whole
from testkit.snapshots.model import Node, Rules, SnapshotError, receive, walk
from testkit.snapshots.pending import Origin, digest, forget, report_path
from testkit.snapshots.redaction import Redaction
from testkit.snapshots.report import LEGEND, render_differences
from testkit.snapshots.variants import Installed, choose, file_stem, installed_version

if TYPE_CHECKING:
    from ddtrace.span import Span

REVIEW = "review: python -m testkit snapshots review"
_TWICE = "another test of this run has the same snapshot; name= one"
_LINES = 50
_LINES_WITHOUT_FILE = 1_000


class SnapshotMismatch(SnapshotError):
    """The received traces are not the stored ones; `differences` holds all of it."""

    differences: Sequence[Difference] = ()


class SnapshotStore:
    """The stored snapshots of one folder.

    `update` stores what is new or differs. `claims` collects the files that were asked for. A store
    can be pickled; the copy's claims are its own.
    `pending` is the folder for what was received instead; without it, nothing is written there.
    `commit` is what the tests are run of. `reserved` is the folder in which all processes that update in the same run
    note what they have stored; see _is_first.
    `accept` is the command named by failures.
    """

    def __init__(
        self,
        folder: Path,
        *,
        update: bool = False,
        claims: set[Path] | None = None,
        pending: Path | None = None,
        commit: str = "",
        reserved: Path | None = None,
        accept: str = "pytest --snapshot-update",
        installed: Installed = installed_version,
    ) -> None:
        self.claims = set() if claims is None else claims
        self._folder = folder
        self._update = update
        self._pending = pending
        self._commit = commit
        self._reserved = reserved
        self._accept = accept
        self._installed = installed

    def check(
        self,
        name: str,
        traces: Iterable[Any],
        redact: Mapping[str, Redaction] | None = None,
    ) -> None:
        """Return when the traces, spans or lists of spans, are those stored under the name.

        SnapshotMismatch says what differs; an update stores it instead. MalformedSnapshot names
        the place of a mistake in the stored file.
        """
        __tracebackhide__ = True
        path = choose(self._folder, file_stem(name), self._installed)
        is_first = self._is_first(path)
        self.claims.add(path)
        rules = Rules(redact)
        stored = _read(path, rules) or Node()
        received = receive(_flat(traces), rules)
        if not received.children and (self._update or not stored.children):
            raise SnapshotError(
                f"{path}: no span was received. A snapshot of nothing proves nothing: look for the "
                "missing patch(), or assert that the span container is empty"
            )
        pairs = align(stored, received)
        found = find_differences(stored, received, pairs)
        if not found:
            self._forget(path)
            return
        _keep_redactions(pairs)
        if self._update and is_first:
            refuse(path, [*_unfit(received), *find_disclosures(received)])
            write_whole(path, render(received))
            self._forget(path)
            return
        tree = render_differences(stored, received, pairs, found)
        mismatch = SnapshotMismatch(self._message(path, received, found, tree))
        mismatch.differences = found
        raise mismatch

    def _is_first(self, path: Path) -> bool:
        """True for the first of a run that asks for a snapshot: an update stores what that one has received."""
        if path in self.claims or self._reserved is None or not self._update:
            return path not in self.claims
        self._reserved.mkdir(parents=True, exist_ok=True)
        try:
            (self._reserved / sha256(str(path).encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _message(self, path: Path, received: Node, found: list[Difference], tree: str) -> str:
        kept = self._keep_pending(path, received, tree)
        lines = tree.splitlines()
        limit = _LINES if kept else _LINES_WITHOUT_FILE
        if len(lines) > limit:
            lines[limit:] = [f"... {len(lines) - limit} more lines", *(f"all: {k}" for k in kept[1:])]
        if self._update:
            lines.append(f"not stored: {_TWICE}")
        lines += [f"received: {kept_path}" for kept_path in kept[:1]]
        if path.exists():
            problem = "the received spans are not the stored ones"
        else:
            problem = "nothing is stored yet"
        return "\n".join(
            [
                f"{shown_path(path)}: {problem}, {len(found)} differences",
                LEGEND,
                *lines,
                f"accept: {self._accept}",
                *([REVIEW] if kept else []),
            ]
        )

    def _keep_pending(self, path: Path, received: Node, tree: str) -> list[Path]:
        """Write what was received and the whole report; return where."""
        if self._pending is None:
            return []
        refused = [*_unfit(received), *([_TWICE] if self._update else [])]
        kept = self._pending / path.name
        write_whole(kept, render(received))
        write_whole(report_path(kept), tree + "\n")
        Origin(self._commit, digest(path), tuple(refused)).write(kept)
        return [shown_path(kept), shown_path(report_path(kept))]

    def _forget(self, path: Path) -> None:
        """Remove what an earlier mismatch left."""
        if self._pending is not None:
            forget(self._pending / path.name)


def _flat(traces: Iterable[Any]) -> Iterator[Span]:
    for item in traces:
        if hasattr(item, "span_id"):
            yield item
        else:
            yield from _flat(item)


def _read(path: Path, rules: Rules) -> Node | None:
    """The tree that is stored, None when there is none."""
    try:
        text = read_text(path)
    except FileNotFoundError:
        return None
    stored = parse(text, str(shown_path(path)))
    rules.apply(stored)
    return stored


def _keep_redactions(pairs: Pairs) -> None:
    """Write again the redactions that someone put into the stored file and that still hold."""
    for stored, received in pairs.received_of.items():
        for key, value in stored.record.items():
            if isinstance(value, Redaction) and key in received.record:
                if agrees(value, received.record[key]):
                    received.written[key] = str(value)
                    received.unfit.pop(key, None)


def _unfit(received: Node) -> Iterator[str]:
    """The values which have not the shape that the test's redactions promise."""
    for node in walk(received):
        for key, rule in node.unfit.items():
            yield f"{node.path}: {key} is {node.record[key]!r}, which is no {rule}"


def refuse(path: Path, problems: Sequence[str]) -> None:
    """Raise SnapshotError where there is a reason not to store a snapshot."""
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise SnapshotError(
            f"{shown_path(path)} was not stored; redact in the test what changes from run to run, and keep out of "
            f"spans what is secret:\n{listed}"
        )
