"""One setting: its name, type and default, and how text from the environment becomes its value."""

from __future__ import annotations

import math
import os
from typing import Any, NamedTuple

from ddtrace.internal.log import get_logger

log = get_logger(__name__)

TRUE = ("1", "true")
FALSE = ("0", "false")


class Option(NamedTuple):
    """A setting of the tracer or of one integration.

    ``type`` is one of ``str``, ``int``, ``float`` and ``bool``; ``default`` is used where nothing else is given.
    ``env`` names the environment variable; an integration's option leaves it out and gets
    ``DD_<INTEGRATION>_<OPTION>``. A number below ``minimum`` is not valid.
    """

    name: str
    type: type
    default: Any
    doc: str
    env: str = ""
    minimum: float | None = None

    def env_for(self, integration: str) -> str:
        """The variable that sets this option for one integration."""
        return self.env or f"DD_{integration}_{self.name}".upper()

    def parse(self, text: str) -> Any:
        """Turn text into a value of the option's type; raises ValueError where it is none."""
        if self.type is bool:
            return parse_bool(text)
        value = self.type(text)
        if self.type is float and not math.isfinite(value):
            raise ValueError(f"{text!r} is not finite")
        if self.minimum is not None and value < self.minimum:
            raise ValueError(f"{text!r} is less than {self.minimum}")
        return value

    @property
    def expected(self) -> str:
        """What a value has to be, in words."""
        return self.type.__name__ if self.minimum is None else f"{self.type.__name__} of at least {self.minimum}"


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

    A value that is not valid is named in one logged line, and the default is used.
    """
    text = os.environ.get(variable)
    if text is None:
        return option.default
    try:
        return option.parse(text)
    except ValueError:
        log.warning(
            "%s=%r is not a valid %s; the default %r is used",
            variable,
            text,
            option.expected,
            option.default,
        )
        return option.default
