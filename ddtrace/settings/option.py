"""One setting: its name, type and default, and how text from the environment becomes its value."""

from __future__ import annotations

import math
import os
from typing import Any, Callable, Iterable, NamedTuple

from ddtrace.internal.log import get_logger

log = get_logger(__name__)

TRUE = ("1", "true")
FALSE = ("0", "false")


class ConfigException(Exception):
    """A setting cannot be what it is asked to be."""


class Option(NamedTuple):
    """A setting of the tracer or of one integration.

    ``type`` is one of ``str``, ``int``, ``float`` and ``bool``; ``default`` is used where nothing else is given.
    ``env`` names the environment variable; an integration's option leaves it out and gets
    ``DD_<INTEGRATION>_<OPTION>``. ``other_envs`` are read in their order where that one is not set. A number below
    ``minimum`` or above ``maximum`` is not valid. A setting of any other type has a ``parser``, which turns text into
    the value or raises ValueError, and says in ``expects`` what a value has to be.
    """

    name: str
    type: type
    default: Any
    doc: str
    env: str = ""
    minimum: float | None = None
    maximum: float | None = None
    parser: Callable[[str], Any] | None = None
    expects: str = ""
    other_envs: tuple[str, ...] = ()

    def env_for(self, integration: str) -> str:
        """The variable that sets this option for one integration."""
        return self.env or f"DD_{integration}_{self.name}".upper()

    def parse(self, text: str) -> Any:
        """Turn text into a value of the option's type; raises ValueError where it is none."""
        if self.parser is not None:
            return self.parser(text)
        if self.type is bool:
            return parse_bool(text)
        value = self.type(text)
        if self.type is float and not math.isfinite(value):
            raise ValueError(f"{text!r} is not finite")
        if self.minimum is not None and value < self.minimum:
            raise ValueError(f"{text!r} is less than {self.minimum}")
        if self.maximum is not None and value > self.maximum:
            raise ValueError(f"{text!r} is more than {self.maximum}")
        return value

    @property
    def expected(self) -> str:
        """What a value has to be, in words."""
        if self.expects:
            return self.expects
        name = self.type.__name__
        if self.minimum is None:
            return name if self.maximum is None else f"{name} of at most {self.maximum}"
        return (
            f"{name} of at least {self.minimum}"
            if self.maximum is None
            else f"{name} from {self.minimum} to {self.maximum}"
        )


def parse_bool(text: str) -> bool:
    """``true`` and ``1`` are true, ``false`` and ``0`` are false, in any case; anything else raises ValueError."""
    word = text.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError(f"{text!r} is none of {', '.join(TRUE + FALSE)}")


def from_environment(option: Option, variable: str) -> Any:
    """The option's value from an environment variable, or its default.

    A value that is not valid is named in one logged line, and the default is used; but a word that says neither true
    nor false counts as false, as it always has.
    """
    for name in (variable, *option.other_envs):
        text = os.environ.get(name)
        if text is None:
            continue
        try:
            return option.parse(text)
        except ValueError:
            if option.type is bool:
                log.warning("%s=%r is neither true nor false; it counts as false", name, text)
                return False
            expected = option.expected
            log.warning("%s=%r is not a valid %s; the default %r is used", name, text, expected, option.default)
            return option.default
    return option.default


def parse_header_tags(variable: str) -> dict[str, str]:
    """``Header:tag`` of an environment variable, apart by commas or else by blanks; the tag may be left out."""
    tags = {}
    for part in split_list(os.environ.get(variable, "")):
        name, _, tag = part.partition(":")
        if not name.strip():
            log.warning("%s: %r names no header; it is left out", variable, part)
            continue
        tags[name.strip()] = tag.strip()
    return tags


def split_list(text: str) -> Iterable[str]:
    """The parts of a list, apart by commas or else by blanks."""
    return filter(None, (part.strip() for part in (text.split(",") if "," in text else text.split())))


def parse_pairs(variable: str) -> dict[str, str]:
    """``key:value`` pairs of an environment variable, apart by commas or else by blanks.

    A part that is no pair is named in one logged line and left out.
    """
    pairs = {}
    for part in split_list(os.environ.get(variable, "")):
        key, separator, value = part.partition(":")
        if not separator or not key.strip() or not value.strip():
            log.warning("%s: %r is not a pair key:value; it is left out", variable, part)
            continue
        pairs[key.strip()] = value.strip()
    return pairs
