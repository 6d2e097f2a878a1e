"""What a span records of an exception."""

import pytest

from ddtrace import Span


class Failure(Exception):
    """An error of this module."""


@pytest.fixture
def span():
    return Span("a")


def raise_from(depth):
    if depth:
        raise_below(depth)
    raise Failure("deep")


# Two functions in turn, since a stack shows frames of one line in one function only three times.
def raise_below(depth):
    raise_from(depth - 1)


def test_exception_that_leaves_the_block_is_recorded(span):
    """Error flag, type, message and stack are set, and the span is finished."""
    with pytest.raises(Failure), span:
        raise Failure("no colour")

    assert span.error == 1
    assert span.get_tag("error.type") == f"{__name__}.Failure"
    assert span.get_tag("error.message") == "no colour"
    assert "raise Failure" in span.get_tag("error.stack")
    assert span.finished


def test_exception_itself_is_untouched(span):
    """The caller gets the very object, with no note, cause or context added."""
    failure = Failure("as it was")

    with pytest.raises(Failure) as caught, span:
        raise failure

    assert caught.value is failure
    assert (failure.__cause__, failure.__context__, failure.args) == (None, None, ("as it was",))
    assert not hasattr(failure, "__notes__")


def test_block_without_an_exception_is_no_error(span):
    """A block that ends well leaves no error tags."""
    with span:
        pass

    assert span.error == 0
    assert span.get_tags() == {}


def test_exit_of_the_program_is_recorded_too(span):
    """BaseException counts: a span that ends in SystemExit did not end well."""
    with pytest.raises(SystemExit), span:
        raise SystemExit(3)

    assert (span.error, span.get_tag("error.type")) == (1, "builtins.SystemExit")


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_all_three_are_needed(span, missing):
    """Without type, value or traceback nothing is recorded."""
    try:
        raise Failure("x")
    except Failure as error:
        exc_info = [Failure, error, error.__traceback__]
    exc_info[missing] = None

    span.set_exc_info(*exc_info)

    assert (span.error, span.get_tags()) == (0, {})


def test_message_that_cannot_be_had_costs_the_message_only(span):
    """An exception whose str() raises is recorded by type and stack."""

    class Mute(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    with pytest.raises(Mute), span:
        raise Mute

    assert span.error == 1
    assert span.get_tag("error.type").endswith(".Mute")
    assert "error.message" not in span.get_tags()


def test_exception_that_is_false_is_recorded(span):
    """An exception whose truth value is False is an exception."""

    class Empty(Exception):
        def __bool__(self):
            return False

    with pytest.raises(Empty), span:
        raise Empty

    assert span.error == 1


def test_ignored_exception_is_not_recorded(span):
    """An ignored class, and what inherits from it, is no error."""

    class LesserFailure(Failure):
        """Below the ignored one."""

    span._ignore_exception(Failure)

    with pytest.raises(LesserFailure), span:
        raise LesserFailure

    assert (span.error, span.get_tags()) == (0, {})


def test_only_the_ignored_class_is_ignored(span):
    """Another exception is recorded as ever."""
    span._ignore_exception(KeyError)

    with pytest.raises(Failure), span:
        raise Failure

    assert span.error == 1


def test_stack_is_bounded(span):
    """Of a deep stack the last 30 frames are kept, the raising one among them."""
    with pytest.raises(Failure), span:
        raise_from(200)

    stack = span.get_tag("error.stack")
    assert stack.count('File "') == 30
    assert stack.rstrip().endswith("Failure: deep")


def test_set_traceback_records_the_exception_in_hand(span):
    """Within an except block it is the exception."""
    try:
        raise Failure("handled")
    except Failure:
        span.set_traceback()

    assert (span.error, span.get_tag("error.message")) == (1, "handled")


def test_set_traceback_without_an_exception_records_the_stack(span):
    """Elsewhere it is where we are, ending in the caller, and no error."""
    span.set_traceback(limit=2)

    stack = span.get_tag("error.stack")
    assert span.error == 0
    assert stack.count('File "') == 2
    assert "span.set_traceback(limit=2)" in stack
