import json
import os

import pytest
from click.testing import CliRunner

from testkit.cli import main


@pytest.fixture
def run(project):
    """Run a command of the project; it fails unless `fails` is said."""

    def invoke(*arguments, fails=False):
        result = CliRunner().invoke(main, ["snapshots", arguments[0], "--root", str(project.root), *arguments[1:]])
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    return invoke


@pytest.fixture
def names(run):
    """The groups as they are now: class to name."""
    return lambda: {group["class"]: group["name"] for group in json.loads(run("list", "--json"))}


@pytest.fixture
def changed(project):
    """A snapshot of each class."""
    project.store("more", "a")
    project.store("other", "a t=1")
    project.receive("more", "a t=1")
    project.receive("other", "a t=2")
    project.receive("new", "b")
    project.leave_unused("gone")


def test_the_list_has_every_group(run, changed):
    """Each with its name, its class and what changes; the gravest first."""
    lines = run("list").splitlines()

    assert [line.split()[0].partition("-")[0] for line in lines[1:]] == ["breaking", "orphan", "additive", "new"]
    assert '~ t: "1" -> "2", on a' in lines[1]


def test_the_list_is_there_for_programs(run, changed):
    """JSON says all of a group."""
    group = json.loads(run("list", "--json"))[0]

    assert {key: group[key] for key in ("class", "lines", "spans", "snapshots", "integrations", "obstacles")} == {
        "class": "breaking",
        "lines": ['~ t: "1" -> "2"'],
        "spans": {"a": 1},
        "snapshots": ["tests/contrib/toy/snapshots/other.json"],
        "integrations": ["toy"],
        "obstacles": [],
    }


def test_nothing_pending_is_said(run):
    """An empty answer would look like a mistake; JSON stays JSON."""
    assert run("list") == "nothing is pending\n"
    assert json.loads(run("list", "--json")) == []
    assert run("review") == "nothing is pending\n"


@pytest.mark.parametrize("kind", ["new", "additive", "orphan"])
def test_a_class_is_accepted_alone(run, changed, names, kind):
    """The others still await a decision."""
    run("accept", f"--class={kind}")

    assert names().keys() == {"new", "additive", "orphan", "breaking"} - {kind}


def test_breaking_is_accepted_by_name_only(run, changed, names):
    """A change that may break others is never one of many."""
    assert "name each group" in run("accept", "--class=breaking", fails=True)
    assert f"left to decide: {names()['breaking']}" in run("accept", "--all")

    run("accept", names()["breaking"])

    assert names() == {}


def test_an_acceptance_is_told_to_programs(run, changed, names):
    """JSON has the files that were written."""
    name = names()["additive"]

    assert json.loads(run("accept", name, "--json")) == {
        "accepted": ["tests/contrib/toy/snapshots/more.json"],
        "groups": [name],
    }


def test_everything_can_be_rejected(run, changed, names):
    """Rejecting breaks nothing, so breaking changes are rejected with the rest."""
    assert run("reject", "--all") == "rejected 4 groups, 4 snapshots\n"

    assert names() == {}


@pytest.mark.parametrize("command", ["accept", "reject"])
def test_nothing_is_decided_by_default(run, changed, names, command):
    """A command without a choice says how to choose."""
    assert "expected the names of groups, --class or --all" in run(command, fails=True)
    assert len(names()) == 4


def test_a_wrong_name_decides_nothing(run, changed, names):
    """One unknown name refuses the whole command."""
    assert "there is no group 'x'" in run("accept", names()["additive"], "x", fails=True)
    assert len(names()) == 4


def test_a_refusal_is_a_message(run, project, names):
    """What must not be stored is said in the list and by accept, without a traceback."""
    project.receive("leaks", "a db.password=hunter22")

    assert "cannot be accepted" in run("list")
    output = run("accept", "--all", fails=True)
    assert "meta.db.password holds hun..." in output
    assert "Traceback" not in output


def test_pending_of_another_place_is_accepted(run, project, tmp_path_factory, changed):
    """What CI kept is reviewed on the contributor's machine."""
    artifact = tmp_path_factory.mktemp("artifact") / "pending"
    project.pending.rename(artifact)

    assert run("list") == "nothing is pending\n"
    assert "accepted 3 groups" in run("accept", "--all", "--pending", str(artifact))
    project.check("more", "a t=1")


def test_a_review_needs_a_terminal(run, changed):
    """Without one, the other commands are named."""
    assert "expected a terminal; use list, accept and reject" in run("review", fails=True)


def test_a_report_is_written(run, changed, tmp_path):
    """As a page and as markdown, into files or to the output."""
    run("report", "--html", str(tmp_path / "x.html"), "--markdown", str(tmp_path / "x.md"))

    assert (tmp_path / "x.html").read_text().startswith("<!DOCTYPE html>")
    assert run("report", "--markdown", "-") == (tmp_path / "x.md").read_text()


def test_a_report_needs_a_form(run, changed):
    """A report that goes nowhere is a mistake."""
    assert "expected --html FILE or --markdown FILE" in run("report", fails=True)


@pytest.mark.parametrize("option", ["--html", "--markdown"])
def test_a_report_replaces_files_only(run, tmp_path, option):
    """A device or a pipe would be gone."""
    os.mkfifo(tmp_path / "pipe")

    assert "something else of that name" in run("report", option, str(tmp_path / "pipe"), fails=True)
    assert (tmp_path / "pipe").is_fifo()
