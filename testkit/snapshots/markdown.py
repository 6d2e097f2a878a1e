"""What is pending as the comment of a pull request: grouped, bounded in size, and with a hint for the version."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from testkit.snapshots.changes import MEANING, Class, Group
from testkit.snapshots.report import counted

MARK = "<!-- span snapshots -->"
"""The first line, by which a later run finds the comment that it replaces."""

SIZE_LIMIT_BYTES = 60_000
_TREE_LINES = 40
_FILES = 10
_LONGEST_LINE = 300

HINTS = {
    Class.BREAKING: "**major**: spans or tags that somebody may rely on are renamed, removed or different",
    Class.ADDITIVE: "**minor**: spans or tags are added",
    Class.NEW: "**minor**: more is traced, or tested",
    Class.ORPHAN: "**patch**: no span changes",
}


def render(groups: Sequence[Group]) -> str:
    """The comment; groups that do not fit are counted, and none is left out silently."""
    lines = [MARK, "## Span snapshots", ""]
    if not groups:
        return "\n".join([*lines, "No snapshot changes.", ""])
    lines += list(_head(groups))
    text = "\n".join(lines)
    for place, group in enumerate(groups):
        section = "\n".join(_section(group))
        rest = _rest(groups[place:])
        if len(f"{text}\n{section}{rest}".encode(errors="backslashreplace")) > SIZE_LIMIT_BYTES:
            return text + rest
        text = f"{text}\n{section}"
    return text


def _head(groups: Sequence[Group]) -> Iterator[str]:
    snapshots = Counter[Class]()
    for group in groups:
        snapshots[group.kind] += len(group.changes)
    hint = next(hint for kind, hint in HINTS.items() if kind in snapshots)
    yield f"{counted(len(groups), 'change')} in {counted(snapshots.total(), 'snapshot')}. Next version: {hint}."
    yield ""
    yield "| class | groups | snapshots | |"
    yield "|---|---:|---:|---|"
    for kind, count in snapshots.items():
        yield f"| {kind} | {sum(group.kind is kind for group in groups)} | {count} | {MEANING[kind]} |"
    yield ""


def _section(group: Group) -> Iterator[str]:
    yield f"### {group.name}: {counted(len(group.changes), 'snapshot')}{_code_names(group)}"
    yield ""
    yield from _fenced(group.lines[:_TREE_LINES], len(group.lines))
    first = group.changes[0]
    if group.kind in (Class.ADDITIVE, Class.BREAKING):
        tree = first.tree.splitlines()
        yield f"<details><summary>in {_escaped(first.pending.name)}</summary>"
        yield ""
        yield from _fenced(tree[:_TREE_LINES], len(tree))
        yield "</details>"
    for change in group.changes[:_FILES]:
        yield f"- {_code(change.pending.name)}"
    if len(group.changes) > _FILES:
        yield f"- and {len(group.changes) - _FILES} more"
    yield ""


def _rest(groups: Sequence[Group]) -> str:
    names = ", ".join(group.name for group in groups[:20])
    more = f" and {len(groups) - 20} more" if len(groups) > 20 else ""
    return f"\n{counted(len(groups), 'group')} too many to be shown; the page has all: {names}{more}\n"


def _fenced(lines: Sequence[str], total: int) -> Iterator[str]:
    cut = [line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..." for line in lines]
    if total > len(lines):
        cut.append(f"... {total - len(lines)} more lines")
    longest = max((len(run) for run in re.findall("`+", "\n".join(cut))), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}diff"
    yield from cut
    yield fence


def _code_names(group: Group) -> str:
    names = [_code(name) for name, _ in group.spans.most_common(5)]
    more = f" and {len(group.spans) - 5} other names" if len(group.spans) > 5 else ""
    return f", on {', '.join(names)}{more}" if names else ""


def _code(text: str) -> str:
    """Text that says nothing to markdown, in one line."""
    text = " ".join(text.split())[:_LONGEST_LINE] or " "
    ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{ticks}{text}{ticks}" if ticks == "`" else f"{ticks} {text} {ticks}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
