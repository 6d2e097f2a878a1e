"""The checks INV, each tried on an integration that is wrong in a way the sabotages are not."""

from __future__ import annotations

import functools
import sys
import warnings
from typing import Any, Callable, Iterator

import pytest

from ddtrace.contrib._integration import Integration
from testkit.check import CheckFailed, NotExercised
from testkit.checks.calls import (
    arguments_are_left_alone,
    exceptions_are_untouched,
    our_failures_stay_ours,
    outcome_and_output_are_the_same,
)
from testkit.checks.functions import kinds_of_functions_are_kept, signatures_are_kept
from testkit.checks.objects import _annotated_methods, values_can_be_copied
from testkit.checks.patching import patched_twice_is_patched_once, unpatching_leaves_nothing
from testkit.sabotage import LIBRARY, changed_result, correct, nested_wrappers
from testkit.toy import uses
from testkit.toy.library import Client, Failure
from tests.testkit.toys import integrated, trial_of

Wrapper = Callable[[Any, Any, tuple, dict], Any]


@pytest.fixture
def wrapped_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Wrapper], Integration]:
    """Make an integration whose sync wrapper is the given one around the correct one."""
    target, _ = correct.targets(correct.integration)

    def make(around: Callable[..., Any]) -> Integration:
        def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            return around(lambda *a, **k: target.wrapper(wrapped, instance, a, k), args, kwargs)

        return integrated(monkeypatch, wrapper=call)

    return make


def idle() -> None:
    """A use of the library that calls no target."""
    Client()


@pytest.mark.parametrize(
    "check",
    [arguments_are_left_alone, exceptions_are_untouched, our_failures_stay_ours, patched_twice_is_patched_once],
)
def test_a_scenario_without_calls_exercises_nothing(check: Any) -> None:
    """Where no target is called there is nothing to compare, and the check says so."""
    with pytest.raises(NotExercised):
        check(trial_of(correct.integration, idle))


def test_a_library_may_write_into_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen arguments are tried only on a library that takes them when it is not traced."""

    def call(self: Client, command: str, options: dict[str, Any]) -> list[Any]:
        options["seen"] = True
        return [command]

    monkeypatch.setattr(Client, "call", call)

    arguments_are_left_alone(trial_of(integrated(monkeypatch), lambda: Client().call("say", options={})))


def test_an_argument_that_is_replaced_is_told(wrapped_with: Callable[..., Integration]) -> None:
    """An equal argument in the place of the caller's very own is told, with the function."""
    copying = wrapped_with(lambda call, args, kwargs: call(*args, **{k: dict(v) for k, v in kwargs.items()}))

    with pytest.raises(CheckFailed, match="Client.call was called with .* the library got"):
        arguments_are_left_alone(trial_of(copying))


def test_a_call_made_twice_is_told(wrapped_with: Callable[..., Integration]) -> None:
    """A wrapper that calls the library again is told, with both numbers."""
    twice = wrapped_with(lambda call, args, kwargs: (call(*args, **kwargs), call(*args, **kwargs))[1])

    with pytest.raises(CheckFailed, match="the caller made 2 calls, the library got 4"):
        arguments_are_left_alone(trial_of(twice))


def test_a_swallowed_exception_is_told(wrapped_with: Callable[..., Integration]) -> None:
    """A wrapper that returns where the library raises is told, with the exception that is lost."""

    def swallow(call: Any, args: tuple, kwargs: dict) -> Any:
        try:
            return call(*args, **kwargs)
        except Failure:
            return None

    with pytest.raises(CheckFailed, match="(?s)the exception differs.*testkit.toy.library.Failure"):
        exceptions_are_untouched(trial_of(wrapped_with(swallow), uses.failing_call))


def test_an_equal_exception_is_not_the_same(wrapped_with: Callable[..., Integration]) -> None:
    """A copy of the exception, with the same history, is told from the very object."""

    def copy(call: Any, args: tuple, kwargs: dict) -> Any:
        try:
            return call(*args, **kwargs)
        except Exception as error:
            twin = type(error)(*error.args)
            twin.__cause__, twin.__notes__ = error.__cause__, getattr(error, "__notes__", [])
            twin.__traceback__ = error.__traceback__
        raise twin

    with pytest.raises(CheckFailed, match="an exception in testkit.toy.library.Client.call: the very object"):
        exceptions_are_untouched(trial_of(wrapped_with(copy)))


def test_a_call_that_is_lost_while_traced_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapper that does not call the library is told, with the function's name."""
    with pytest.raises(
        CheckFailed, match="testkit.toy.library.Client.call is not called any more while traced; the run returned"
    ):
        exceptions_are_untouched(trial_of(integrated(monkeypatch, wrapper=lambda *_: None)))


