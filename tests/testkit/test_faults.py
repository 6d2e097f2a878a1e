"""Failures planted in a library or in the tracer."""

from __future__ import annotations

from typing import Callable, ContextManager

import pytest

from ddtrace import Pin, Span, Tracer
from ddtrace.contrib._tracing import Call
from testkit import DummyTracer
from testkit.boundary import Place
from testkit.faults import SEAMS, Fault, Planted, Seam, TracerFault, calls_of_seams, planted_fault, raise_once, spread
from testkit.toy.library import Client

SET_TAG = Seam(Span, "set_tag_str")


def test_a_planted_exception_is_raised_once() -> None:
    """The first call raises that very exception and notes it; a second try goes through."""
    error, noted = Planted("as planted"), []
    before = raise_once(error, lambda: noted.append(True))
    place = Place(DummyTracer, "pop")

    with pytest.raises(Planted) as raised:
        before(place, (), {})

    assert raised.value is error
    assert before(place, (), {}) is None
    assert noted == [True]


def test_the_numbered_call_fails(tracer: DummyTracer) -> None:
    """With a fault in call 2, the first and the third go through."""
    span = tracer.start_span("toy")

    fault = Fault(2)

    with planted_fault(SET_TAG, fault):
        span.set_tag_str("first", "")
        with pytest.raises(TracerFault, match="call 2"):
            span.set_tag_str("second", "")
        span.set_tag_str("third", "")

    assert (sorted(span.get_tags().keys() & {"first", "second", "third"}), fault.calls) == (["first", "third"], 3)
    assert fault.is_raised


def test_an_unreached_fault_was_not_raised(tracer: DummyTracer) -> None:
    """A fault in a call that never comes says so."""
    fault = Fault(2)

    with planted_fault(SET_TAG, fault):
        tracer.start_span("toy").set_tag_str("only", "")

    assert not fault.is_raised


@pytest.mark.parametrize("seam", SEAMS, ids=lambda seam: seam.name)
def test_a_seam_is_restored(seam: Seam) -> None:
    """After the block, also one that raises, the tracer's own function is back."""
    before = vars(seam.owner)[seam.attribute]

    with pytest.raises(KeyError), planted_fault(seam, Fault(1)):
        assert vars(seam.owner)[seam.attribute] is not before
        raise KeyError

    assert vars(seam.owner)[seam.attribute] is before


def test_a_description_fails_within_its_shield(tracer: DummyTracer) -> None:
    """A fault in ``describe`` is one of the integration's own function, which the tracer shields in production."""
    described = []
    call = Call(tracer.start_span("toy"))
    fault = Fault(1)

    with planted_fault(Seam(Call, "describe"), fault):
        call.describe(lambda span: described.append(span))

    assert (described, fault.is_raised) == ([], True)


def test_called_seams_are_counted(tracer: DummyTracer) -> None:
    """Each seam has its number of calls; those never called are left out."""

    def run(counted: Callable[[], ContextManager[None]]) -> None:
        with counted(), tracer.trace("toy") as span:
            span.set_metric("a", 1)
            span.set_metric("b", 2)

    counted = calls_of_seams(run)

    assert counted == {Seam(Tracer, "trace"): 1, Seam(Span, "set_metric"): 2, Seam(Span, "finish"): 1}


def test_what_a_pin_does_by_itself_is_not_counted() -> None:
    """A user overrides a pin, which makes a copy and attaches it: no integration has asked for these."""

    def run(counted: Callable[[], ContextManager[None]]) -> None:
        with counted():
            owner = Client()
            Pin.override(owner, service="toy")
            Pin.lookup(owner)

    assert calls_of_seams(run) == {Seam(Pin, "lookup"): 1}


@pytest.mark.parametrize("total, expected", [(1, [1]), (3, [1, 2, 3]), (9, [1, 5, 9]), (101, [1, 51, 101])])
def test_faults_are_spread(total: int, expected: list[int]) -> None:
    """With more calls than faults, the first and the last are among those chosen."""
    assert spread(total, 3) == expected
