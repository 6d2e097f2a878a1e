"""Values which change from run to run are stored as what they must look like.

A redaction is written as `<Kind>` or `<Kind:argument>`. It is checked against the received value
at every comparison. Text that only looks like a redaction is written as `<Literal:text>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

Value = str | int | float | None

_WRITTEN = re.compile(r"<([A-Z]\w*)(?::(.*))?>", re.DOTALL)


class Redaction:
    """What a value must look like; `str()` gives the written form."""

    def matches(self, value: Value) -> bool:
        """True when the value has the type and the shape that this redaction asks for."""
        raise NotImplementedError

    def fitted(self, value: Value) -> Redaction:
        """The narrowest form of this redaction that still matches this matching value."""
        return self

    @property
    def argument(self) -> str:
        """What stands behind the colon of the written form."""
        return ""

    @classmethod
    def parse(cls, argument: str) -> Self:
        """The redaction of a written argument; ValueError when it is not a legal one."""
        if argument:
            raise ValueError(f"{cls.__name__} takes no argument, found {argument!r}")
        return cls()

    def __str__(self) -> str:
        return f"<{type(self).__name__}{':' if self.argument else ''}{self.argument}>"


def _integer(value: Value) -> int | None:
    """The whole number that a metric or a tag states, else None."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() else None
    return int(value) if value is not None and float(value).is_integer() else None


@dataclass(frozen=True)
class Duration(Redaction):
    """Nanoseconds, not negative."""

    def matches(self, value: Value) -> bool:
        return isinstance(value, int) and value >= 0


@dataclass(frozen=True)
class Count(Redaction):
    """A whole number, not negative."""

    def matches(self, value: Value) -> bool:
        return isinstance(value, int) and value >= 0


@dataclass(frozen=True)
class Port(Redaction):
    """A TCP or UDP port: 1 to 65535."""

    def matches(self, value: Value) -> bool:
        number = _integer(value)
        return number is not None and 0 < number < 2**16


@dataclass(frozen=True)
class Pid(Redaction):
    """A process id: a positive number of 32 bits."""

    def matches(self, value: Value) -> bool:
        number = _integer(value)
        return number is not None and 0 < number < 2**32


@dataclass(frozen=True)
class Path(Redaction):
    """An absolute path in one line; with a name, one that ends in that name."""

    name: str = ""

    def matches(self, value: Value) -> bool:
        if not isinstance(value, str) or not re.fullmatch(r"(/|[A-Za-z]:[\\/]).*", value):
            return False
        return not self.name or re.split(r"[\\/]", value)[-1] == self.name

    @property
    def argument(self) -> str:
        return self.name

    @classmethod
    def parse(cls, argument: str) -> Path:
        return cls(argument)


@dataclass(frozen=True)
class Version(Redaction):
    """At least two numbers with dots between, and whatever a release appends: 7.0.15-rc1."""

    def matches(self, value: Value) -> bool:
        return isinstance(value, str) and bool(re.fullmatch(r"v?\d+(\.\d+)+[\w.+~-]*", value))


@dataclass(frozen=True)
class Regex(Redaction):
    """Text which the pattern matches from end to end."""

    pattern: str

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"Regex needs a pattern, found {self.pattern!r}: {error}") from None
        if not self.pattern:
            raise ValueError("Regex needs a pattern, found nothing")

    def matches(self, value: Value) -> bool:
        return isinstance(value, str) and bool(re.fullmatch(self.pattern, value))

    @property
    def argument(self) -> str:
        return self.pattern

    @classmethod
    def parse(cls, argument: str) -> Regex:
        return cls(argument)


@dataclass(frozen=True, init=False)
class OneOf(Redaction):
    """One of some known values."""

    values: tuple[Value, ...]

    def __init__(self, *values: Value) -> None:
        if not values or not all(isinstance(value, (str, int, float)) for value in values):
            raise ValueError(f"OneOf needs texts or numbers, found {list(values)!r}")
        object.__setattr__(self, "values", values)

    def matches(self, value: Value) -> bool:
        # A text never equals a number, so a value that changed its type does not match.
        return value in self.values

    @property
    def argument(self) -> str:
        return json.dumps(self.values, ensure_ascii=False)

    @classmethod
    def parse(cls, argument: str) -> OneOf:
        values = json.loads(argument or "null")
        if not isinstance(values, list):
            raise ValueError(f"OneOf needs a JSON list, found {argument!r}")
        return cls(*values)


