"""Draw a tree of spans as SVG: a row a span, its bar where it is in time, below its parent's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

from testkit.snapshots.model import Node
from testkit.snapshots.report import printable

_WIDTH = 600
_ROW_HEIGHT = 22
_NARROWEST = 3.0
_LONGEST_LABEL = 60


def draw(rows: Sequence[Node | None], marks: Mapping[Node, str], label: str) -> str:
    """One picture; a row without a node stays empty, so that two pictures of the same rows stand in line."""
    spans = [node for node in rows if node is not None]
    start = min((node.start_ns for node in spans), default=0)
    scale = _WIDTH / max(1, max((node.end_ns for node in spans), default=1) - start)
    height = max(1, len(rows)) * _ROW_HEIGHT
    return "".join(
        [
            f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {_WIDTH} {height}" ',
            f'width="{_WIDTH}" height="{height}" xmlns="http://www.w3.org/2000/svg">',
            *_bars(rows, marks, lambda time: (time - start) * scale),
            "</svg>",
        ]
    )


def _bars(rows: Sequence[Node | None], marks: Mapping[Node, str], place_of: Callable[[int], float]) -> Iterator[str]:
    for row, node in enumerate(rows):
        if node is None:
            continue
        left, right = place_of(node.start_ns), place_of(node.end_ns)
        top, mark = row * _ROW_HEIGHT, marks.get(node, " ")
        width = max(_NARROWEST, right - left)
        label = printable(node.label)
        shown = f"{label[:_LONGEST_LABEL]}..." if len(label) > _LONGEST_LABEL else label
        # A label that begins far to the right ends with its bar instead.
        anchor, x = ("end", right - 4) if left > _WIDTH / 2 else ("start", left + 4)
        yield f'<g class="bar {_CLASSES[mark]}"><title>{escape(label)}</title>'
        yield f'<rect x="{left:.1f}" y="{top + 2}" width="{width:.1f}" height="{_ROW_HEIGHT - 4}" rx="2"/>'
        text = escape(f"{mark} {shown}".strip())
        yield f'<text x="{x:.1f}" y="{top + 15}" text-anchor="{anchor}">{text}</text></g>'


_CLASSES = {" ": "same", "+": "added", "-": "removed", "~": "changed", ">": "moved", "^": "moved"}
