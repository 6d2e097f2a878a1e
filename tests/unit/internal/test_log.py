"""Our log messages, and their brake."""

import logging

import pytest

from ddtrace.internal.log import get_logger, throttled
from tests.unit.conftest import messages


@pytest.fixture
def clock(monkeypatch):
    """The time that the brake reads, in a list of one."""
    now = [1000.0]
    monkeypatch.setattr("ddtrace.internal.log.time.monotonic", lambda: now[0])
    return now


def test_logger_is_the_application_s_to_configure():
    """It is the standard logger of that name, without level or handler."""
    logger = get_logger("ddtrace.some.module")

    assert logger is logging.getLogger("ddtrace.some.module")
    assert (logger.level, logger.handlers, logger.propagate) == (logging.NOTSET, [], True)


def test_same_message_comes_once_a_minute(clock, caplog):
    """Whatever its arguments; the next one tells how many were left out."""
    logger = get_logger("ddtrace.test")

    for number in range(4):
        throttled(logger, logging.WARNING, "lost %d", number)
    clock[0] += 60
    throttled(logger, logging.WARNING, "lost %d", 4)
    clock[0] += 60
    throttled(logger, logging.WARNING, "lost %d", 5)

    assert messages(caplog) == ["lost 0", "lost 4 (3 more like this in the last minute)", "lost 5"]


def test_other_messages_are_not_held_back(clock, caplog):
    """The brake is one for each logger and message."""
    for name in ("ddtrace.a", "ddtrace.b"):
        for message in ("one", "two"):
            throttled(get_logger(name), logging.WARNING, message)

    assert messages(caplog) == ["one", "two", "one", "two"]


def test_level_is_kept(clock, caplog):
    """A throttled message has the level that it was given."""
    throttled(get_logger("ddtrace.test"), logging.ERROR, "lost")

    assert caplog.records[0].levelno == logging.ERROR
