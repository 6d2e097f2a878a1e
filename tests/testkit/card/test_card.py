"""What a report card says, and its forms."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from testkit.card import markdown, terminal
from testkit.card.record import (
    Card,
    CardError,
    Mutation,
    Overhead,
    Row,
    Upstream,
    Verdict,
    as_json,
    from_json,
    read_mutation,
    read_upstream,
)
from testkit.cli import main

OVERHEAD = Overhead(
    "mix", 30, untraced_us=100, traced_us=125, added_us=24, added_lower_us=20, added_upper_us=31, spans=2
)
CARD = Card(
    integration="paint",
    versions={"paint": "2.1.0", "Python": "3.11.7", "ddtrace": "1.20.0"},
    services=("redis 7.0.15, served by the local redis-server",),
    rows=(
        Row("WORK-01", "spans match contract", Verdict.PASSED, 1, 1, True, (), 0.5),
        Row("WORK-07", "finished and closed", Verdict.FAILED, 1, 2, False, ("mix: WORK-07 it is open\nsee [bold]",)),
        Row("INV-07", "generators are kept", Verdict.NOT_EXERCISED, 0, 2, False, ("no generator (2 of 2)",)),
        Row("INV-15", "order of imports", Verdict.SWITCHED_OFF, evidence=("it | has <no> order",)),
    ),
    overhead=(OVERHEAD,),
)
COMPLETE = replace(
    CARD,
    rows=(CARD.rows[0], CARD.rows[3]),
    mutation=Mutation(19, 20, ("patch.py:7 finish dropped",)),
    upstream=Upstream(400),
)


def shown(card: Card) -> str:
    console = Console(width=160)
    with console.capture() as captured:
        console.print(terminal.render(card))
    return captured.get()


def row_of(text: str, check: str) -> str:
    return next(line for line in text.splitlines() if line.strip("│| ").startswith(check))


def test_json_brings_back_the_card() -> None:
    """What is written can be read again, all of it."""
    assert from_json(as_json([CARD, COMPLETE])) == [CARD, COMPLETE]


def test_every_check_is_counted() -> None:
    """What nothing has exercised is counted as that, and not as passed."""
    assert CARD.summary == "4 checks: 1 passed, 1 failed, 1 not exercised, 1 switched off"
    assert json.loads(as_json([CARD]))[0]["counts"]["not exercised"] == 1


def test_the_overhead_of_a_span_is_that_of_the_run_by_its_spans() -> None:
    """A run of two spans that takes 24 µs longer costs 12 for each."""
    assert (OVERHEAD.added_per_span_us, OVERHEAD.ratio) == (12, 1.25)
    assert CARD.overhead_summary.startswith("12 µs of processor time a span")


def test_a_scenario_without_spans_is_no_measure_of_one() -> None:
    """Where there is nothing else, nothing was measured."""
    idle = replace(CARD, overhead=(replace(OVERHEAD, spans=0),))

    assert idle.overhead_summary.startswith("not measured")


@pytest.mark.parametrize("render", [shown, markdown.render], ids=["terminal", "markdown"])
def test_each_check_has_its_row(render) -> None:
    """Id, title, verdict, on how many scenarios, and evidence."""
    text = render(CARD)

    for row, exercised in zip(CARD.rows, ["together", "1 of 2", "0 of 2", "0"], strict=True):
        line = row_of(text, row.id)
        assert row.title in line and row.verdict in line and exercised in line
    assert "it is open" in row_of(text, "WORK-07")
    assert "no generator (2 of 2)" in row_of(text, "INV-07")


@pytest.mark.parametrize("render", [shown, markdown.render], ids=["terminal", "markdown"])
def test_what_it_was_run_with_is_told(render) -> None:
    """The versions, and the overhead of each scenario."""
    text = render(CARD)

    assert "paint 2.1.0, Python 3.11.7, ddtrace 1.20.0" in text
    assert "20 to 31" in text and "1.25" in text


def test_markdown_names_the_services() -> None:
    """Each with the provider that served."""
    assert "Service: redis 7.0.15, served by the local redis-server." in markdown.render(CARD)


def test_evidence_does_not_break_the_table() -> None:
    """Text with bars, tags and lines stays in its cell."""
    text = markdown.render(CARD)

    assert r"it \| has \<no\> order |" in row_of(text, "INV-15")
    assert r"mix: WORK-07 it is open see \[bold\]" in row_of(text, "WORK-07")
    assert "see [bold]" not in shown(CARD)


def test_boxes_are_ticked_where_it_is_so() -> None:
    """A failure, an idle check, and what was not run leave theirs empty."""
    assert [is_so for _, is_so, _ in markdown.questions(CARD)] == [False, False, True, False, False]
    assert [is_so for _, is_so, _ in markdown.questions(COMPLETE)] == [True] * 5
    assert markdown.render(COMPLETE).count("- [x]") == 5


@pytest.mark.parametrize(
    "change, place",
    [
        ({"mutation": Mutation(18, 20)}, 3),
        ({"mutation": Mutation(0, 0)}, 3),
        ({"upstream": Upstream(400, ("test_mix",))}, 4),
        ({"upstream": Upstream(0)}, 4),
        ({"overhead": ()}, 2),
    ],
)
def test_one_box_is_left_empty(change: dict, place: int) -> None:
    """Too few mistakes noticed, a regression, or nothing tried at all."""
    answers = [is_so for _, is_so, _ in markdown.questions(replace(COMPLETE, **change))]

    assert [number for number, is_so in enumerate(answers) if not is_so] == [place]


def test_what_nothing_caught_is_listed() -> None:
    """A reviewer sees the mistakes that would go unnoticed."""
    assert "- patch.py:7 finish dropped" in markdown.render(COMPLETE)


def test_the_template_of_pull_requests_asks_the_same() -> None:
    """Its boxes are those that a card fills in."""
    template = Path(__file__, "../../../../.github/pull_request_template.md").resolve().read_text()

    assert [line[6:] for line in template.splitlines() if line.startswith("- [ ] ")] == list(markdown.QUESTIONS)


def test_records_of_the_other_commands_are_read(tmp_path: Path) -> None:
    """As they write them, whatever else is in there."""
    path = tmp_path / "record.json"
    path.write_text('{"caught": 19, "total": 20, "survivors": ["x"], "compared": 5, "regressions": [], "more": 1}')

    assert read_mutation(path) == Mutation(19, 20, ("x",))
    assert read_upstream(path) == Upstream(5)


@pytest.mark.parametrize(
    "text, message",
    [
        (None, "cannot be read .*; expected is what `python -m testkit mutate <name> --json` writes"),
        ("{", "cannot be read"),
        ("[]", "has no numbers caught and total; expected is"),
        ('{"caught": "all", "total": 20}', "has no numbers"),
    ],
)
def test_another_file_is_refused(text: str | None, message: str, tmp_path: Path) -> None:
    """The error names the file, what was expected, and the command that writes it."""
    path = tmp_path / "record.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(CardError, match=message):
        read_mutation(path)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["reddis"], "there is no tests/contrib/reddis/scenarios.py"),
        (["redis", "--mutation", "no such file"], "no such file cannot be read"),
    ],
)
def test_the_command_says_what_it_cannot_use(arguments: list[str], message: str) -> None:
    """Before anything is run."""
    result = CliRunner().invoke(main, ["check", *arguments, "--root", str(Path(__file__, "../../../..").resolve())])

    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_the_command_wants_to_be_where_tests_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In neither a repository nor a package with scenarios, it says where to go."""
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(main, ["check", "redis"])

    assert result.exit_code == 2
    assert "the folder of a package with tests/scenarios.py" in " ".join(result.output.split())
