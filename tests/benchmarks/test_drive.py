"""The drive, with real processes; no figure is judged, since a test asserts no time."""

import dataclasses
import json
import sys

import pytest

from benchmarks import __main__ as command
from benchmarks.contestants.libraries import CALLS
from benchmarks.drive import FULL, TINY, Player, Seat, Servers, measure, take_one_each, take_turns
from benchmarks.environments import environment_variables
from benchmarks.figures import Measurement, Repeat
from benchmarks.processes import WorkFailedError
from benchmarks.rows import GROUPS, ROWS, Work

NO_SERVERS = Servers("http://127.0.0.1:9", {})

ABSENT = {"none", "no integration yet", "not on this system"} | {
    *(f"no {row.work.service} here" for row in ROWS if row.work.service),
    *(f"{library} is not installed" for library in CALLS),
}

ALWAYS = {"a", "b", "c", "p", "d", "f", "h", "flat", "threads"}
"""Groups that need nothing but the tracer."""


def ours(python=sys.executable):
    return Player("ours", python, environment_variables("ours"))


class Scripted:
    """Stands for a process: each repeat is the next of those given, or the error."""

    def __init__(self, *repeats):
        self.left = list(repeats)

    def repeat(self):
        result = self.left.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


def seat(*repeats):
    return Seat(ours(), Scripted(*repeats), Measurement(), is_traced=True)


GOOD = Repeat({"ns": 1}, (100, 100))
TWO_ARE_ENOUGH = dataclasses.replace(FULL, repeats=2, most_repeats=5)
BEFORE, AFTER = Repeat({"ns": 1}, (200, 100)), Repeat({"ns": 1}, (100, 200))
"""Of these two each shows that the other one was disturbed."""


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory):
    """All rows of ours by the command itself, as little as possible of each: exit code, JSON and Markdown."""
    folder = tmp_path_factory.mktemp("run")
    json_file, markdown_file = folder / "run.json", folder / "run.md"
    code = command.main(
        ["--tiny", "--peers", "none", "--own-python", sys.executable]
        + ["--json", str(json_file), "--markdown", str(markdown_file)]
    )
    return code, json.loads(json_file.read_text()), markdown_file.read_text()


def test_each_row_has_a_figure_or_says_why_not(tiny_run):
    """Every row that is declared runs, today and tomorrow."""
    code, found, _ = tiny_run
    figures = {row.title: found["figures"][row.title]["ours"] for row in ROWS}

    assert code == 0
    assert {figure["absent"] for figure in figures.values() if figure["value"] is None} <= ABSENT
    assert all(figures[row.title]["value"] is not None for row in ROWS if row.group in ALWAYS)


def test_a_page_is_written(tiny_run):
    """The page has a line a row in both tables, and says that figures of a tiny round mean nothing."""
    _, _, page = tiny_run

    assert all(page.count(f"\n| {row.title} ") == 2 for row in ROWS)
    assert "These figures mean nothing" in page


def test_everything_measured_is_written(tiny_run):
    """The JSON has each repeat, with its loops."""
    _, found, _ = tiny_run
    (repeat,) = found["works"]["ten_spans"]["ours"]["rounds"][0]["repeats"]

    assert repeat["figures"]["ns"] > 0
    assert len(repeat["spins_ns"]) == 2


def test_turns_are_taken_until_nobody_lacks_a_repeat():
    """Who was disturbed repeats; who has enough does not."""
    lucky, unlucky = seat(GOOD, GOOD), seat(BEFORE, AFTER, GOOD, GOOD)

    take_turns([lucky, unlucky], TWO_ARE_ENOUGH)

    assert (len(lucky.round.repeats), len(unlucky.round.repeats)) == (2, 4)


def test_turns_end_where_all_is_disturbed():
    """After so many repeats it is enough."""
    noisy = seat(*[BEFORE, AFTER] * 50)

    take_turns([noisy], TWO_ARE_ENOUGH)

    assert len(noisy.round.repeats) == 5


def test_what_is_no_time_is_done_once():
    """Memory is measured once a process, since what was freed is taken again, and no slow loop makes it wrong."""
    busy = seat(BEFORE, AFTER)

    take_one_each([busy])

    assert busy.round.undisturbed == [Repeat({"ns": 1}, ())]


def test_who_fails_leaves_the_others_alone():
    """A failure ends the turns of one contestant only."""
    broken, well = seat(WorkFailedError("it broke")), seat(GOOD, GOOD)

    take_turns([broken, well], TWO_ARE_ENOUGH)

    assert broken.measurement.failure == "it broke"
    assert well.round.undisturbed == [GOOD, GOOD]


def test_a_work_that_fails_says_what_its_process_printed():
    """The end of the process's own traceback is in the failure."""
    found = measure(Work("no_such_work"), [ours()], TINY, NO_SERVERS)["ours"]

    assert "ours: no_such_work {} exited with 1" in found.failure
    assert "KeyError: 'no_such_work'" in found.failure


def test_a_failure_is_in_the_exit_code(monkeypatch, capsys):
    """The page says which figure failed, and why stands on stderr."""
    monkeypatch.setattr(command, "ROWS", [ROWS[0].__class__("a", "broken", Work("no_such_work"))])

    code = command.main(["--tiny", "--peers", "none", "--own-python", sys.executable])

    printed = capsys.readouterr()
    assert code == 1
    assert "failed" in printed.out
    assert "no_such_work" in printed.err


def test_an_environment_that_cannot_be_made_ends_the_command(monkeypatch, tmp_path, capsys):
    """The error is said, without a traceback, and nothing is measured."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert command.main(["--tiny", "--peers", "none", "--python", "/no/python"]) == 2
    assert "/no/python does not run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rows", "c,z"], f"there is no row 'z'; expected some of {', '.join(GROUPS)}"),
        (["--peers", "otel,jaeger"], "there is no peer 'jaeger'; expected some of dd4, dd1, otel, sentry, elastic"),
        (["--rounds", "0"], "expected a whole number from 1 on, got '0'"),
    ],
)
def test_a_wrong_argument_is_refused(arguments, message, capsys):
    """The message says what was found and what was expected."""
    with pytest.raises(SystemExit):
        command.main(arguments)

    assert message in capsys.readouterr().err


def test_two_works_are_told_apart():
    """Rows that share a key share a measurement, so different works have different keys."""
    works = {(row.work.name, str(row.work.arguments)): row.work.key for row in ROWS}

    assert len(set(works.values())) == len(works)
