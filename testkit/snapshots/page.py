"""What is pending as one page: it needs no network, allows no script but its own, and shows every text as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from testkit.snapshots.changes import MEANING, Change, Class, Group
from testkit.snapshots.difference import Kind
from testkit.snapshots.document import document
from testkit.snapshots.model import Node, walk
from testkit.snapshots.report import LEGEND, counted, merge, printable, shown_pair
from testkit.snapshots.waterfall import draw

DRAWN = 3
"""Snapshots of a group that are drawn; they all change alike, and the names of all are listed."""

_ROWS = 1_000
_ASSETS = Path(__file__).parent


def render(groups: Sequence[Group]) -> str:
    """The page."""
    style = (_ASSETS / "page.css").read_text(encoding="utf-8")
    script = (_ASSETS / "page.js").read_text(encoding="utf-8")
    body = [*_head(groups), *(line for group in groups for line in _group(group))] if groups else ["<p>No changes.</p>"]
    return document("Span snapshots", body, style=style, script=script)


def _head(groups: Sequence[Group]) -> Iterator[str]:
    snapshots = sum(len(group.changes) for group in groups)
    integrations = sorted({name for group in groups for name in group.integrations})
    classes = [kind for kind in Class if any(group.kind is kind for group in groups)]
    yield f"<p>{counted(len(groups), 'change')} in {counted(snapshots, 'snapshot')}.</p>"
    yield f"<p><kbd>j</kbd> next change, <kbd>k</kbd> the one before. {escape(LEGEND)}</p>"
    yield '<form aria-label="Show only">'
    yield _choice("class", "Class", classes)
    yield _choice("integration", "Integration", integrations)
    yield f'<output id="shown" aria-live="polite">{len(groups)} of {len(groups)} shown</output></form>'


def _choice(name: str, label: str, values: Sequence[str]) -> str:
    options = "".join(f'<option value="{escape(value)}">{escape(value)}</option>' for value in values)
    return f'<label>{label} <select id="{name}"><option value="">all</option>{options}</select></label>'


def _group(group: Group) -> Iterator[str]:
    name, names = escape(group.name), escape(" ".join(group.integrations))
    yield f'<section class="group {group.kind}" data-class="{group.kind}" data-integrations="{names}" '
    yield f'tabindex="-1" aria-labelledby="{name}"><h2 id="{name}">{name}</h2>'
    yield f"<p>{counted(len(group.changes), 'snapshot')}{escape(group.place)}. {escape(MEANING[group.kind])}.</p>"
    yield "<pre>" + "\n".join(map(escape, group.lines)) + "</pre>"
    for place, change in enumerate(group.changes[:DRAWN]):
        yield from _change(change, is_open=place == 0)
    if len(group.changes) > DRAWN:
        yield f"<details><summary>{len(group.changes) - DRAWN} more, which change alike</summary><ul>"
        yield from (f"<li>{escape(change.pending.name)}</li>" for change in group.changes[DRAWN:])
        yield "</ul></details>"
    yield "</section>"


def _change(change: Change, *, is_open: bool) -> Iterator[str]:
    name = escape(change.pending.name)
    yield f"<details{' open' if is_open else ''}><summary>{name}</summary>"
    rows = _rows(change)
    shown, marks = rows[:_ROWS], _marks(change)
    yield '<div class="sides">'
    for title, tree, nodes in (
        ("Expected", change.stored, [stored for stored, _ in shown]),
        ("Received", change.received, [received for _, received in shown]),
    ):
        yield f"<figure><figcaption>{title}</figcaption>"
        if tree.children:
            yield draw(nodes, marks, f"{title}, {counted(sum(map(bool, nodes)), 'span')}; the table has what differs")
        else:
            yield "<p>nothing</p>"
        yield "</figure>"
    yield "</div>"
    if len(rows) > _ROWS:
        yield f"<p>{len(rows) - _ROWS} more rows are not drawn; what differs in them is listed.</p>"
    if change.kind in (Class.ADDITIVE, Class.BREAKING):
        yield from _table(change)
    yield "</details>"


def _rows(change: Change) -> list[tuple[Node | None, Node | None]]:
    """The spans of both trees in one order, those that are the same side by side."""
    children = merge(change.stored, change.received, change.pairs)
    stored = set(walk(change.stored))
    rows: list[tuple[Node | None, Node | None]] = []
    pending = [change.received]
    while pending:
        node = pending.pop()
        pending.extend(reversed(children[node]))
        if node.is_span:
            rows.append((node, None) if node in stored else (change.pairs.stored_of.get(node), node))
    return rows


def _marks(change: Change) -> dict[Node, str]:
    marks: dict[Node, str] = {}
    for difference in change.differences:
        marks.setdefault(difference.node, difference.kind.value)
        partner = change.pairs.stored_of.get(difference.node)
        if partner is not None:
            marks.setdefault(partner, difference.kind.value)
    return marks


def _table(change: Change) -> Iterator[str]:
    yield '<table><thead><tr><th scope="col">span</th><th scope="col">what</th><th scope="col">expected</th>'
    yield '<th scope="col">received</th></tr></thead><tbody>'
    for difference in change.differences:
        expected = received = ""
        if difference.kind in (Kind.CHANGED, Kind.MOVED):
            expected, received = shown_pair(difference)
        what = f"{difference.kind.value} {difference.key or difference.kind.name.lower()}"
        cells = (difference.path, what, expected, received)
        yield "<tr>" + "".join(f"<td>{escape(printable(cell))}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table>"
