import json

import pytest

pytest_plugins = ["pytester"]

TESTS = """
    from ddtrace.span import Span

    def span(name):
        made = Span(name)
        made.finish()
        return made

    def test_one(snapshot):
        snapshot([span("one")])

    def test_two(snapshot):
        snapshot([span("two")], name="second")
"""
COMPLETE = ["second.json", "test_one.json"]


@pytest.fixture
def project(pytester, monkeypatch):
    """A project with two snapshot tests, outside CI."""
    monkeypatch.delenv("CI", raising=False)
    # The inner run finds the kit imported by the outer one, where that is not installed.
    pytester.makeini("[pytest]\nfilterwarnings =\n  error\n  ignore:Module already imported")
    pytester.makepyfile(test_toy=TESTS)
    return pytester


@pytest.fixture
def run(project):
    """Run the project's tests in this process."""
    return lambda *arguments: project.runpytest_inprocess("-p", "testkit.snapshots.plugin", *arguments)


@pytest.fixture
def stored(project, run):
    """The project after an update, and the names of its stored files."""
    assert run("--snapshot-update").ret == 0
    return lambda: sorted(path.name for path in project.path.glob("snapshots/*.json"))


def leave_unused(project, name="gone.json"):
    """Put a snapshot there that no test claims."""
    folder = project.path / "snapshots"
    (folder / name).write_text((folder / "test_one.json").read_text())


def test_an_update_stores_beside_the_tests(stored):
    """Files are named for the test, or as the test says."""
    assert stored() == COMPLETE


def test_stored_snapshots_match(run, stored):
    """After an update the tests pass without one."""
    assert run().ret == 0


def test_nothing_stored_fails(run, project):
    """Without an update a missing file is a failure, and is not made."""
    result = run()

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*nothing is stored yet*", "*accept: pytest --snapshot-update test_toy.py::test_one"])
    assert not (project.path / "snapshots").exists()


def test_a_mismatch_is_pending(run, stored, project):
    """What was received is kept under .testkit, for review."""
    project.makepyfile(test_toy=TESTS.replace('span("one")', 'span("changed")'))

    result = run()

    result.assert_outcomes(failed=1, passed=1)
    kept = project.path / ".testkit/pending/snapshots/test_one.json"
    assert json.loads(kept.read_text())[0][0]["name"] == "changed"


@pytest.mark.parametrize("value", ["true", "1", "woodpecker"])
def test_ci_refuses_an_update(run, project, monkeypatch, value):
    """CI never stores."""
    monkeypatch.setenv("CI", value)

    result = run("--snapshot-update")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--snapshot-update is refused where CI is set*"])


def test_ci_writes_nothing(run, project, monkeypatch):
    """In CI a failure leaves no file behind."""
    monkeypatch.setenv("CI", "true")

    run().assert_outcomes(failed=2)

    assert not (project.path / ".testkit").exists()


def test_an_unused_snapshot_fails(run, stored, project):
    """A file that no test claims fails a run in which all tests pass, and stays."""
    leave_unused(project)

    result = run()

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["unused: *gone.json", "*delete the files, or run: pytest --snapshot-update *"])
    assert "gone.json" in stored()


def test_an_update_deletes_what_is_unused(run, stored, project):
    """An update leaves the files of the tests, and says what it deleted."""
    leave_unused(project)

    result = run("--snapshot-update")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["deleted: *gone.json"])
    assert stored() == COMPLETE


@pytest.mark.parametrize(
    "selection", [["-k", "one"], ["test_toy.py::test_one"], ["--deselect", "test_toy.py::test_one"]]
)
def test_a_selection_judges_nothing(run, stored, selection):
    """A run of a part of the tests cannot tell what is unused."""
    assert run("--snapshot-update", *selection).ret == 0

    assert stored() == COMPLETE


@pytest.mark.parametrize(
    "other",
    [
        "import pytest\npytest.skip('no service', allow_module_level=True)",
        "import pytest\n@pytest.mark.skip\ndef test_three(): ...",
        "import pytest\n@pytest.mark.xfail(strict=False)\ndef test_three(): assert 0",
        "def test_three(): assert 0",
        "raise RuntimeError",
        "class TestThree:\n    def __init__(self): ...\ndef test_four(): ...",
    ],
    ids=["module skipped", "skipped", "xfailed", "failed", "not collected", "partly collected"],
)
def test_an_incomplete_folder_is_not_judged(run, stored, project, other):
    """A test that was skipped or failed might have claimed what nobody else did."""
    project.makepyfile(test_other=other)
    leave_unused(project)

    result = run("--snapshot-update", "--continue-on-collection-errors")

    result.stdout.no_fnmatch_line("*unused snapshots*")
    assert "gone.json" in stored()


def test_one_file_of_a_folder_is_not_the_folder(run, stored, project):
    """Naming a file leaves out the folder's other files."""
    project.makepyfile(test_other="def test_three(): ...")
    leave_unused(project)

    assert run("test_toy.py").ret == 0


def test_a_selection_elsewhere_does_not_matter(run, stored, project):
    """Each folder is judged for itself."""
    other = project.mkdir("other")
    (other / "test_far.py").write_text("def test_far(): ...\ndef test_farther(): ...")
    leave_unused(project)

    assert run("-k", "not farther").ret == pytest.ExitCode.TESTS_FAILED


def test_a_variant_for_other_versions_is_not_unused(run, stored, project):
    """What another venv of the matrix claims is not this one's to judge."""
    leave_unused(project, "gone@pytest<1.json")
    leave_unused(project, "test_one@pytest>1.json")

    assert run().ret == 0


