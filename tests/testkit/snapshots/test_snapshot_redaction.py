import pytest

from testkit.snapshots.redaction import (
    Approx,
    Duration,
    Hash,
    Ignore,
    OneOf,
    Path,
    Pid,
    Port,
    Regex,
    Traceback,
    Url,
    Version,
    read_value,
    write_value,
)

RAISED = "Traceback (most recent call last):\n" '  File "/app/x.py", line 1, in f\n' "    raise ValueError\n" "{line}\n"


@pytest.mark.parametrize(
    ("redaction", "value"),
    [
        (Duration(), 0),
        (Port(), 6379),
        (Port(), 6379.0),
        (Port(), "6379"),
        (Pid(), 1),
        (Path(), "/tmp/redis.sock"),
        (Path(), "C:\\temp\\x"),
        (Path("redis.sock"), "/tmp/redis.sock"),
        (Version(), "15.3"),
        (Version(), "v7.0.15-rc1"),
        (Regex("a+"), "aaa"),
        (OneOf("a", 2), "a"),
        (OneOf("a", 2), 2),
        (Approx(1.5, 0.1), 1.45),
        (Hash(), "00ff"),
        (Hash(36), "123e4567-e89b-12d3-a456-426614174000"),
        (Traceback("ValueError"), RAISED.format(line="ValueError: no\nmore of it")),
        (Traceback("Timeout"), RAISED.format(line="redis.exceptions.Timeout")),
        (Url(), "http://127.0.0.1:80"),
        (Url("http://127.0.0.1:*/get?a=1"), "http://127.0.0.1:8080/get?a=1"),
        (Url("file://a/b:1"), "file://a/b:1"),
        (Ignore("random"), object()),
    ],
)
def test_matches(redaction, value):
    """A value of the right type and shape matches."""
    assert redaction.matches(value)


@pytest.mark.parametrize(
    ("redaction", "value"),
    [
        (Duration(), -1),
        (Duration(), "1"),
        (Duration(), None),
        (Port(), 0),
        (Port(), 65536),
        (Port(), 1.5),
        (Port(), float("inf")),
        (Port(), "http"),
        (Port(), None),
        (Pid(), -1),
        (Path(), "redis.sock"),
        (Path(), "/tmp\n/x"),
        (Path("redis.sock"), "/tmp/other.sock"),
        (Version(), "seven"),
        (Version(), 7.0),
        (Regex("a"), "ab"),
        (Regex("1"), 1),
        (OneOf("1"), 1),
        (Approx(1.5, 0.1), 1.7),
        (Approx(1.5, 0.1), "near"),
        (Hash(), "xyz"),
        (Hash(4), "00f"),
        (Url(), "127.0.0.1:80/get"),
        (Url(), 80),
        (Url("http://127.0.0.1:*/get"), "http://127.0.0.1:80/post"),
        (Traceback(), "ValueError: no"),
        (Traceback(), RAISED.format(line="")),
        (Traceback("KeyError"), RAISED.format(line="ValueError: no")),
    ],
)
def test_does_not_match(redaction, value):
    """A value of another type or shape does not."""
    assert not redaction.matches(value)


@pytest.mark.parametrize(
    ("redaction", "written"),
    [
        (Duration(), "<Duration>"),
        (Port(), "<Port>"),
        (Path(), "<Path>"),
        (Path("a.sock"), "<Path:a.sock>"),
        (Regex("<a:b>\n"), "<Regex:<a:b>\n>"),
        (OneOf("a", 2), '<OneOf:["a", 2]>'),
        (Approx(-1.5, 0.1), "<Approx:-1.5+-0.1>"),
        (Hash(), "<Hash>"),
        (Hash(32), "<Hash:32>"),
        (Traceback("KeyError"), "<Traceback:KeyError>"),
        (Url("http://127.0.0.1:*/"), "<Url:http://127.0.0.1:*/>"),
        (Ignore("a random id"), "<Ignore:a random id>"),
    ],
)
def test_written_form_is_read_back(redaction, written):
    """The written form is readable, and reading it gives the same redaction."""
    assert str(redaction) == written
    assert read_value(written) == redaction


@pytest.mark.parametrize("text", ["<Port>", "<Literal:x>", "<Prot:1>", "<Regex:\n>"])
def test_text_that_looks_redacted_stays_text(text):
    """A tag that holds a redaction's written form is stored so that it is not one."""
    written = write_value(text)

    assert written == f"<Literal:{text}>"
    assert read_value(written) == text


@pytest.mark.parametrize("value", ["<class 'int'>", "<>", "a <Port>", "", 3, None])
def test_other_values_are_written_as_they_are(value):
    """What cannot be taken for a redaction needs no mark."""
    assert write_value(value) == value


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("<Prot>", "is no redaction; known are Approx, "),
        ("<Ignore>", "needs a reason"),
        ("<Ignore: >", "needs a reason"),
        ("<Regex:(>", "needs a pattern"),
        ("<Regex>", "needs a pattern"),
        ("<Port:1>", "takes no argument"),
        ("<OneOf:1>", "needs a JSON list"),
        ("<Approx:1>", "needs number[+]-tolerance"),
    ],
)
def test_an_illegal_written_form_is_an_error(written, problem):
    """A mistyped redaction is no text that happens to differ; the error says what is wrong."""
    with pytest.raises(ValueError, match=problem):
        read_value(written)


def test_ignore_needs_a_reason():
    """Nothing is ignored silently."""
    with pytest.raises(ValueError, match="needs a reason"):
        Ignore("  ")


def test_a_hash_is_stored_with_its_length():
    """What is written is as narrow as the value allows."""
    assert Hash().fitted("00ff") == Hash(4)


def test_a_traceback_is_stored_with_its_class():
    """A stored traceback says which exception it was."""
    assert Traceback().fitted(RAISED.format(line="a.b.KeyError: 1")) == Traceback("KeyError")
