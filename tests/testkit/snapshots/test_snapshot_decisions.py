import json
import subprocess

import pytest

from testkit.snapshots import pending as pending_module
from testkit.snapshots.changes import Class
from testkit.snapshots.model import SnapshotError
from testkit.snapshots.pending import StalePending, commit_of


def commit(root):
    """Make a commit, and be asked for it anew."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], cwd=root, check=True)
    commit_of.cache_clear()


@pytest.fixture
def changed(project):
    """One additive, one breaking, one new and one unused snapshot, each its file."""
    project.store("more", "a")
    project.store("other", "a t=1")
    return {
        Class.ADDITIVE: project.receive("more", "a t=1"),
        Class.BREAKING: project.receive("other", "a t=2"),
        Class.NEW: project.receive("new", "b"),
        Class.ORPHAN: project.leave_unused("gone"),
    }


@pytest.mark.parametrize("kind", [Class.ADDITIVE, Class.BREAKING, Class.NEW])
def test_what_is_accepted_is_stored(project, changed, kind):
    """After a decision the tests pass, and it is not asked for again; the rest is."""
    groups = project.review.select([], [kind])

    assert project.review.accept(groups) == [changed[kind]]

    project.check(changed[kind].stem, {Class.ADDITIVE: "a t=1", Class.BREAKING: "a t=2", Class.NEW: "b"}[kind])
    assert {group.kind for group in project.review.groups()} == set(Class) - {kind}


def test_accepting_stores_what_an_update_stores(project, tmp_path):
    """The bytes are the same, whichever way they came."""
    project.store("get", "a")
    path = project.receive("get", "b t=1\n  c\n  &d")
    project.review.accept(project.review.groups())

    assert path.read_bytes() == project.store("same", "b t=1\n  c\n  &d").read_bytes()


def test_accepting_again_changes_nothing(project):
    """What was accepted is no change any more, however often it is received: not a byte of the file is written."""
    project.store("get", "a")
    path = project.receive("get", "b t=1\n  c\n  &d")
    project.review.accept(project.review.groups())
    before = path.read_bytes(), path.stat().st_mtime_ns

    project.check("get", "b t=1\n  c\n  &d")
    project.store("get", "b t=1\n  c\n  &d")
    assert project.review.accept(project.review.groups()) == []

    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_an_unused_snapshot_is_deleted(project, changed):
    """Accepting that nothing uses it removes the file."""
    project.review.accept(project.review.select([], [Class.ORPHAN]))

    assert not changed[Class.ORPHAN].exists()


def test_what_is_rejected_stays_as_it_was(project, changed):
    """Nothing in the project changes, and nothing is pending."""
    before = {path: path.read_bytes() if path.exists() else None for path in changed.values()}

    project.review.reject(project.review.groups())

    assert {path: path.read_bytes() if path.exists() else None for path in changed.values()} == before
    assert not project.review.groups()
    assert not [path for path in project.pending.rglob("*") if path.is_file()]


def test_another_commit_is_told_apart(project):
    """What a run of another commit received cannot be accepted, and says of which it is."""
    commit(project.root)
    project.store("get", "a")
    path = project.receive("get", "b")
    before, made_at = path.read_bytes(), commit_of(project.root)
    commit(project.root)

    with pytest.raises(StalePending, match=f"get.json: it is of commit {made_at[:10]}, here is commit "):
        project.review.accept(project.review.groups())

    assert path.read_bytes() == before


def test_the_same_commit_is_accepted(project):
    """A pending snapshot of what is checked out is current."""
    commit(project.root)
    project.store("get", "a")
    project.receive("get", "b")

    project.review.accept(project.review.groups())

    project.check("get", "b")


def test_without_git_there_is_no_commit(tmp_path, monkeypatch):
    """A machine without git can review, too."""
    monkeypatch.setenv("PATH", "")
    commit_of.cache_clear()

    assert commit_of(tmp_path) == ""


def test_a_stored_file_that_changed_meanwhile_is_not_overwritten(project):
    """A decision is about the two files that were compared."""
    project.store("get", "a")
    project.receive("get", "b")
    path = project.store("get", "c")
    before = path.read_bytes()

    with pytest.raises(StalePending, match="the stored file is not the one that it was compared with"):
        project.review.accept(project.review.groups())

    assert path.read_bytes() == before


def test_one_that_is_refused_refuses_all(project):
    """Either everything that was chosen is stored, or nothing is."""
    project.store("fine", "a")
    project.store("leaks", "a")
    fine = project.receive("fine", "a t=1")
    project.receive("leaks", "a db.password=hunter22")
    before = fine.read_bytes()

    with pytest.raises(SnapshotError, match="leaks.json was not stored.*(?s:.*)meta.db.password holds hun..."):
        project.review.accept(project.review.groups())

    assert fine.read_bytes() == before


def test_an_unknown_group_is_named_with_the_nearest(project, changed):
    """A name with a mistake gets the one that was meant."""
    name = project.review.select([], [Class.ADDITIVE])[0].name

    with pytest.raises(SnapshotError, match=f"no group '{name}x'; did you mean .*{name}"):
        project.review.select([f"{name}x"])


@pytest.mark.parametrize(
    ("origin", "problem"),
    [
        ("{", "Expecting property name"),
        ("[]", r"found '\[\]'"),
        (json.dumps({"format": 99}), "found '99'; it is of another testkit"),
        (json.dumps({"format": 1, "commit": 1, "stored": "", "refused": []}), "the texts commit and stored"),
        (json.dumps({"format": 1, "commit": "", "stored": "", "refused": [1]}), "the list refused"),
    ],
)
def test_a_malformed_origin_is_refused(project, origin, problem):
    """What another tool, or a newer one, wrote is not guessed at."""
    project.receive("get", "a")
    (path,) = project.pending.rglob("*.origin")
    path.write_text(origin)

    with pytest.raises(SnapshotError, match=f"get.json: expected an origin of format 1.*{problem}"):
        project.review.groups()


@pytest.mark.parametrize("content", ["[", "<<<<<<< HEAD\n[]\n=======\n[]\n>>>>>>> other\n"])
def test_a_malformed_pending_file_is_refused(project, content):
    """What cannot be read is not stored."""
    project.receive("get", "a")
    (path,) = project.pending.rglob("*.json")
    path.write_text(content)

    with pytest.raises(SnapshotError, match="get.json: line 1"):
        project.review.groups()


def test_only_snapshots_can_be_meant(project, tmp_path):
    """A folder from elsewhere cannot write beside the snapshots."""
    project.receive("get", "a")
    (path,) = project.pending.rglob("*.origin")
    elsewhere = project.pending / "ddtrace" / "get.origin"
    elsewhere.parent.mkdir()
    path.rename(elsewhere)

    with pytest.raises(SnapshotError, match="expected a file in a folder `snapshots`"):
        project.review.groups()


@pytest.mark.parametrize("suffix", [".json", ".origin"])
def test_a_link_is_refused(project, tmp_path, suffix):
    """A folder from elsewhere cannot have a file of this machine read."""
    project.receive("get", "a")
    (path,) = project.pending.rglob(f"*{suffix}")
    target = tmp_path / "target"
    path.rename(target)
    path.symlink_to(target)

    with pytest.raises(SnapshotError, match="and no link"):
        project.review.groups()


def test_a_snapshots_folder_that_leads_out_is_refused(project, tmp_path_factory):
    """A linked folder of the project is not followed out of it."""
    project.receive("get", "a")
    outside = tmp_path_factory.mktemp("outside")
    project.folder("toy").parent.mkdir(parents=True)
    project.folder("toy").symlink_to(outside, target_is_directory=True)

    with pytest.raises(SnapshotError, match="expected a file in a folder"):
        project.review.groups()


def test_an_origin_of_nothing_is_no_change(project):
    """An unused snapshot that is gone already needs no decision."""
    project.leave_unused("gone").unlink()

    assert pending_module.find_pending(project.root, project.pending) == []
