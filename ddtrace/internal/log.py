"""Loggers for our own messages, and a brake for those that a fault would repeat without end."""

from __future__ import annotations

import logging
import time

EVERY_S = 60.0
"""Seconds within which a throttled message is logged once."""

_last_logged: dict[tuple[str, str], float] = {}
_suppressed: dict[tuple[str, str], int] = {}


def get_logger(name: str) -> logging.Logger:
    """The standard logger of that name: no handler, no level; both belong to the application."""
    return logging.getLogger(name)


def throttled(logger: logging.Logger, level: int, message: str, *args: object) -> None:
    """Log a message unless the same one was logged less than a minute ago; count what was left out."""
    key = (logger.name, message)
    now = time.monotonic()
    last = _last_logged.get(key)
    if last is not None and now - last < EVERY_S:
        _suppressed[key] = _suppressed.get(key, 0) + 1
        return
    _last_logged[key] = now
    left_out = _suppressed.pop(key, 0)
    if left_out:
        message += f" ({left_out} more like this in the last minute)"
    logger.log(level, message, *args)
