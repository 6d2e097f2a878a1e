"""What every integration must pass: the checks, one function each, by what they look at."""

from testkit.check import CHECKS, Check, CheckFailed, NotExercised, Scope
from testkit.checks import calls, functions, objects, patching, streams, works  # noqa: F401 (each declares its checks)

__all__ = ["CHECKS", "Check", "CheckFailed", "NotExercised", "Scope"]
