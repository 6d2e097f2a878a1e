"""Draw a tree of spans as SVG: a row a span, its bar where it is in time, below its parent's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

from testkit.snapshots.model import Node
from testkit.snapshots.report import printable

ROW_HEIGHT = 22
TEXT_BASE = 15
"""How far below the top of its row a text stands."""

_WIDTH = 600
_NARROWEST = 3.0
_LONGEST_LABEL = 60

Words = Callable[[Node], tuple[str, str]]


def draw(rows: Sequence[Node | None], marks: Mapping[Node, str], label: str) -> str:
    """One picture; a row without a node stays empty, so that two pictures of the same rows stand in line."""
    spans = [node for node in rows if node is not None]
    start = min((node.start_ns for node in spans), default=0)
    scale = _WIDTH / max(1, max((node.end_ns for node in spans), default=1) - start)
    height = max(1, len(rows)) * ROW_HEIGHT
    return "".join(
        [
            f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {_WIDTH} {height}" ',
            f'width="{_WIDTH}" height="{height}" xmlns="http://www.w3.org/2000/svg">',
            *bars(rows, marks, lambda time: (time - start) * scale, _WIDTH / 2, _label_twice),
            "</svg>",
        ]
    )


def bars(
    rows: Sequence[Node | None],
    marks: Mapping[Node, str],
    place_of: Callable[[int], float],
    middle: float,
    words_of: Words,
) -> Iterator[str]:
    """A bar a row, from where its start is to where its end is; `words_of` gives what is told of it, and its label."""
    for row, node in enumerate(rows):
        if node is None:
            continue
        left, right = place_of(node.start_ns), place_of(node.end_ns)
        top, mark = row * ROW_HEIGHT, marks.get(node, " ")
        width = max(_NARROWEST, right - left)
        told, label = words_of(node)
        # A label that begins far to the right ends with its bar instead.
        anchor, x = ("end", right - 4) if left > middle else ("start", left + 4)
        yield f'<g class="bar {_CLASSES[mark]}"><title>{escape(told)}</title>'
        yield f'<rect x="{left:.1f}" y="{top + 2}" width="{width:.1f}" height="{ROW_HEIGHT - 4}" rx="2"/>'
        text = escape(f"{mark} {label}".strip())
        yield f'<text x="{x:.1f}" y="{top + TEXT_BASE}" text-anchor="{anchor}">{text}</text></g>'


def shortened(text: str, longest: int = _LONGEST_LABEL) -> str:
    """The text, with three dots for what is beyond the longest."""
    return f"{text[:longest]}..." if len(text) > longest else text


def _label_twice(node: Node) -> tuple[str, str]:
    label = printable(node.label)
    return label, shortened(label)


_CLASSES = {
    " ": "same",
    "+": "added",
    "-": "removed",
    "~": "changed",
    ">": "moved",
    "^": "moved",
    "!": "failed",
}
