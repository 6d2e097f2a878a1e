"""The review in a real pseudo-terminal: keys go in, a screen comes out, files change."""

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

DEADLINE_S = 60
REPOSITORY = Path(__file__).parents[3]


class Terminal:
    """A program in a pseudo-terminal of 40 lines of 140 characters."""

    def __init__(self, project, environment):
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(self._ours, (40, 140))
        self.before = termios.tcgetattr(theirs)
        self._theirs = theirs
        self._raw = b""
        path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
        # Where pytest has loaded readline, its workers are told the size of a terminal that is not this one.
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "testkit", "snapshots", "review", "--root", str(project.root)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=project.root,
            env={**inherited, "PYTHONPATH": path, "TERM": "xterm-256color", **environment},
            start_new_session=True,
        )

    def wait_for(self, text):
        """Read until the text is shown; what was shown before does not count."""
        deadline = time.monotonic() + DEADLINE_S
        while text not in self.shown:
            ready, _, _ = select.select([self._ours], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"{text!r} was not shown within {DEADLINE_S} s; shown was {self.shown}"
            self._raw += os.read(self._ours, 65_536)
        shown, self._raw = self.shown, b""
        return shown

    @property
    def shown(self):
        """The text of what was read; of a character or a sequence that is cut in two the rest is still to come."""
        return _plain(self._raw.decode(errors="ignore"))

    def press(self, keys):
        """Type."""
        os.write(self._ours, keys.encode())

    def end(self):
        """Wait for the program, which has to be content."""
        assert self.process.wait(DEADLINE_S) == 0

    @property
    def settings(self):
        """The terminal's, as they are now."""
        return termios.tcgetattr(self._theirs)

    def close(self):
        """End the program if it is still there."""
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)


def _plain(text):
    return re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", text)


@pytest.fixture
def review(project):
    """Start the review of a project; further environment is taken."""
    terminals = []

    def start(**environment):
        terminals.append(Terminal(project, environment))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def changed(project):
    """An additive change of two snapshots, and a breaking one."""
    for name in ("one", "two", "three"):
        project.store(name, "a t=1\n  b")
    project.receive("one", "a t=1 u=1\n  b")
    project.receive("two", "a t=1 u=1\n  b")
    project.receive("three", "a t=2\n  b")


def test_every_decision_has_a_key(review, changed, project):
    """A breaking change asks once more, an additive one is stored at once; the last decision ends the review."""
    terminal = review()
    shown = terminal.wait_for("q quit")
    assert "2 groups" in shown
    assert '~ t: "1" -> "2"' in shown

    terminal.press("a")
    terminal.wait_for("is breaking: y accepts it")
    terminal.press("y")
    terminal.wait_for("accepted breaking-")
    project.check("three", "a t=2\n  b")
    terminal.press("a")
    terminal.wait_for("2 accepted")
    terminal.end()

    project.check("one", "a t=1 u=1\n  b")
    project.check("two", "a t=1 u=1\n  b")


def test_breaking_needs_a_yes(review, changed, project):
    """Any other key leaves the snapshot undecided."""
    terminal = review()
    terminal.wait_for("q quit")
    terminal.press("a")
    terminal.wait_for("is breaking")
    terminal.press("xq")

    terminal.wait_for("2 left")
    terminal.end()
    project.check("three", "a t=1\n  b")


def test_rejecting_and_skipping(review, changed, project):
    """What is skipped stays pending, what is rejected does not; the arrows choose."""
    terminal = review()
    terminal.wait_for("q quit")
    terminal.press("s")
    terminal.wait_for("2 is chosen")
    terminal.press("\x1b[A")
    terminal.wait_for("1 is chosen")
    terminal.press("\x1b[B")
    terminal.wait_for("2 is chosen")
    terminal.press("r")
    terminal.wait_for("rejected additive-")
    terminal.press("q")

    terminal.wait_for("1 rejected, 1 left")
    terminal.end()
    assert [group.kind for group in project.review.groups()] == ["breaking"]
    project.check("one", "a t=1\n  b")


def test_a_refusal_is_shown(review, project):
    """What cannot be stored stays, with the reason on the screen."""
    project.receive("leaks", "a db.password=hunter22")
    terminal = review()
    terminal.wait_for("q quit")
    terminal.press("a")
    terminal.wait_for("meta.db.password holds hun...")
    terminal.press("q")

    terminal.wait_for("1 left")
    terminal.end()
    assert project.review.groups()


def test_the_page_is_opened(review, changed, project, tmp_path):
    """A key writes the page, and opens it in the user's browser."""
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    terminal = review(BROWSER=f"{browser} %s")
    terminal.wait_for("q quit")
    terminal.press("h")
    terminal.wait_for("opened")
    terminal.press("q")
    terminal.wait_for("2 left")
    terminal.end()

    page = project.root / ".testkit" / "snapshots.html"
    assert opened.read_text().strip() == page.resolve().as_uri()
    assert "<svg" in page.read_text()


@pytest.mark.parametrize("key", ["q", "\x1b", "\x03"])
def test_the_terminal_is_given_back(review, changed, key):
    """However the review ends, echo and lines are as they were."""
    terminal = review()
    terminal.wait_for("q quit")
    assert terminal.settings != terminal.before
    terminal.press(key)
    terminal.wait_for("2 left")
    terminal.end()

    assert terminal.settings == terminal.before


def test_what_a_span_says_does_not_reach_the_terminal(review, project, spans_of):
    """A control sequence in a value is shown, not obeyed; markup is text."""
    spans = spans_of("a")
    spans[0].set_tag("t", "\x1b]0;title\x07[bold]x")
    project.receive("get", spans)
    spans[0].resource = "\x1b[2Jgone[/]"
    project.receive("get", spans)
    terminal = review()
    shown = terminal.wait_for("q quit")
    terminal.press("q")
    terminal.wait_for("1 left")
    terminal.end()

    assert "[2Jgone[/]" in shown
