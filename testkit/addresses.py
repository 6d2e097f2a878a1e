"""Which addresses this process turns to: to connect, to send a datagram, or to look up a name.

The interpreter's audit events tell, which nothing can be put in the place of; C code that calls the system by itself
raises none.
"""

from __future__ import annotations

import collections
import contextlib
import sys
import threading
from collections.abc import Collection, Iterator
from typing import Any

Turn = tuple[str, Any]
"""What was done, and with which address or name."""

LOOKS_UP = "looks up"

_VERBS = {
    "socket.connect": ("connects to", 1),
    "socket.sendto": ("sends a datagram to", 1),
    "socket.sendmsg": ("sends a datagram to", 1),
    "socket.getaddrinfo": (LOOKS_UP, 0),
    "socket.gethostbyname": (LOOKS_UP, 0),
}
"""By audit event: what it tells, and which of its arguments is the address."""


class _Hook:
    """Hears all audit events for ever, once there is a reason: an audit hook cannot be removed."""

    def __init__(self) -> None:
        self.turns: list[Turn] | None = None
        self.others: Collection[int] = ()
        self._is_installed = False

    def install(self) -> None:
        if not self._is_installed:
            self._is_installed = True
            sys.addaudithook(self)

    def __call__(self, event: str, args: tuple) -> None:
        if self.turns is None or event not in _VERBS or threading.get_ident() in self.others:
            return
        verb, place = _VERBS[event]
        # On a connected socket, sendmsg() has none.
        if args[place] is not None:
            self.turns.append((verb, args[place]))


_hook = _Hook()


@contextlib.contextmanager
def turns_noted(but_in: Collection[int] = ()) -> Iterator[list[Turn]]:
    """Collect what is done within a block, in all threads but those of the given identities."""
    _hook.install()
    turns: list[Turn] = []
    _hook.turns, _hook.others = turns, but_in
    try:
        yield turns
    finally:
        _hook.turns = None


def counted(turns: list[Turn], known: dict[tuple[str, int], str]) -> dict[str, int]:
    """How often each was done, in words.

    ``known`` has names for some hosts and ports; the other ports of a host, which may be others in each run, are told
    apart by the order of their first use.
    """
    names: dict[Any, str] = dict(known)
    ports: collections.Counter[str] = collections.Counter()
    counts: collections.Counter[str] = collections.Counter()
    for verb, address in turns:
        place = address[:2] if isinstance(address, tuple) else address
        if place not in names:
            if verb == LOOKS_UP:
                names[place] = str(address)
            elif isinstance(address, tuple):
                ports[address[0]] += 1
                names[place] = f"{address[0]}, port {ports[address[0]]}"
            else:
                names[place] = "a file"
        counts[f"{verb} {names[place]}"] += 1
    return dict(sorted(counts.items()))
