"""What a check is: one named fact that must hold for every integration."""

from __future__ import annotations

import difflib
import enum
import pprint
from dataclasses import dataclass
from typing import Any, Callable


class CheckFailed(AssertionError):
    """An integration does not pass a check; the message says what differs and where."""


class NotExercised(Exception):
    """There was nothing to check in this scenario or integration, which is not the same as passing."""


class Scope(enum.Enum):
    """What a check looks at."""

    SCENARIO = "one scenario at a time"
    INTEGRATION = "all scenarios of an integration together"


@dataclass(frozen=True)
class Check:
    """One row of the conformance suite.

    ``function`` takes a ``Trial`` (scope SCENARIO) or the list of all trials of an integration (scope INTEGRATION) and
    raises CheckFailed, or NotExercised. ``service`` is a key of ``testkit.fixtures``: one that the check itself needs,
    whose URL the trials then have.
    """

    id: str
    scope: Scope
    function: Callable[[Any], None]
    service: str = ""

    @property
    def title(self) -> str:
        """The check's name in words."""
        return self.function.__name__.replace("_", " ")


CHECKS: dict[str, Check] = {}
"""All checks by id, in the order in which they are declared."""


def check(id: str, scope: Scope, service: str = "") -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Declare a function as a check."""

    def declare(function: Callable[[Any], None]) -> Callable[[Any], None]:
        CHECKS[id] = Check(id, scope, function, service)
        return function

    return declare


def fail_unless_equal(expected: Any, received: Any, what: str, names: tuple[str, str] = ("untraced", "traced")) -> None:
    """Raise CheckFailed with both sides compared line by line, unless they are equal."""
    if expected != received:
        raise CheckFailed(differences(what, expected, received, names))


def differences(what: str, expected: Any, received: Any, names: tuple[str, str]) -> str:
    """Both sides compared line by line."""
    lines = difflib.unified_diff(
        pprint.pformat(expected, width=100).splitlines(),
        pprint.pformat(received, width=100).splitlines(),
        *names,
        lineterm="",
        n=2,
    )
    return f"{what} differs:\n" + "\n".join(lines)
