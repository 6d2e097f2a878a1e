"""Whether this is a run of continuous integration, which compares what is stored and never writes it."""

from __future__ import annotations

import os


def in_ci() -> bool:
    """True where the variable CI is set to anything but a no."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")
