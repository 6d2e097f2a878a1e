"""Spans from an outline, and a store in a temporary folder."""

import textwrap
from itertools import count

import pytest

from ddtrace.span import Span
from testkit.snapshots.decisions import Review
from testkit.snapshots.pending import FOLDER, Origin, commit_of, digest
from testkit.snapshots.store import SnapshotMismatch, SnapshotStore

FIELDS = {"service": "service", "type": "span_type"}


def outlined(text):
    """Finished spans, one a line: `name resource service=s type=t tag=text metric:=1 !error`.

    Indentation nests, an empty line begins a new trace, and `&` before a name makes the span
    overlap in time with its elder sibling; without it, siblings follow one another.
    """
    spans, clock, ids, ancestors = [], count(1_000, 10), count(1), []
    trace_id = 1_000_000
    for line in textwrap.dedent(text).strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        if not line.strip():
            trace_id += 1
            ancestors = ancestors[:0]
            continue
        for ended in ancestors[depth:]:
            ended.duration_ns = next(clock) - ended.start_ns
        parent = ancestors[depth - 1] if depth else None
        span = _span(line.split(), trace_id, next(ids) << 32, parent)
        span.start_ns = next(clock)
        if line.lstrip().startswith("&"):
            elder = [other for other in spans if other.parent_id == span.parent_id][-1]
            span.start_ns = elder.start_ns
        ancestors[depth:] = [span]
        spans.append(span)
        for open_span in ancestors:
            open_span.duration_ns = next(clock) - open_span.start_ns
    return spans


def _span(words, trace_id, span_id, parent):
    span = Span(
        words[0].lstrip("&"),
        trace_id=trace_id,
        span_id=span_id,
        parent_id=parent.span_id if parent else None,
    )
    for word in words[1:]:
        key, _, value = word.partition("=")
        if word == "!error":
            span.error = 1
        elif not value:
            span.resource = word
        elif key.endswith(":"):
            span.set_metric(key[:-1], float(value))
        elif key in FIELDS:
            setattr(span, FIELDS[key], value)
        else:
            span.set_tag(key, value)
    return span


@pytest.fixture
def spans_of():
    """A function that makes finished spans of an outline."""
    return outlined


@pytest.fixture
def folder(tmp_path):
    """Where snapshots are stored."""
    return tmp_path / "snapshots"


@pytest.fixture
def store(folder):
    """Store a snapshot: `store(name, spans, redact=None)`."""

    def write(name, spans, redact=None):
        SnapshotStore(folder, update=True).check(name, spans, redact)
        return folder / f"{name}.json"

    return write


@pytest.fixture
def check(folder):
    """Compare with what is stored: `check(name, spans, redact=None)`."""
    return SnapshotStore(folder).check


def _spans(outline):
    return outlined(outline) if isinstance(outline, str) else outline


class Project:
    """A project whose tests stored snapshots, and then received others."""

    def __init__(self, root):
        self.root = root
        self.pending = root / FOLDER
        self.review = Review(root, self.pending)

    def folder(self, integration):
        return self.root / "tests" / "contrib" / integration / "snapshots"

    def store(self, name, outline, integration="toy"):
        """Store a snapshot; return its file."""
        SnapshotStore(self.folder(integration), update=True).check(name, _spans(outline))
        return self.folder(integration) / f"{name}.json"

    def receive(self, name, outline, integration="toy", redact=None):
        """Receive other spans than are stored, as a test that fails does."""
        folder = self.folder(integration)
        pending = self.pending / folder.relative_to(self.root)
        store = SnapshotStore(folder, pending=pending, commit=commit_of(self.root))
        with pytest.raises(SnapshotMismatch):
            store.check(name, _spans(outline), redact)
        return folder / f"{name}.json"

    def leave_unused(self, name, integration="toy"):
        """Have a stored snapshot that a run found to be unused."""
        path = self.store(name, "a", integration)
        Origin(commit_of(self.root), digest(path)).write(self.pending / path.relative_to(self.root))
        return path

    def check(self, name, outline, integration="toy"):
        """Compare with what is stored now."""
        SnapshotStore(self.folder(integration)).check(name, _spans(outline))


@pytest.fixture
def project(tmp_path):
    """A project in a folder of its own."""
    return Project(tmp_path)