def test_a_variant_for_this_version_is_unused(run, stored, project):
    """A variant that would be chosen here has to be claimed."""
    leave_unused(project, "gone@pytest>1.json")

    assert run().ret == pytest.ExitCode.TESTS_FAILED


def test_workers_claim_for_the_session(run, stored, project):
    """Under pytest-xdist what any worker claimed is used."""
    result = run("-n", "2")

    assert result.ret == 0
    result.assert_outcomes(passed=2)


def test_workers_leave_unused_to_the_session(run, stored, project):
    """Under pytest-xdist an unused file fails the run as it does without."""
    leave_unused(project)

    result = run("-n", "2")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["unused: *gone.json"])


def test_a_lost_worker_judges_nothing(run, stored, project):
    """A worker that died took its claims along, of folders whose tests all passed, too."""
    (project.mkdir("zlast") / "test_crash.py").write_text("import os\ndef test_crash(): os._exit(1)")

    result = run("-n", "1", "--snapshot-update")

    result.assert_outcomes(passed=2, failed=1)
    assert stored() == COMPLETE


def test_two_workers_do_not_overwrite_each_other(run, project):
    """Two tests with one name fail on two workers as they do on one, and what the first stored stays."""
    project.makepyfile(test_toy=TESTS.replace('name="second"', 'name="test_one"'))

    result = run("-n", "2", "--snapshot-update")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*not stored: another test of this run has the same snapshot*"])
    assert [path.name for path in project.path.glob("snapshots/*.json")] == ["test_one.json"]
    assert not list(project.path.glob(".testkit/updating/*"))


def test_an_update_can_be_repeated(run, stored, project):
    """What one run has reserved is free for the next."""
    project.makepyfile(test_toy=TESTS.replace('span("one")', 'span("changed")'))

    assert run("--snapshot-update").ret == 0
    assert run().ret == 0


def test_a_folder_without_tests_is_unused(run, stored, project):
    """Snapshots whose tests were deleted fail the run, await review, and go with an update, folder and all."""
    gone = project.mkdir("gone")
    (project.path / "snapshots").joinpath("test_one.json").rename(gone / "x.json")
    (gone / "snapshots").mkdir()
    (gone / "x.json").rename(gone / "snapshots" / "x.json")
    assert run("--snapshot-update", "test_toy.py").ret == 0

    result = run()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["unused: *gone/snapshots/x.json", "review: python -m testkit snapshots review"])
    assert (project.path / ".testkit/pending/gone/snapshots/x.origin").exists()
    assert run("--snapshot-update").ret == 0
    assert not (gone / "snapshots").exists()


@pytest.mark.parametrize("place", ["gone", ".hidden", "elsewhere/gone"])
def test_what_may_be_others_is_left_alone(run, stored, project, place):
    """Neither another tool's snapshots, nor hidden folders, nor what the run did not ask for."""
    folder = project.path / place / "snapshots"
    folder.mkdir(parents=True)
    content = '{"not": "spans"}' if place == "gone" else (project.path / "snapshots/test_one.json").read_text()
    (folder / "x.json").write_text(content)
    asked = ["snapshots", "test_toy.py"] if place.startswith("elsewhere") else []

    assert run("--snapshot-update", *asked).ret == 0

    assert (folder / "x.json").exists()


def test_an_unused_snapshot_awaits_review(run, stored, project):
    """A run that finds one unused leaves it to be decided; a run that claims it again takes that back."""
    leave_unused(project)
    run()
    origin = project.path / ".testkit/pending/snapshots/gone.origin"
    assert origin.exists()

    project.makepyfile(test_toy=TESTS.replace('name="second"', 'name="gone"').replace('span("two")', 'span("one")'))
    run()

    assert not origin.exists()


def test_ci_keeps_what_is_asked_for(run, stored, project, monkeypatch):
    """A job that uploads what differs says where to; the stored files stay."""
    monkeypatch.setenv("CI", "true")
    project.makepyfile(test_toy=TESTS.replace('span("one")', 'span("changed")'))

    result = run("--snapshot-pending=kept")

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.no_fnmatch_line("unused: *")

    kept = project.path / "kept" / "snapshots"
    assert sorted(path.name for path in kept.iterdir()) == ["test_one.diff", "test_one.json", "test_one.origin"]
    assert not (project.path / ".testkit/pending").exists()
    assert "changed" not in (project.path / "snapshots/test_one.json").read_text()


def test_a_mismatch_ends_with_the_command_to_review(run, stored, project):
    """The last line of a failure is what to type."""
    project.makepyfile(test_toy=TESTS.replace('span("one")', 'span("changed")'))

    run().stdout.fnmatch_lines(
        ["*accept: pytest --snapshot-update test_toy.py::test_one", "*review: python -m testkit snapshots review"],
        consecutive=True,
    )


def test_a_generated_item_has_its_own_folder(run, project):
    """An item made by a collector stores beside the file it came from."""
    project.makeconftest("""
        import pytest
        from ddtrace.span import Span

        def pytest_collect_file(file_path, parent):
            if file_path.name == "scenarios.py":
                return Scenarios.from_parent(parent, path=file_path)

        class Scenarios(pytest.Module):
            def collect(self):
                yield pytest.Function.from_parent(self, name="get:snapshot", callobj=check)

        def check(snapshot):
            span = Span("scenario")
            span.finish()
            snapshot([[span]], name="get")
        """)
    project.mkdir("contrib").joinpath("scenarios.py").touch()

    assert run("--snapshot-update", "contrib").ret == 0

    assert (project.path / "contrib/snapshots/get.json").exists()
