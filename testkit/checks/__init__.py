"""What every integration must pass: the checks, one function each, by what they look at."""

from testkit.check import CHECKS, Check, CheckFailed, NotExercised, Scope
from testkit.checks import (  # noqa: F401 (each declares its checks)
    axes,
    calls,
    functions,
    hints,
    objects,
    patching,
    payloads,
    process,
    propagation,
    streams,
    wire,
    works,
)

__all__ = ["CHECKS", "Check", "CheckFailed", "NotExercised", "Scope"]
