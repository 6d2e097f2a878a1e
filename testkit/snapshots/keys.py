"""Keys as they are pressed, from a terminal that is given back as it was."""

from __future__ import annotations

import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

QUIT = "q"
_SEQUENCES = {b"\x1b[A": "up", b"\x1b[B": "down", b"\x1b[5~": "page up", b"\x1b[6~": "page down", b"\x1bOA": "up"}
_SEQUENCES |= {b"\x1bOB": "down", b"\x1b": QUIT, b"": QUIT, b"\x03": QUIT, b" ": "page down"}
_LONGEST = 8


@contextmanager
def pressed_keys() -> Iterator[Callable[[], str]]:
    """A function that waits for the next key; the end of the input, Escape and Ctrl-C are `QUIT`."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    settings = termios.tcgetattr(terminal)
    settings[tty.LFLAG] &= ~termios.ISIG
    termios.tcsetattr(terminal, termios.TCSADRAIN, settings)
    waiting = bytearray()

    def read_key() -> str:
        if not waiting:
            waiting.extend(os.read(terminal, 1024))
        return _take(waiting)

    try:
        yield read_key
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _take(waiting: bytearray) -> str:
    """The first key of what was read, which may be more than one."""
    for length in range(min(_LONGEST, len(waiting)), -1, -1):
        if key := _SEQUENCES.get(bytes(waiting[:length])):
            if length or not waiting:
                del waiting[:length]
                return key
    return chr(waiting.pop(0))
