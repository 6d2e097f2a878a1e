"""Each operator of targets does to the toy library's integration what it says."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import ModuleType

import pytest

from ddtrace.contrib._patching import Patching, Target
from testkit import traced
from testkit.mutation import targets
from testkit.mutation.targets import OPERATORS, orphaned, target_mutants
from testkit.sabotage import correct
from testkit.toy.library import AsyncClient, Client, Failure
from tests.testkit.toys import integrated


@pytest.fixture
def patching(monkeypatch: pytest.MonkeyPatch) -> Patching:
    """A patching of the toy library's sync function and of its async one, in this order."""
    return integrated(monkeypatch).load_patching()


def calls_of_library(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Where each call of the sync function is noted, with its arguments."""
    noted: list[tuple] = []
    call = Client.call

    def note(self: Client, *args: object, **kwargs: object) -> object:
        noted.append((args, kwargs))
        return call(self, *args, **kwargs)

    monkeypatch.setattr(Client, "call", note)
    return noted


def test_not_wrapped(patching: Patching) -> None:
    """The target makes no span, the other one does."""
    targets.not_wrapped(patching, 0)
    with traced(patching.integration) as tracer:
        Client().call("sync")
        asyncio.run(AsyncClient().call("async"))
    assert [span.resource for span in tracer.spans] == ["async"]


def test_wrapped_again(patching: Patching) -> None:
    """A second patching puts a wrapper around the first one's, on this target alone."""
    targets.wrapped_again(patching, 0)
    second = type(patching)(patching.integration, patching.targets)
    with traced(patching.integration):
        second.patch()
        depths = [hasattr(function.__wrapped__, "__wrapped__") for function in (Client.call, AsyncClient.call)]
        second.unpatch()
    assert depths == [True, False]


def test_not_unwrapped(patching: Patching, monkeypatch: pytest.MonkeyPatch) -> None:
    """After unpatching the target's wrapper is where it was, and the other one is gone."""
    monkeypatch.setattr(Client, "call", Client.call)
    targets.not_unwrapped(patching, 0)
    with traced(patching.integration):
        pass
    assert [hasattr(function, "__wrapped__") for function in (Client.call, AsyncClient.call)] == [True, False]


def test_not_unwrapped_where_a_module_has_the_class_from_another(
    patching: Patching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target names the module that a program imports, and the class names the one that it is defined in."""
    monkeypatch.setattr(Client, "call", Client.call)
    from_here = type(patching)(patching.integration, (patching.targets[0]._replace(module=__name__),))
    targets.not_unwrapped(from_here, 0)
    from_here.patch()
    from_here.unpatch()
    assert hasattr(Client.call, "__wrapped__")


@pytest.mark.parametrize("number", [0, 1])
def test_result_replaced(patching: Patching, number: int) -> None:
    """The caller gets another object, of the other target what the library returns."""
    targets.result_replaced(patching, number)
    with traced(patching.integration):
        results = [Client().call("a"), asyncio.run(AsyncClient().call("a"))]
    assert [result == ["a"] for result in results] == [number == 1, number == 0]


def test_exception_swallowed(patching: Patching) -> None:
    """What the library raises does not reach the caller."""
    targets.exception_swallowed(patching, 0)
    targets.exception_swallowed(patching, 1)
    with traced(patching.integration):
        assert Client().call("fail") is None
        assert asyncio.run(AsyncClient().call("fail")) is None
    with pytest.raises(Failure):
        Client().call("fail")


def test_called_twice(patching: Patching, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library gets each call two times, and its caller one result."""
    calls = calls_of_library(monkeypatch)
    targets.called_twice(patching, 0)
    targets.called_twice(patching, 1)
    with traced(patching.integration):
        assert Client().call("a") == ["a"]
        assert asyncio.run(AsyncClient().call("a")) == ["a"]
    assert calls == [(("a",), {})] * 2


def test_argument_dropped(patching: Patching, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last keyword is left out, or else the last positional argument."""
    calls = calls_of_library(monkeypatch)
    targets.argument_dropped(patching, 0)
    with traced(patching.integration):
        Client().call("a", 1, options={})
        Client().call("a", 1)
    assert calls == [(("a", 1), {}), (("a",), {})]


def test_a_span_has_a_parent_that_does_not_exist(patching: Patching) -> None:
    """What starts a call starts it as before, with another parent; a call without a span is left alone."""
    from ddtrace.contrib._tracing import UNTRACED, trace_call

    with traced(patching.integration) as tracer:
        with orphaned(trace_call)(patching.integration, Client(), "toy.call"):
            pass
    assert tracer.spans[0].parent_id not in (None, tracer.spans[0].span_id)
    assert orphaned(lambda: UNTRACED)() is UNTRACED


def test_mutants_change_the_patching_of_their_module(tmp_path: Path) -> None:
    """A mutant is the module and a call of the operator, which takes effect when it is imported."""
    module = ModuleType("toy_patch")
    path = tmp_path / "patch.py"
    path.write_text("from testkit.sabotage.correct import integration, targets\n" + PATCHING)

    mutants = {
        mutant.operator: mutant for mutant in target_mutants("toy_patch", path, correct.patching)[: len(OPERATORS)]
    }
    exec(mutants["not wrapped"].source, vars(module))

    assert set(mutants) == set(OPERATORS)
    assert [target.path for target in module.patching.targets] == ["AsyncClient.call"]


PATCHING = """
from ddtrace.contrib._patching import Patching

patching = Patching(integration, targets(integration))
"""


def test_what_nobody_can_notice_is_no_mutant(tmp_path: Path) -> None:
    """To make a generator twice, or to catch what making it raises, changes nothing."""
    path = tmp_path / "patch.py"
    path.write_text("")
    mutants = target_mutants("toy_patch", path, correct.patching)
    streaming = {mutant.operator for mutant in mutants if mutant.scope.endswith("Client.stream")}
    assert streaming == set(OPERATORS) - {"called twice", "exception swallowed"}


def test_a_mutant_is_at_the_line_of_its_target(tmp_path: Path) -> None:
    """The line that names the target is the one that is shown."""
    path = tmp_path / "patch.py"
    path.write_text('first = 1\nTarget("testkit.toy.library", "AsyncClient.call", call)\n')
    lines = {mutant.scope: mutant.line for mutant in target_mutants("toy_patch", path, correct.patching)}
    assert lines["testkit.toy.library.AsyncClient.call"] == 2


def test_a_function_in_c_may_not_say_what_it_takes(tmp_path: Path) -> None:
    """Such as ``vars``, which has no signature: an argument of it is dropped all the same."""
    path = tmp_path / "patch.py"
    path.write_text("")
    patching = Patching(correct.integration, [Target("builtins", "vars", lambda *call: None)])
    assert "argument dropped" in {mutant.operator for mutant in target_mutants("toy_patch", path, patching)}
