"""Plant a failure: in a function of the library, or in a call of an integration to the tracer."""

from __future__ import annotations

import contextlib
import functools
import sys
from dataclasses import dataclass, field
from typing import Any, Callable, ContextManager, Iterator

from ddtrace import Pin, Span, Tracer
from ddtrace.contrib._tracing import Call
from testkit.boundary import Hook, Place, stand_ins


class Planted(Exception):
    """Raised by a check in the place of a library's function."""


def raise_once(error: Exception, note: Callable[[], None]) -> Hook:
    """A hook that raises at the first call only: a library which tries again gets its answer."""
    raised: list[Place] = []

    def before(place: Place, args: tuple, kwargs: dict) -> None:
        if not raised:
            raised.append(place)
            note()
            raise error

    return before


def failing_once(place: Place | None) -> ContextManager[None]:
    """Have the first call of a place fail within a block; where it is None, none does."""
    if place is None:
        return contextlib.nullcontext()
    return stand_ins([place], raise_once(Planted(f"planted in {place.name}"), lambda: None))


class TracerFault(Exception):
    """Raised by a check within the tracer."""


@dataclass(frozen=True)
class Seam:
    """A call that integrations make to the tracer, or for settings to a pin."""

    owner: type
    attribute: str

    @property
    def name(self) -> str:
        """The call's name."""
        return f"{self.owner.__name__}.{self.attribute}"


SEAMS = (
    Seam(Tracer, "trace"),
    Seam(Tracer, "start_span"),
    Seam(Tracer, "get_log_correlation_context"),
    Seam(Span, "set_tag"),
    Seam(Span, "set_tags"),
    Seam(Span, "set_tag_str"),
    Seam(Span, "set_metric"),
    Seam(Span, "set_metrics"),
    Seam(Span, "set_exc_info"),
    Seam(Span, "finish"),
    Seam(Call, "describe"),
    Seam(Pin, "lookup"),
    Seam(Pin, "clone"),
    Seam(Pin, "onto"),
)


STARTS = SEAMS[:2]
"""Those that start a span."""


@dataclass
class Fault:
    """The failure planted in one call of a seam, the first being number 1; 0 plants none and only counts."""

    number: int
    calls: int = 0
    is_raised: bool = field(default=False)

    def strike(self) -> None:
        """Count a call, and raise if it is the one."""
        self.calls += 1
        if self.calls == self.number:
            self.is_raised = True
            raise TracerFault(f"planted in call {self.number}")


@contextlib.contextmanager
def planted_fault(seam: Seam, fault: Fault) -> Iterator[None]:
    """Have one call of a seam fail for the length of a block."""
    original = vars(seam.owner)[seam.attribute]

    @functools.wraps(original)
    def faulty(*args: Any, **kwargs: Any) -> Any:
        if seam.owner is Call:
            # The failure belongs into the integration's own function, which describe() shields.
            call, describe, *rest = args
            return original(call, functools.partial(_strike_then, fault, describe), *rest)
        # What a pin does by itself, Pin.override() does for the user.
        if seam.owner is not Pin or sys._getframe(1).f_globals["__name__"] != Pin.__module__:
            fault.strike()
        return original(*args, **kwargs)

    setattr(seam.owner, seam.attribute, faulty)
    try:
        yield
    finally:
        setattr(seam.owner, seam.attribute, original)


def _strike_then(fault: Fault, function: Callable[..., Any], *args: Any) -> Any:
    fault.strike()
    return function(*args)


def calls_of_seams(run: Callable[[Callable[[], ContextManager[None]]], Any]) -> dict[Seam, int]:
    """How often each seam is called within the block that ``run`` is given; those never called are left out."""
    counters = {seam: Fault(0) for seam in SEAMS}

    @contextlib.contextmanager
    def counted() -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for seam, counter in counters.items():
                stack.enter_context(planted_fault(seam, counter))
            yield

    run(counted)
    return {seam: counter.calls for seam, counter in counters.items() if counter.calls}


def spread(total: int, most: int) -> list[int]:
    """At most ``most`` numbers from 1 to ``total``, evenly spread, the first and the last among them."""
    if total <= most:
        return list(range(1, total + 1))
    return sorted({1 + round(place * (total - 1) / (most - 1)) for place in range(most)})
