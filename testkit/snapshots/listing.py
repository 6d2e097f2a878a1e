"""The groups of a review as a table, and as records for programs."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from testkit.snapshots.changes import Class, Group
from testkit.snapshots.decisions import Review

STYLES = {Class.NEW: "green", Class.ADDITIVE: "green", Class.ORPHAN: "yellow", Class.BREAKING: "bold red"}
_WIDTH = 160


def as_table(groups: Iterable[Group], review: Review) -> RenderableType:
    """A row a group, and below what stands against it."""
    table = Table(box=None, pad_edge=False)
    for name in ("group", "snapshots", "change"):
        table.add_column(name, justify="right" if name == "snapshots" else "left", no_wrap=name != "change")
    for group in groups:
        change = Text(group.title)
        for obstacle in review.obstacles(group)[:3]:
            change.append(f"\ncannot be accepted: {obstacle}", "red")
        table.add_row(Text(group.name, STYLES[group.kind]), str(len(group.changes)), change)
    return table


def as_record(group: Group, obstacles: list[str]) -> dict[str, Any]:
    """All of a group, for JSON."""
    return {
        "name": group.name,
        "class": str(group.kind),
        "title": group.title,
        "lines": list(group.lines),
        "spans": dict(group.spans),
        "integrations": group.integrations,
        "snapshots": [change.pending.name for change in group.changes],
        "obstacles": obstacles,
    }


def shown(renderable: RenderableType) -> str:
    """Text for the terminal, or for a file of lines that are long enough."""
    console = Console()
    if console.is_terminal:
        file = io.StringIO()
        console = Console(file=file, force_terminal=True, width=console.width)
    else:
        file = io.StringIO()
        console = Console(file=file, width=_WIDTH)
    console.print(renderable)
    return file.getvalue().rstrip("\n")
