"""Find credentials in text that is about to be stored, or that somebody has stored.

Each kind is a pattern; its group ``secret``, or the whole of it, is the credential. What merely looks random is not
looked for: identifiers and images do, too. A value that is plainly a stand-in, as in ``token=<hidden>``, is none.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_NAMES = (
    r"(?:[\w-]*(?:password|passwd|passphrase|secret|(?:secret|api|app|application|private)[_-]?key"
    r"|access[_-]?key|credentials?|signature)"
    r"|(?:x-amz-|access|auth|bearer|csrf|id|refresh|security|session)[_-]?(?:security[_-]?)?token"
    r"|token|authorization|sig)"
)

CANARY = "canary-7Yq2-sings-Xw9"
"""The credential of the scenarios: of no pattern, so that nobody hides it for its looks alone."""

KINDS: dict[str, re.Pattern[str]] = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a JSON web token": re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"),
    "an AWS access key id": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a token of a known issuer": re.compile(
        r"\b(?:gh[opusr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[abeprs]-[\w-]{10,}|sk-[\w-]{20,}"
        r"|[sr]k_live_\w{16,}|AIza[\w-]{35}|pypi-[\w-]{40,})"
    ),
    "a bearer token": re.compile(r"(?i)\bbearer\s+(?P<secret>(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*)"),
    "a name and a password": re.compile(r"(?i)\bbasic\s+(?P<secret>[A-Za-z0-9+/]{4,}={0,2})"),
    "a password in a URL": re.compile(
        r"\b[a-z][a-z0-9+.-]{0,20}://[^\s/?#:@\"']{0,256}:(?P<secret>[^\s/?#@\"']{1,256})@"
    ),
    "a key of 32 or 40 hexadecimal digits": re.compile(
        r"(?<![\w-])(?P<secret>(?=[0-9a-f]*[a-f])(?=[a-f]*[0-9])(?:[0-9a-f]{40}|[0-9a-f]{32}))(?![\w-])"
    ),
    "a value with the name of a credential": re.compile(
        rf"(?i)(?<![\w-]){_NAMES}[\"']?\s*[=:]\s*[\"']?"
        rf"(?P<secret>(?:(?:basic|bearer|digest|token)\s+)?[^\s\"'&,;}}\]]{{6,}})"
    ),
}

_STAND_IN = re.compile(
    r"(?i)(?:(?:basic|bearer|digest|token)\s+)?"
    r"(?:<.*|\{.*|\[.*|\$\w.*|\*+|x+|\.+|(?:redacted|hidden|masked|filtered|example|dummy)\b.*)"
)


@dataclass(frozen=True)
class Secret:
    """A credential that was found: what kind, and where in the text. Printing it does not show it."""

    kind: str
    value: str
    start: int

    def __repr__(self) -> str:
        return f"{self.kind}, {self.value[:3]}... of {len(self.value)} characters at {self.start}"


def find_secrets(text: str, allowed: Collection[str] = ()) -> Iterator[Secret]:
    """The credentials in a text, but for those whose very value is allowed; each place once."""
    seen: list[tuple[int, int]] = []
    for kind, pattern in KINDS.items():
        for found in pattern.finditer(text):
            group = "secret" if "secret" in pattern.groupindex else 0
            value, (start, end) = found[group], found.span(group)
            if value in allowed or _STAND_IN.fullmatch(value):
                continue
            if any(start < other_end and other_start < end for other_start, other_end in seen):
                continue
            if kind == "a name and a password" and not _is_name_and_password(value):
                continue
            seen.append((start, end))
            yield Secret(kind, value, start)


def _is_name_and_password(encoded: str) -> bool:
    """Whether it is what follows "Basic" in a header, rather than the next word of a sentence."""
    try:
        return b":" in base64.b64decode(encoded, validate=True)
    except ValueError:
        return False
