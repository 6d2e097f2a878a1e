"""Orders of import, patch and unpatch, each in an interpreter of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest

from ddtrace.contrib._integration import Integration
from testkit.check import CheckFailed
from testkit.import_orders import LONGEST, orders, prove
from testkit.interpreter import InterpreterError
from testkit.sabotage import correct, declare
from tests.testkit.toys import trial_of

DECLARATION = """
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

integration = declare(__name__)
patching = Patching(integration, targets(integration))
"""


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Integration]:
    """An integration that is correct but for the lines added to its module, which other interpreters can import."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(lines: str) -> Integration:
        (tmp_path / "toy_in_a_file.py").write_text(DECLARATION + lines)
        return declare("toy_in_a_file")

    return write


def two_calls() -> None:
    """Stands for the scenario of that name, which the other interpreter loads."""


def test_every_order_is_generated() -> None:
    """There is each order of up to four steps with one import, once."""
    generated = list(orders())

    assert len(generated) == len(set(generated)) == sum((length + 1) * 2**length for length in range(LONGEST))
    assert {steps.count("import") for steps in generated} == {1}
    assert {("import",), ("patch", "import"), ("import", "patch", "unpatch", "patch")} <= set(generated)


def test_a_correct_integration_is_proven() -> None:
    """No order goes wrong where patching is as it should be."""
    assert prove(trial_of(correct.integration, two_calls), expected_spans=2) == []


def test_a_wrong_order_is_named(written: Callable[[str], Integration]) -> None:
    """Exactly the orders that end in a needless span are told, with what was expected."""
    integration = written("patching.unpatch = lambda: None")

    wrong = prove(trial_of(integration, two_calls), expected_spans=2)

    assert "import, patch, unpatch: the scenario makes 2 spans, expected 0" in wrong
    assert [line for line in wrong if not line.partition(":")[0].endswith("unpatch")] == []


def test_a_failing_order_is_named(written: Callable[[str], Integration]) -> None:
    """An exception of patching is told with its order, the others are tried all the same."""
    integration = written("def fail(): raise LookupError('no such place')\npatching.unpatch = fail")

    wrong = prove(trial_of(integration, two_calls), expected_spans=2)

    assert "import, patch, unpatch: LookupError: no such place" in wrong
    assert not [line for line in wrong if line.startswith("import, patch:")]


def test_a_dying_interpreter_is_named(written: Callable[[str], Integration]) -> None:
    """An interpreter that ends within an order leaves its status with the order."""
    integration = written("import os\npatching.unpatch = lambda: os._exit(7)")

    wrong = prove(trial_of(integration, two_calls), expected_spans=2)

    assert "import, patch, unpatch: the interpreter ended with 0" not in wrong
    assert "import, patch, unpatch: the interpreter ended with 7" in wrong


def test_a_missing_span_is_named() -> None:
    """An order after which the library is not traced is told, too."""
    wrong = prove(trial_of(correct.integration, two_calls), expected_spans=3)

    assert "patch, import: the scenario makes 2 spans, expected 3" in wrong
    assert "import: the scenario makes 2 spans, expected 3" not in wrong


def test_modules_that_patching_must_not_import_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A declaration that imports what gevent has to patch first is told."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "toy_with_ssl.py").write_text("import ssl\n" + DECLARATION)

    assert "patching imports ssl" in prove(trial_of(declare("toy_with_ssl"), two_calls), expected_spans=2)


def test_a_declaration_that_cannot_be_imported_is_named() -> None:
    """An integration that other interpreters do not find gives its name, not a stack of the engine alone."""
    with pytest.raises(InterpreterError, match="No module named 'toy_of_nobody'"):
        prove(trial_of(declare("toy_of_nobody"), two_calls), expected_spans=2)


def test_a_scenario_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    """A scenario's file that fails on import says how."""
    trial = trial_of(correct.integration, two_calls)
    object.__setattr__(trial, "path", tmp_path / "scenarios.py")
    trial.path.write_text("raise LookupError('no such library')")

    assert "import: LookupError: no such library" in prove(trial, expected_spans=2)


def test_modules_without_a_spec_may_be_loaded(tmp_path: Path) -> None:
    """Such as pyexpat.errors, which no import finds: pyexpat makes it."""
    trial = trial_of(correct.integration, two_calls)
    scenarios = trial.path.read_text()
    object.__setattr__(trial, "path", tmp_path / "scenarios.py")
    trial.path.write_text(f"{scenarios}\nimport pyexpat\n")

    assert prove(trial, expected_spans=2) == []


def test_arguments_must_be_text() -> None:
    """A fixture whose value cannot be handed to another interpreter is named."""
    with pytest.raises(CheckFailed, match="the fixture 'folder' of two_calls is a PosixPath; expected is text or a"):
        prove(trial_of(correct.integration, two_calls, folder=Path("/")), expected_spans=2)
