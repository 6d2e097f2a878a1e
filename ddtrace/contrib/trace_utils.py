"""What wrappers of several integrations share."""

from __future__ import annotations

from typing import Any, Iterable

__all__ = ["stringify_cache_args"]

TOO_LONG = "..."
WITHOUT_TEXT = "?"


def stringify_cache_args(args: Iterable[Any], value_max_len: int = 100, cmd_max_len: int = 1000) -> str:
    """A cache command as text: its arguments joined by blanks.

    An argument longer than ``value_max_len`` characters is cut, and so is the whole past ``cmd_max_len``; cut text
    ends in ``...``. The first argument that has no text becomes ``?`` and ends the command. The cost does not grow
    with the size of an argument.
    """
    parts: list[str] = []
    length = 0
    for arg in args:
        try:
            text = _as_text(arg, value_max_len)
        except Exception:
            parts.append(WITHOUT_TEXT)
            break
        if len(text) > value_max_len:
            text = text[:value_max_len] + TOO_LONG
        if length + len(text) > cmd_max_len:
            parts.append(text[: cmd_max_len - length] + TOO_LONG)
            break
        parts.append(text)
        length += len(text)
    return " ".join(parts)


def _as_text(arg: Any, max_len: int) -> str:
    if isinstance(arg, str):
        return str(arg[: max_len + 1])
    if isinstance(arg, (bytes, bytearray, memoryview)):
        # No character of UTF-8 takes more than four bytes.
        return bytes(arg[: 4 * (max_len + 1)]).decode("utf-8", errors="backslashreplace")
    return str(arg)
