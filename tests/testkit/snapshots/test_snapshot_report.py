import pytest

from testkit.snapshots.store import SnapshotMismatch, SnapshotStore

STORED = """
web GET
  auth
    db SELECT
    db COMMIT
  redis GET out.host=a
  render
"""
RECEIVED = """
web GET
  auth
    db SELECT
    db COMMIT
  redis GET out.host=b rows:=1
  redis SET service=cache type=redis !error

cron
"""


@pytest.fixture
def failure_of(spans_of, store, folder, tmp_path, monkeypatch):
    """The message of a mismatch between two outlines."""
    monkeypatch.chdir(tmp_path)

    def message(stored, received, **options):
        store("get", spans_of(stored))
        with pytest.raises(SnapshotMismatch) as failure:
            SnapshotStore(folder, **options).check("get", spans_of(received))
        return str(failure.value)

    return message


def test_the_report_shows_both_trees_as_one(failure_of):
    """Each difference stands at its place, with keys and values; the rest is collapsed."""
    assert failure_of(STORED, RECEIVED, accept="pytest --snapshot-update x.py").splitlines() == [
        "snapshots/get.json: the received spans are not the stored ones, 6 differences",
        "+ added   - missing   ~ changed: stored -> received   > other parent   ^ other order",
        "  trace 0",
        '    web "GET"',
        "      ... 3 unchanged spans",
        '~     redis "GET"',
        '          meta.out.host: "a" -> "b"',
        "          metrics.rows: (absent) -> 1.0",
        "-     render",
        '+     redis "SET" service=cache type=redis error',
        "+ trace 1",
        "+   cron",
        "accept: pytest --snapshot-update x.py",
    ]


def test_a_moved_span_names_both_parents(failure_of):
    """A span below another parent says where it was and where it is."""
    message = failure_of("a\n  b\n    c", "a\n  b\n  c")

    assert "parent: trace 0 > a > b -> trace 0 > a" in message


def test_a_missing_subtree_is_shown_as_a_tree(failure_of):
    """What is below a missing span is missing below it."""
    message = failure_of("a\n  b\n    c\n  d", "a\n  d")

    assert "-     b\n-       c\n" in message


def test_a_long_report_is_cut_and_kept(failure_of, tmp_path):
    """At most 60 lines are shown; all of them are in a file that the last lines name."""
    message = failure_of("a", "a\n" + "  b\n" * 100, pending=tmp_path / "pending")

    lines = message.splitlines()
    assert len(lines) <= 60
    assert lines[-5:] == [
        "... 52 more lines",
        "all: pending/get.diff",
        "received: pending/get.json",
        "accept: pytest --snapshot-update",
        "review: python -m testkit snapshots review",
    ]
    assert (tmp_path / "pending/get.diff").read_text().count("+     b") == 100


def test_a_long_value_is_shown_where_it_differs(failure_of):
    """Long texts are cut around the first difference."""
    message = failure_of("a q=" + "x" * 1_000 + "1", "a q=" + "x" * 1_000 + "2")

    assert 'xxx1" -> ...' in message and 'xxx2"' in message
    assert max(map(len, message.splitlines())) < 300


def test_nothing_in_a_report_reaches_the_terminal(failure_of, spans_of):
    """Control characters of a tag or a name are shown, not obeyed."""
    message = failure_of("a", "a q=\x1b[31m\n  b\x07")

    assert "\x1b" not in message and "\x07" not in message
    assert "\\x07" in message