def test_a_failure_that_nobody_counts_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of ours that is hidden by hand, rather than shielded, is told with the call that failed."""

    def hide(span: Any, *_: Any) -> None:
        try:
            span.set_metric("toy.hidden", 1)
        except Exception:
            pass

    with pytest.raises(CheckFailed, match="call 1 of Span.set_metric fails, the failure is not counted"):
        our_failures_stay_ours(trial_of(integrated(monkeypatch, describe_more=hide)))


def test_a_second_wrapper_is_told_with_its_place() -> None:
    """A function that is wrapped by both instances of a patching is named, with both depths."""
    with pytest.raises(
        CheckFailed, match="(?s)the number of wrappers differs.*-.*Client.call': 1.*[+].*Client.call': 2"
    ):
        patched_twice_is_patched_once(trial_of(nested_wrappers.integration))


def test_an_integration_without_spans_is_patched_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its wrappers are counted, though there are no spans to count."""
    integration = integrated(monkeypatch, wrapper=lambda wrapped, instance, args, kwargs: wrapped(*args, **kwargs))

    patched_twice_is_patched_once(trial_of(integration))


def test_spans_after_unpatching_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object made while traced that goes on being traced is told, with its scenario."""
    integration = integrated(monkeypatch)
    patching = integration.load_patching()
    # Nothing is left after the second unpatching, which is the one that a clean interpreter would look at.
    monkeypatch.setattr("testkit.checks.patching.left_by_unpatching", lambda integration: [])
    undo = patching.unpatch
    monkeypatch.setattr(patching, "unpatch", lambda: monkeypatch.setattr(patching, "unpatch", undo))

    with pytest.raises(CheckFailed, match="two_calls makes spans after unpatching: toy.call"):
        unpatching_leaves_nothing([trial_of(integration)])


def test_a_kind_that_is_lost_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the function whose kind, or signature, is another."""

    def replace() -> Iterator[None]:
        owner = sys.modules[LIBRARY].AsyncClient
        wrapper = vars(owner)["call"]
        owner.call = lambda self, *args, **kwargs: wrapper.__get__(self, owner)(*args, **kwargs)
        yield
        owner.call = wrapper

    for check, what in ((kinds_of_functions_are_kept, "kind"), (signatures_are_kept, "signature")):
        with pytest.raises(CheckFailed, match=f"the {what} of testkit.toy.library.AsyncClient.call differs"):
            check([trial_of(integrated(monkeypatch, changes=(replace,)))])


def test_an_integration_without_targets_exercises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is replaced there is no signature to compare."""
    integration = integrated(monkeypatch)
    integration.load_patching().targets = ()

    with pytest.raises(NotExercised):
        signatures_are_kept([trial_of(integration)])


def hand_back(self: Client, function: Any) -> Any:
    """Stands for a function of the library that returns the function which it is given."""
    return function


hand_back.__module__, hand_back.__qualname__, hand_back.__name__ = LIBRARY, "Client.call", "call"


def test_a_function_that_goes_in_wrapped_comes_out_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """That it cannot be pickled is told, unless its target declares that it replaces an argument."""

    def wrap_argument(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        return wrapped(functools.wraps(args[0])(lambda: args[0]()))

    monkeypatch.setattr(Client, "call", hand_back)
    integration = integrated(monkeypatch, wrapper=wrap_argument)
    trial = trial_of(integration, lambda: Client().call(idle))
    with pytest.raises(CheckFailed, match="(?s)what can be done with results differs.*'pickled': 'raises"):
        values_can_be_copied([trial])

    patching = integration.load_patching()
    sync_target, async_target = patching.targets
    patching.targets = (sync_target._replace(replaces=(("function", 0),)), async_target)
    values_can_be_copied([trial])


@pytest.mark.parametrize(
    "noise, told",
    [
        (lambda: print("traced!"), "printed: traced!"),
        (lambda: warnings.warn("traced!", UserWarning, stacklevel=1), "warned: UserWarning: traced!"),
    ],
)
def test_noise_is_told(monkeypatch: pytest.MonkeyPatch, noise: Callable[[], None], told: str) -> None:
    """What only the traced run prints, or warns of, is told."""
    noisy = integrated(monkeypatch, describe_more=lambda *_: noise())

    with pytest.raises(CheckFailed, match=f"(?s)what is printed, logged and warned differs.*{told}"):
        outcome_and_output_are_the_same(trial_of(noisy))


def test_the_library_is_restored_by_a_check_that_fails() -> None:
    """A check that finds something leaves the library as it was."""
    before = dict(vars(Client))

    with pytest.raises(CheckFailed):
        outcome_and_output_are_the_same(trial_of(changed_result.integration))

    assert dict(vars(Client)) == before


def test_an_attribute_may_stand_for_a_module_that_is_not_here() -> None:
    """As those of six do; nobody knows of annotations there."""

    class Lazy:
        def __getattr__(self, name: str) -> Any:
            raise ModuleNotFoundError("No module named '_gdbm'")

    class Owner:
        dbm_gnu = Lazy()

        def mix(self, colour: str) -> None:
            """It has annotations."""

    assert _annotated_methods(Owner) == ["mix"]
