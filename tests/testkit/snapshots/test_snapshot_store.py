import json
import os

import pytest

from testkit.snapshots import files
from testkit.snapshots.decoding import MalformedSnapshot
from testkit.snapshots.model import SnapshotError
from testkit.snapshots.redaction import Hash, Port, Regex
from testkit.snapshots.store import SnapshotMismatch, SnapshotStore
from testkit.spans import SpanContainer


def test_what_was_stored_matches(spans_of, store, check):
    """The same spans, later and with other ids, are the stored ones."""
    store("get", spans_of("a GET service=s\n  b t=1"))

    check("get", spans_of("z\n\na GET service=s\n  b t=1")[1:])


@pytest.mark.parametrize(
    "shape", [SpanContainer, list, lambda spans: [spans[:1], spans[1:]], lambda s: SpanContainer(s).traces]
)
def test_shapes_of_traces(spans_of, store, check, shape):
    """A container, spans, and lists of spans are all taken."""
    spans = spans_of("a\n  b")
    store("get", spans)

    check("get", shape(spans))


def test_a_mismatch_fails(spans_of, store, check):
    """The failure carries each difference."""
    store("get", spans_of("a t=1"))

    with pytest.raises(SnapshotMismatch) as failure:
        check("get", spans_of("a t=2\n  b"))

    assert [(d.kind.name, d.key) for d in failure.value.differences] == [("CHANGED", "meta.t"), ("ADDED", "")]


def test_nothing_stored_fails(spans_of, check, folder):
    """A missing file is a failure that says how to make it, and makes nothing."""
    with pytest.raises(SnapshotMismatch, match="(?s)get.json: nothing is stored yet.*--snapshot-update"):
        check("get", spans_of("a"))

    assert not folder.exists()


def test_a_check_never_writes(spans_of, store, check):
    """A mismatch leaves the stored file as it is."""
    path = store("get", spans_of("a"))
    before = path.read_text()

    with pytest.raises(SnapshotMismatch):
        check("get", spans_of("b"))

    assert path.read_text() == before


def test_an_update_stores_what_differs(spans_of, store, check):
    """After an update the new spans are the stored ones."""
    store("get", spans_of("a"))
    store("get", spans_of("b"))

    check("get", spans_of("b"))


def test_an_update_leaves_what_matches(spans_of, store):
    """A file that matches is not rewritten, whatever its layout."""
    path = store("get", spans_of("a"))
    path.write_text(json.dumps(json.loads(path.read_text())))
    before = path.read_text()

    store("get", spans_of("a"))

    assert path.read_text() == before


def test_an_update_keeps_redactions_of_the_file(spans_of, store):
    """What a reviewer redacted by hand stays redacted as long as it holds."""
    path = store("get", spans_of("a x=1 y=1"))
    path.write_text(path.read_text().replace('"x": "1"', '"x": "<Hash:1>"'))

    store("get", spans_of("a x=2 y=2"))

    assert json.loads(path.read_text())[0][0]["meta"] == {"x": "<Hash:1>", "y": "2"}


@pytest.mark.parametrize("host", ["b.example", ""])
def test_a_redacted_value_is_still_checked(spans_of, store, check, host):
    """A value that no longer has its shape is a difference."""
    redact = {"out.host": Regex(r"a\.\w+")}
    store("get", spans_of("a out.host=a.example"), redact)

    check("get", spans_of("a out.host=a.org"), redact)
    with pytest.raises(SnapshotMismatch, match="meta.out.host: <Regex:"):
        check("get", spans_of(f"a out.host={host}"), redact)


def test_a_redaction_covers_a_plain_stored_value(spans_of, store, check):
    """A file stored before its values were redacted, or by another tool, matches by shape."""
    store("get", spans_of("a x=00ff"))

    check("get", spans_of("a x=ff00"), {"x": Hash()})


def test_a_redaction_that_does_not_fit_is_not_stored(spans_of, store, folder):
    """An update refuses a value which has not the shape that the caller promised."""
    with pytest.raises(SnapshotError, match="meta.x is 'http', which is no <Port>"):
        store("get", spans_of("a x=http"), {"x": Port()})

    assert not folder.exists()


