"""What a run of a scenario sends: to its services, through taps, and to any other address."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from testkit.addresses import counted, turns_noted
from testkit.check import NotExercised
from testkit.fixtures.tap import Tap
from testkit.http_requests import Request, requests_in
from testkit.trial import Trial

ENDING_S = 0.5
"""In which a connection that nobody uses any more has ended."""

Streams = dict[str, list[bytes]]
"""By the parameter that names the service: what was sent over each connection, in the order of their beginnings."""

HEADERS = "request_headers"
"""The parameter of a scenario that holds headers for each request which it makes."""


@dataclass(frozen=True)
class Sent:
    """What one run has sent.

    ``connections`` counts those that each service saw, ``turns`` what was done with which address.
    """

    streams: Streams
    connections: dict[str, int]
    turns: dict[str, int]

    @property
    def requests(self) -> list[Request]:
        """All of them, those of a connection together; raises NotHTTP where something else was sent."""
        return [request for streams in self.streams.values() for sent in streams for request in requests_in(sent)]


class Wire:
    """A trial with a tap in front of each of its services; see ``tapped``."""

    def __init__(self, trial: Trial, taps: dict[str, Tap]) -> None:
        self.trial = trial
        self.taps = taps
        self._has_lasting_connections = False

    @property
    def takes_headers(self) -> bool:
        """Whether the scenario gives its requests the headers that it is given."""
        return HEADERS in self.trial.scenario.parameters

    def run(self, run: Callable[[Trial], Any], headers: dict[str, str] | None = None) -> Sent:
        """Have ``run`` run the trial once, its requests with these headers where the scenario takes some."""
        arguments = {**copy.deepcopy(self.trial.arguments), **{name: tap.url for name, tap in self.taps.items()}}
        if headers is not None:
            arguments[HEADERS] = dict(headers)
        earlier = {}
        for name, tap in self.taps.items():
            tap.clear()
            earlier[name] = len(tap.connections)
        with turns_noted(but_in=[tap.thread_id for tap in self.taps.values()]) as turns:
            run(dataclasses.replace(self.trial, arguments=arguments))
        streams: Streams = {}
        connections: dict[str, int] = {}
        for name, tap in self.taps.items():
            self._wait_for_ends(tap)
            made = tap.connections
            connections[name] = len(made) - earlier[name]
            streams[name] = [connection.sent for connection in made if connection.bytes_sent]
        known = {("127.0.0.1", tap.port): name for name, tap in self.taps.items()}
        return Sent(streams, connections, counted(turns, known))

    def _wait_for_ends(self, tap: Tap) -> None:
        """Let the last bytes arrive; of a client that keeps its connections, they have to have done so by now."""
        if self._has_lasting_connections:
            return
        if any(not connection.ending for connection in tap.connections):
            gc.collect()
        try:
            tap.wait_until_closed(ENDING_S)
        except TimeoutError:
            self._has_lasting_connections = True


@contextlib.contextmanager
def tapped(trial: Trial) -> Iterator[Wire]:
    """Put a tap in front of each service of a trial that has an address, for the length of a block."""
    with contextlib.ExitStack() as stack:
        taps = {}
        for name, port in trial.services.items():
            if urlsplit(trial.arguments[name]).hostname:
                taps[name] = stack.enter_context(Tap(trial.arguments[name], port))
        yield Wire(trial, taps)


def require_taps(wire: Wire) -> None:
    """Raise NotExercised where no tap stands in front of anything."""
    if not wire.trial.services:
        raise NotExercised("the scenario talks to no service")
    if not wire.taps:
        raise NotExercised("its service has no address, and no tap can stand in front of a file")
