"""The checks of what leaves the process: bytes to services, connections, look-ups of names, output past Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddtrace.contrib._integration import Option
from testkit.check import CheckFailed, NotExercised, Scope, check, differences, fail_unless_equal
from testkit.distributed import OUTBOUND, header_names, switch_of, switched
from testkit.http_requests import NotHTTP, Request
from testkit.lenses import Lens, lens_for_counts, lens_for_requests, lens_for_streams
from testkit.observation import captured_output, written_past_python
from testkit.patched import traced
from testkit.trial import Trial
from testkit.wire import HEADERS, Sent, Wire, require_taps, tapped

UNTRACED_RUNS = 10
"""At most, to learn what differs by itself: which node of a cluster is asked may be left to chance."""

ADVICE = (
    f"\nIf what differs is made of the headers, as a signature is: let the scenario take {HEADERS}, and give a copy of "
    "them to each of its requests; then it is compared with what the library itself makes of them"
)


@check("INV-10", Scope.SCENARIO)
def wire_bytes_are_the_same(trial: Trial) -> None:
    """Services get the very bytes, and no headers but those of the trace, each once, and signed like the others."""
    switch = switch_of(trial.integration, OUTBOUND)
    with tapped(trial) as wire:
        require_taps(wire)
        if switch is None:
            _compare_bytes(wire, wire.run(Trial.run_traced))
            return
        with switched(trial.integration, switch, is_on=True):
            try:
                _compare_requests(wire, wire.run(Trial.run_traced).requests)
            except NotHTTP as reason:
                _compare_switched_off(wire, switch, reason)


def _compare_switched_off(wire: Wire, switch: Option, reason: NotHTTP) -> None:
    with switched(wire.trial.integration, switch, is_on=False):
        _compare_bytes(wire, wire.run(Trial.run_traced))
    raise NotExercised(f"with distributed tracing off the bytes are the same; with it on, {reason}")


def _compare_bytes(wire: Wire, sent: Sent) -> None:
    first = _untraced(wire)
    if not any(first.streams.values()) and not any(sent.streams.values()):
        raise NotExercised("nothing is sent to the service")
    what = "what is sent to the service"
    _fail_unless_alike(what, first.streams, lambda: _untraced(wire).streams, sent.streams, lens_for_streams)


def _untraced(wire: Wire, headers: dict[str, str] | None = None) -> Sent:
    return wire.run(Trial.run_untraced, headers)


def _fail_unless_alike(
    what: str, first: Any, again: Callable[[], Any], received: Any, lens_for: Callable[[Any, Any], Lens | None]
) -> None:
    """Compare a traced run with an untraced one; where they differ, only as far as untraced ones do not."""
    if first == received:
        return
    for _ in range(UNTRACED_RUNS):
        second = again()
        if second == received:
            return
        lens = lens_for(first, second)
        if lens is None:
            raise NotExercised(f"{what} differs from run to run already, also in its length")
        if lens(received) in (lens(first), lens(second)):
            return
    raise CheckFailed(differences(what, lens(first), lens(received), ("untraced", "traced")))


# -- requests with headers of ours -------------------------------------------------------------------------------------


def _compare_requests(wire: Wire, requests: list[Request]) -> None:
    """Each is the one that the library sends untraced, if its user gives it the same headers.

    A signature is right then, too. A scenario that takes no headers is compared with its untraced requests, and the
    headers of ours added to them.
    """
    first, second = _untraced(wire).requests, _untraced(wire).requests
    if not requests and not first:
        raise NotExercised("nothing is sent to the service")
    lines = [[request.line for request in each] for each in (first, requests)]
    lens = lens_for_requests(first, second)
    if lens is None:
        raise NotExercised("how many requests are sent differs from run to run already")
    fail_unless_equal(len(lines[0]), len(lines[1]), f"the number of requests ({lines[1]})")
    names = header_names()
    given: dict[tuple, list[Request]] = {}
    for number, request in enumerate(requests):
        ours = request.named(names)
        key = tuple(ours.items())
        if key not in given:
            given[key] = _with_headers(wire, ours, first)
        expected, received = lens(given[key][number]), lens(request)
        if expected != received:
            sides = ("untraced, the headers being the program's own", "traced")
            advice = "" if wire.takes_headers else ADVICE
            raise CheckFailed(differences(f"the request {request.line}", expected, received, sides) + advice)


def _with_headers(wire: Wire, ours: dict[str, str], untraced: list[Request]) -> list[Request]:
    """What the library sends untraced, with these headers in each request."""
    if not wire.takes_headers:
        return [each.with_headers(ours) for each in untraced]
    requests = _untraced(wire, headers=ours).requests
    if len(requests) != len(untraced):
        raise CheckFailed(
            f"the scenario makes {len(requests)} requests with the headers {', '.join(ours)} as its own, "
            f"{len(untraced)} without; let it make the same"
        )
    return requests


# -- all else ----------------------------------------------------------------------------------------------------------


@check("INV-24", Scope.SCENARIO)
def no_side_effects(trial: Trial) -> None:
    """No connection is made, no name looked up, and nothing written, that is not without tracing."""
    _fail_unless_patching_is_silent(trial)
    with tapped(trial) as wire:
        first, received = _effects(wire, Trial.run_untraced), _effects(wire, Trial.run_traced)
        _fail_unless_alike(
            "what the process does with the outside",
            first,
            lambda: _effects(wire, Trial.run_untraced),
            received,
            lens_for_counts,
        )


def _fail_unless_patching_is_silent(trial: Trial) -> None:
    said: list[str] = []
    with captured_output(said), traced(trial.integration):
        pass
    if said:
        raise CheckFailed("patching and unpatching are not silent:\n" + "\n".join(said))


def _effects(wire: Wire, run: Callable[[Trial], Any]) -> dict[str, int]:
    written: list[str] = []
    with written_past_python(written):
        sent = wire.run(run)
    seen = {f"connections that {name} sees": count for name, count in sent.connections.items()}
    return {**seen, **sent.turns, **{f"writes {line!r}": 1 for line in written}}