def test_nothing_received_fails(store, check, folder):
    """An empty snapshot is neither stored nor matched."""
    with pytest.raises(SnapshotError, match="no span was received"):
        store("get", [])
    folder.mkdir()
    (folder / "get.json").write_text("[]")
    with pytest.raises(SnapshotError, match="no span was received"):
        check("get", [])


def test_all_spans_missing_fails(spans_of, store, check):
    """Receiving nothing where something is stored shows what is missing."""
    store("get", spans_of("a"))

    with pytest.raises(SnapshotMismatch, match="(?m)^-   a$"):
        check("get", [])


@pytest.mark.parametrize(
    "content",
    [
        b"[",
        b"\xff",
        b" " * (files.SIZE_LIMIT_BYTES + 1),
        b"<<<<<<< HEAD\n[]\n=======\n[]\n>>>>>>> other\n",
        b'{"format": 2, "traces": []}',
    ],
    ids=["no JSON", "no UTF-8", "too big", "conflict markers", "a later format"],
)
def test_a_malformed_file_is_never_overwritten(spans_of, store, folder, content):
    """Not even an update touches what it cannot read."""
    folder.mkdir()
    path = folder / "get.json"
    path.write_bytes(content)

    with pytest.raises(MalformedSnapshot, match="get.json"):
        store("get", spans_of("a"))

    assert path.read_bytes() == content


def test_a_file_that_is_too_big_is_not_read(folder):
    """The error says how big it is and how big it may be; 50 MB of nothing are no 50 MB of memory."""
    path = folder / "get.json"
    folder.mkdir()
    path.touch()
    os.truncate(path, 50 * 2**20)

    with pytest.raises(MalformedSnapshot, match=r"get.json: size: expected at most 8388608 bytes, found 52428800\."):
        files.read_text(path)


def test_a_failed_write_leaves_the_old_file(spans_of, store, folder, monkeypatch):
    """A file is replaced as a whole, and no part of one is left."""
    path = store("get", spans_of("a"))
    before = path.read_text()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(files.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        store("get", spans_of("b"))

    assert path.read_text() == before
    assert [file.name for file in folder.iterdir()] == ["get.json"]


def test_any_text_can_be_stored(spans_of, store, check):
    """Control characters, other scripts and lone surrogates come back as they were."""
    spans = spans_of("a")
    spans[0].set_tag("odd", "\x1b[31m é \ud800 \u2028")

    store("get", spans)

    check("get", spans)


def test_the_first_of_a_run_decides(spans_of, folder):
    """Two tests with one name do not overwrite each other in the same update."""
    store = SnapshotStore(folder, update=True)
    store.check("get", spans_of("a"))

    with pytest.raises(SnapshotMismatch, match="another test of this run has the same snapshot"):
        store.check("get", spans_of("b"))


def test_claims_are_recorded(spans_of, folder):
    """Every file that was asked for is claimed, also when the check fails."""
    claims = set()
    with pytest.raises(SnapshotMismatch):
        SnapshotStore(folder, claims=claims).check("get", spans_of("a"))

    assert claims == {folder / "get.json"}


def test_pending_comes_and_goes(spans_of, store, folder, tmp_path):
    """A mismatch keeps what was received for review; a match removes it."""
    store("get", spans_of("a"))
    pending = tmp_path / "pending"
    store = SnapshotStore(folder, pending=pending)

    with pytest.raises(SnapshotMismatch, match="pending/get.json"):
        store.check("get", spans_of("b"))
    assert json.loads((pending / "get.json").read_text())[0][0]["name"] == "b"

    store.check("get", spans_of("a"))
    assert list(pending.iterdir()) == []


def test_a_variant_is_compared(spans_of, store, folder):
    """The file for the installed version is the one that counts."""
    store("get", spans_of("a"))
    (folder / "get.json").rename(folder / "get@redis<6.json")
    old, new = (SnapshotStore(folder, installed={"redis": v}.get) for v in ("5.0", "6.0"))

    old.check("get", spans_of("a"))
    with pytest.raises(SnapshotMismatch, match="get.json: nothing is stored yet"):
        new.check("get", spans_of("a"))
