"""What must not be stored, since it is secret or is true of one machine only.

Looked at is what would be written: a value that a redaction stands for is not there any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from testkit.secrets import CANARY, find_secrets
from testkit.snapshots.model import Node, walk
from testkit.snapshots.redaction import Redaction, Value

_HOME = re.compile(r"(?<![\w.])(?:/(?:home|Users)/[\w.-]+|/root(?=/|$)|[A-Za-z]:\\+Users\\+[\w.-]+)")
_PID = re.compile(r"(?i)\bpid\W{0,3}\d{2,}")
_PID_KEY = re.compile(r"(?i)(?:^|[._-])(?:p?pid|process[._-]?id)$")
_SHOWN = 3


def find_disclosures(root: Node) -> Iterator[str]:
    """Each value that must not be stored: where it is, what it is, and at most its first characters."""
    for node in walk(root):
        for key, value in node.written.items():
            if not isinstance(node.record.get(key), Redaction) and not _is_redaction(node, key):
                for problem in _problems(key.partition(".")[2] or key, value):
                    yield f"{node.path}: {key} holds {problem}"


def _is_redaction(node: Node, key: str) -> bool:
    """True where a received value was masked when it was written."""
    value, written = node.record.get(key), node.written[key]
    return isinstance(written, str) and written != value and written != f"<Literal:{value}>"


def _problems(name: str, value: Value) -> Iterator[str]:
    if _PID_KEY.search(name) and re.fullmatch(r"[1-9]\d*(\.0)?", str(value)):
        yield f"{_hint(str(value))}, the id of a process; redact={{{name!r}: Pid()}}"
    if not isinstance(value, str):
        return
    if CANARY in value:
        yield "the canary, a credential of a scenario"
    # With its name, for a tag such as "password"; a kind that looks at the value alone is found in either.
    for secret in find_secrets(f"{name}={value}"):
        yield f"{_hint(secret.value)}, {secret.kind}"
    home = _HOME.search(value) or re.search(rf"{re.escape(str(Path.home()))}(?=/|$)", value)
    if home and len(home[0]) > 1:
        yield f"{home[0]!r}, a folder of one machine; redact={{{name!r}: Path()}}"
    if found := _PID.search(value):
        yield f"{found[0]!r}, the id of a process"


def _hint(value: str) -> str:
    return f"{value[:_SHOWN]}... ({len(value)} characters)" if len(value) > _SHOWN else value
