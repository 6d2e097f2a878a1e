import signal

import pytest

from testkit.pictures.running import exit_status, in_words


@pytest.mark.parametrize(
    ("ended", "status", "words"),
    [
        (0, 0, "ended with status 0"),
        (7, 7, "ended with status 7"),
        (-signal.SIGKILL, 137, "ended by signal 9, Killed"),
        (-(signal.SIGRTMIN + 1), 163, "ended by signal 35, Real-time signal 1"),
    ],
)
def test_an_end_is_told_as_a_shell_does(ended, status, words):
    """In a number for scripts, and in words, for signals without a name, too."""
    assert (exit_status(ended), in_words(ended)) == (status, words)
