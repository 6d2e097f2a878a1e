"""A mutant: one module of an integration with one change in it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """What ``operator`` made of a module at a line of its file; ``scope`` is the function or target that it is in.

    ``original`` and ``source`` are the whole text of the module, before and after.
    """

    id: str
    operator: str
    module: str
    path: Path
    line: int
    scope: str
    what: str
    original: str
    source: str

    @property
    def diff(self) -> list[str]:
        """The lines that the change takes away and brings."""
        lines = difflib.unified_diff(self.original.splitlines(), self.source.splitlines(), n=0, lineterm="")
        return [line for line in list(lines)[2:] if not line.startswith("@@") and line[1:].strip()]
