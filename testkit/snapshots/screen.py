"""The review on the whole screen: the groups above, the chosen one below, a key for each decision."""

from __future__ import annotations

import webbrowser
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.console import Group as Stack
from rich.console import RenderableType
from rich.rule import Rule
from rich.text import Text

from testkit.snapshots.changes import MEANING, Class, Group
from testkit.snapshots.decisions import NO_TOGETHER, Review
from testkit.snapshots.keys import QUIT, pressed_keys
from testkit.snapshots.listing import STYLES
from testkit.snapshots.model import SnapshotError
from testkit.snapshots.report import LEGEND

HELP = "a accept   r reject   s skip   up/down choose   space, page up scroll   h page   q quit"
_LIST_ROWS = 8
_MARKS = {"+": "green", "-": "red", "~": "yellow", ">": "magenta", "^": "magenta"}


class Deciding:
    """What is on the screen, and what each key does to it."""

    def __init__(self, review: Review, write_page: Callable[[Sequence[Group]], Path]) -> None:
        self.groups = review.groups()
        self.decided: Counter[str] = Counter(accepted=0, rejected=0)
        self.message = ""
        self._review = review
        self._write_page = write_page
        self._place = 0
        self._scroll = 0
        self._asked = False
        self._actions: dict[str, Callable[[], None]] = {
            "a": self._accept,
            "r": self._reject,
            "h": self._open_page,
            **dict.fromkeys(("s", "j", "n", "down"), lambda: self._go(1)),
            **dict.fromkeys(("k", "p", "up"), lambda: self._go(-1)),
            "page down": lambda: self._scroll_by(10),
            "page up": lambda: self._scroll_by(-10),
        }

    @property
    def current(self) -> Group:
        """The chosen group."""
        return self.groups[self._place]

    def press(self, key: str) -> bool:
        """Do what a key says; False where that was the last."""
        if key == QUIT:
            return False
        self.message = ""
        was_asked, self._asked = self._asked, False
        if was_asked and key == "y":
            self._decide("accepted", self._review.accept)
        elif key in self._actions:
            self._actions[key]()
        return bool(self.groups)

    def _accept(self) -> None:
        if self.current.kind is NO_TOGETHER:
            self._asked = True
            self.message = f"{self.current.name} is breaking: y accepts it, any other key does not"
        else:
            self._decide("accepted", self._review.accept)

    def _reject(self) -> None:
        self._decide("rejected", self._review.reject)

    def _decide(self, done: str, decide: Callable[[list[Group]], list[Path]]) -> None:
        try:
            files = decide([self.current])
        except SnapshotError as error:
            self.message = str(error)
            return
        self.message = f"{done} {self.current.name}: {len(files)} snapshots"
        self.decided[done] += 1
        del self.groups[self._place]
        self._go(0)

    def _open_page(self) -> None:
        path = self._write_page(self.groups)
        is_open = webbrowser.open(path.resolve().as_uri())
        self.message = f"{'opened' if is_open else 'no browser was found; wrote'} {path}"

    def _go(self, by: int) -> None:
        self._place = max(0, min(self._place + by, len(self.groups) - 1))
        self._scroll = 0

    def _scroll_by(self, lines: int) -> None:
        self._scroll = max(0, self._scroll + lines)

    def render(self, height: int) -> RenderableType:
        """The screen, at most so many lines high."""
        first = max(0, min(self._place - _LIST_ROWS // 2, len(self.groups) - _LIST_ROWS))
        listed = self.groups[first : first + _LIST_ROWS]
        detail = _detail(self.current)
        room = max(3, height - len(listed) - 5 - self.message.count("\n"))
        self._scroll = min(self._scroll, max(0, len(detail) - room))
        more = len(detail) - room - self._scroll
        return Stack(
            Rule(f"snapshots: {len(self.groups)} groups, {self._place + 1} is chosen"),
            *(_row(group, group is self.current) for group in listed),
            Rule(f"{more} more lines below" if more > 0 else ""),
            *detail[self._scroll : self._scroll + room],
            Rule(),
            _line(self.message, "bold yellow"),
            _line(HELP, "dim"),
        )


def run_review(review: Review, write_page: Callable[[Sequence[Group]], Path]) -> Counter[str]:
    """Decide with keys until nothing is left, or enough is; say how many groups were accepted, rejected, and left."""
    deciding = Deciding(review, write_page)
    console = Console()
    with pressed_keys() as read_key, console.screen() as screen:
        goes_on = True
        while goes_on:
            screen.update(deciding.render(console.height))
            goes_on = deciding.press(read_key())
    return deciding.decided + Counter(left=len(deciding.groups))


def _row(group: Group, is_current: bool) -> Text:
    row = _line(f"{'>' if is_current else ' '} ", "bold")
    row.append(f"{group.name:18}", STYLES[group.kind]).append(f"{len(group.changes):5}  {group.title}")
    if is_current:
        row.stylize("reverse")
    return row


def _detail(group: Group) -> list[Text]:
    lines = [_line(f"{group.kind}: {MEANING[group.kind]}", STYLES[group.kind])]
    lines += [_line(line, _MARKS.get(line[:1], "")) for line in group.lines]
    first = group.changes[0]
    lines += [_line(""), _line(f"{first.pending.name}   {LEGEND}", "dim")]
    if group.kind is not Class.ORPHAN:
        lines += [_line(line, _MARKS.get(line[:1], "")) for line in first.tree.splitlines()]
    lines += [_line(f"also {change.pending.name}", "dim") for change in group.changes[1:]]
    return lines


def _line(text: str, style: str = "") -> Text:
    return Text(text, style, no_wrap=text.count("\n") == 0, overflow="ellipsis")
