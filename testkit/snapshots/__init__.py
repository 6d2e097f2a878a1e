"""Span snapshots: what a test's traces looked like, stored beside it and compared ever after."""

from testkit.snapshots.decoding import MalformedSnapshot
from testkit.snapshots.model import SnapshotError
from testkit.snapshots.redaction import (
    Approx,
    Count,
    Duration,
    Hash,
    Ignore,
    OneOf,
    Path,
    Pid,
    Port,
    Redaction,
    Regex,
    Traceback,
    Url,
    Version,
)
from testkit.snapshots.store import SnapshotMismatch, SnapshotStore

__all__ = [
    "Approx",
    "Count",
    "Duration",
    "Hash",
    "Ignore",
    "MalformedSnapshot",
    "OneOf",
    "Path",
    "Pid",
    "Port",
    "Redaction",
    "Regex",
    "SnapshotError",
    "SnapshotMismatch",
    "SnapshotStore",
    "Traceback",
    "Url",
    "Version",
]