@dataclass(frozen=True)
class Approx(Redaction):
    """A number at most the tolerance away from the given one, in the number's own unit."""

    number: float
    tolerance: float

    def matches(self, value: Value) -> bool:
        try:
            return abs(float(value) - self.number) <= self.tolerance
        except (TypeError, ValueError):
            return False

    @property
    def argument(self) -> str:
        return f"{self.number}+-{self.tolerance}"

    @classmethod
    def parse(cls, argument: str) -> Approx:
        number, separator, tolerance = argument.partition("+-")
        if not separator:
            raise ValueError(f"Approx needs number+-tolerance, found {argument!r}")
        return cls(float(number), float(tolerance))


@dataclass(frozen=True)
class Hash(Redaction):
    """Hexadecimal digits, in groups or not, like a digest or a UUID; 0 is any length."""

    length: int = 0

    def matches(self, value: Value) -> bool:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9a-fA-F]+(-[0-9a-fA-F]+)*", value):
            return False
        return not self.length or len(value) == self.length

    def fitted(self, value: Value) -> Hash:
        return Hash(len(str(value)))

    @property
    def argument(self) -> str:
        return str(self.length or "")

    @classmethod
    def parse(cls, argument: str) -> Hash:
        return cls(int(argument or 0))


@dataclass(frozen=True)
class Traceback(Redaction):
    """A formatted exception; with a name, one whose error line names that class."""

    name: str = ""

    def matches(self, value: Value) -> bool:
        raised = _raised(value)
        return bool(raised) and self.name in ("", raised)

    def fitted(self, value: Value) -> Traceback:
        return Traceback(_raised(value))

    @property
    def argument(self) -> str:
        return self.name

    @classmethod
    def parse(cls, argument: str) -> Traceback:
        return cls(argument)


def _raised(value: Value) -> str:
    """The class, without its module, in the error line of a formatted exception, else ''."""
    if not isinstance(value, str) or not value.startswith("Traceback (most recent call last):"):
        return ""
    # A message may go on for more lines; what stands behind the last frame names the class.
    last = value.rsplit("Traceback (most recent call last):", 1)[1].strip("\n").splitlines()
    for line in last:
        found = re.match(r"(?:[\w<>]+\.)*(\w+)(?::|$)", line)
        if found:
            return found[1]
    return ""


@dataclass(frozen=True)
class Url(Redaction):
    """A URL, whose port may be any; ``http://127.0.0.1:*/get`` says the rest of it."""

    masked: str = ""

    def matches(self, value: Value) -> bool:
        masked = _without_port(value)
        return bool(masked) and self.masked in ("", masked)

    def fitted(self, value: Value) -> Url:
        return Url(_without_port(value))

    @property
    def argument(self) -> str:
        return self.masked

    @classmethod
    def parse(cls, argument: str) -> Url:
        return cls(argument)


def _without_port(value: Value) -> str:
    """A URL with a star for its port, if it has one; empty for what is no URL."""
    found = re.match(r"(\w+://[^/?#:]+)(:\d+)?(?=[/?#]|$)", value) if isinstance(value, str) else None
    return f"{found[1]}{':*' if found[2] else ''}{value[found.end():]}" if found else ""


@dataclass(frozen=True)
class Ignore(Redaction):
    """Anything at all, for a stated reason."""

    reason: str

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str) or not self.reason.strip():
            raise ValueError("Ignore needs a reason, found none; say why no shape can be stated")

    def matches(self, value: Value) -> bool:
        return True

    @property
    def argument(self) -> str:
        return self.reason

    @classmethod
    def parse(cls, argument: str) -> Ignore:
        return cls(argument)


_KINDS: dict[str, type[Redaction]] = {kind.__name__: kind for kind in Redaction.__subclasses__()}

DEFAULTS: Mapping[str, Redaction] = {
    "duration": Duration(),
    "process_id": Pid(),
    "runtime-id": Hash(),
    "_dd.p.tid": Hash(16),
    "network.destination.port": Port(),
    "error.stack": Traceback(),
}


def write_value(value: Value) -> Value:
    """A plain value as it is stored: text that looks like a redaction is marked as literal."""
    looks_redacted = isinstance(value, str) and _WRITTEN.fullmatch(value)
    return f"<Literal:{value}>" if looks_redacted else value


def read_value(text: str) -> Redaction | str:
    """The redaction or the text that was stored; ValueError for a redaction that is not legal."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return text
    kind, argument = found[1], found[2] or ""
    if kind == "Literal":
        return argument
    if kind not in _KINDS:
        raise ValueError(
            f"{text!r} is no redaction; known are {', '.join(sorted(_KINDS))}, and the text itself "
            f"is written '<Literal:{text}>'"
        )
    return _KINDS[kind].parse(argument)
