import pytest

from testkit.secrets import CANARY
from testkit.snapshots.decoding import parse
from testkit.snapshots.disclosures import find_disclosures
from testkit.snapshots.model import SnapshotError
from testkit.snapshots.redaction import Path, Pid


@pytest.mark.parametrize(
    ("tag", "value", "kind"),
    [
        ("db.url", "postgres://app:hunter22@db/x", "a password in a URL"),
        ("http.header", "Bearer abcdef0123456789abcdef", "a bearer token"),
        ("login.password", "hunter22", "a value with the name of a credential"),
        ("key", "AKIAABCDEFGHIJKLMNOP", "an AWS access key id"),
        ("note", f"said {CANARY}", "the canary"),
        ("file", "/home/ada/src/app.py", "a folder of one machine"),
        ("file", "/Users/ada/app.py", "a folder of one machine"),
        ("file", "C:\\Users\\ada\\app.py", "a folder of one machine"),
        ("cwd", "/root", "a folder of one machine"),
        ("worker.pid", "4242", "the id of a process"),
        ("message", "killed (pid 4242)", "the id of a process"),
    ],
)
def test_what_is_not_for_others_is_not_stored(spans_of, store, folder, tag, value, kind):
    """An update refuses secrets, home folders and process ids, and says where each is."""
    spans = spans_of("web\n  a")
    spans[1].set_tag(tag, value)

    with pytest.raises(SnapshotError, match=f"(?s)get.json was not stored.*trace 0 > web > a: meta.{tag} .*{kind}"):
        store("get", spans)

    assert not folder.exists()


def test_a_refusal_shows_no_secret(spans_of, store):
    """The message has the first characters only; logs are read by many."""
    spans = spans_of("a")
    spans[0].set_tag("login.password", "hunter2-and-more")

    with pytest.raises(SnapshotError) as failure:
        store("get", spans)

    assert "hun... (16 characters)" in str(failure.value)
    assert "hunter2" not in str(failure.value)


def test_a_resource_is_looked_at(spans_of, store):
    """Fields can hold secrets as tags can."""
    with pytest.raises(SnapshotError, match="resource holds"):
        store("get", spans_of("a https://u:hunter22@h/"))


def test_what_is_redacted_is_stored(spans_of, store):
    """A redacted value is not in the file."""
    spans = spans_of("a worker.pid:=4242")
    spans[0].set_tag("file", "/home/ada/app.py")

    path = store("get", spans, {"worker.pid": Pid(), "file": Path("app.py")})

    assert "ada" not in path.read_text()
    assert not list(find_disclosures(parse(path.read_text(), "get.json")))


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("file", "/homepage/index"),
        ("file", "/srv/home/ada"),
        ("db.statement", "SELECT pid FROM jobs"),
        ("token", "<hidden>"),
        ("rapid", "42"),
        ("odd", "<Port>"),
    ],
)
def test_what_only_looks_like_it_is_stored(spans_of, store, tag, value):
    """Refusing what is harmless would teach people to go around."""
    spans = spans_of("a")
    spans[0].set_tag(tag, value)

    assert store("get", spans).exists()
