"""Running code in a clean Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from testkit.interpreter import InterpreterError, run_for_json, run_python, same_path


def test_what_is_printed_is_returned() -> None:
    """The answer of the code is its output."""
    assert run_python("-c", "print('hello')") == "hello\n"


def test_it_is_this_python() -> None:
    """The code runs in the same installation."""
    assert run_python("-c", "import sys; print(sys.prefix)").strip() == sys.prefix


def test_modules_of_this_process_are_not_there() -> None:
    """What is imported here is not imported there."""
    assert run_python("-c", "import sys; print('pytest' in sys.modules)") == "False\n"


def test_the_environment_is_added_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given variables are set, and the process's own stay."""
    monkeypatch.setenv("TOY_KEPT", "kept")

    printed = run_python("-c", "import os; print(os.environ['TOY_KEPT'], os.environ['TOY'])", env={"TOY": "given"})

    assert printed == "kept given\n"


def test_a_failure_shows_the_output() -> None:
    """Code that fails raises an error with its exit status and all that it printed."""
    with pytest.raises(InterpreterError, match=r"(?s)exited with 3.*said before"):
        run_python("-c", "import sys; print('said before'); sys.exit(3)")


def test_a_traceback_is_shown() -> None:
    """What the code printed on stderr is in the error."""
    with pytest.raises(InterpreterError, match="ZeroDivisionError"):
        run_python("-c", "1 / 0")


def test_a_hanging_code_is_ended() -> None:
    """Code that does not end raises an error that names it, the time, and what it printed so far."""
    code = "import threading; print('said before', flush=True); threading.Event().wait()"

    with pytest.raises(InterpreterError, match=r"(?s)Event\(\).wait\(\) did not end within 3 s.*\nsaid before"):
        run_python("-c", code, timeout_s=3)


def test_nothing_is_read_from_the_terminal() -> None:
    """Code that asks for input gets none, rather than waiting for it."""
    assert run_python("-c", "import sys; print(repr(sys.stdin.read()))") == "''\n"


def test_the_last_line_is_json() -> None:
    """An answer in JSON may have other output before it."""
    assert run_for_json("-c", "print('noise'); print('[1, null]')") == [1, None]


def test_a_missing_answer_is_named() -> None:
    """Code that prints no JSON raises an error that shows what it printed instead."""
    with pytest.raises(InterpreterError, match=r"(?s)without a line of JSON.*something else"):
        run_for_json("-c", "print('something else')")


def test_same_path_finds_what_is_found_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that only this process's path leads to is imported there."""
    (tmp_path / "toy_of_this_process.py").write_text("print('found')")
    monkeypatch.syspath_prepend(tmp_path)

    assert run_python("-m", "toy_of_this_process", env=same_path()) == "found\n"
