"""The checks of what leaves the process: bytes to services, connections, look-ups of names, output past Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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

TRACED_RUNS = 3
"""At most: what is rare by itself may have happened in the first, and what tracing does, it does in each."""

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
            _compare_bytes(wire)
            return
        with switched(trial.integration, switch, is_on=True):
            try:
                _compare_requests(wire, wire.run(Trial.run_traced).requests)
            except NotHTTP as reason:
                _compare_switched_off(wire, switch, reason)


def _compare_switched_off(wire: Wire, switch: Option, reason: NotHTTP) -> None:
    with switched(wire.trial.integration, switch, is_on=False):
        _compare_bytes(wire)
    raise NotExercised(f"with distributed tracing off the bytes are the same; with it on, {reason}")


def _compare_bytes(wire: Wire) -> None:
    sent = _fail_unless_alike("what is sent to the service", lambda run: wire.run(run).streams, lens_for_streams)
    if not any(sent.values()):
        raise NotExercised("nothing is sent to the service")


def _untraced(wire: Wire, headers: dict[str, str] | None = None) -> Sent:
    return wire.run(Trial.run_untraced, headers)


def _fail_unless_alike(
    what: str, seen_of: Callable[[Callable[[Trial], Any]], Any], lens_for: Callable[[Any, Any], Lens | None]
) -> Any:
    """Compare a traced run with untraced ones; where they differ, only as far as two untraced ones do not.

    Returns what is seen of an untraced run.
    """
    untraced, received = [seen_of(Trial.run_untraced)], seen_of(Trial.run_traced)
    looks: list[tuple[Lens, Any]] = []
    while received not in untraced and len(untraced) <= UNTRACED_RUNS:
        last = seen_of(Trial.run_untraced)
        pairs = [(lens, lens(last)) for first in untraced if (lens := lens_for(first, last)) is not None]
        untraced.append(last)
        if any(lens(received) == expected for lens, expected in pairs):
            return last
        looks += pairs
    if received in untraced:
        return received
    if not looks:
        raise NotExercised(f"{what} differs from run to run already, also in its length")
    for _ in range(TRACED_RUNS - 1):
        again = seen_of(Trial.run_traced)
        if any(lens(again) == expected for lens, expected in looks):
            return untraced[0]
    lens, expected = looks[0]
    raise CheckFailed(differences(what, expected, lens(received), ("untraced", "traced")))


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
        _fail_unless_alike("what the process does with the outside", partial(_effects, wire), lens_for_counts)


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
