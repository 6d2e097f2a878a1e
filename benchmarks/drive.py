"""Take turns: each work is measured in all contestants at once, a repeat each, over several rounds of processes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.contestants.contestant import AbsentError
from benchmarks.environments import OURS
from benchmarks.figures import Measurement, Repeat, Round
from benchmarks.processes import Worker, WorkFailedError
from benchmarks.rows import Work


@dataclass(frozen=True)
class Effort:
    """How much is done for a figure."""

    rounds: int
    """Processes one after another."""
    repeats: int
    """Undisturbed repeats wanted of a process."""
    most_repeats: int
    """Repeats after which it is enough, undisturbed or not."""
    repeat_ms: float
    traces: int
    """Traces of ten spans that are encoded, sent or made by threads in one repeat."""
    memory_traces: int
    """Traces of ten spans that are held in memory."""


FULL = Effort(rounds=3, repeats=10, most_repeats=25, repeat_ms=10, traces=200, memory_traces=2_000)
TINY = Effort(rounds=1, repeats=1, most_repeats=1, repeat_ms=1, traces=2, memory_traces=2)


@dataclass
class Player:
    """A contestant in this run."""

    name: str
    python: str
    variables: dict[str, str]
    version: str = "?"


@dataclass(frozen=True)
class Servers:
    """What the contestants talk to."""

    agent_url: str
    service_urls: dict[str, str | None]


class Seat:
    """One process at the table, with the repeats it has done."""

    def __init__(self, player: Player, worker: Worker, measurement: Measurement, is_traced: bool) -> None:
        self.player = player
        self.worker = worker
        self.measurement = measurement
        self.round = Round()
        (measurement.rounds if is_traced else measurement.untraced).append(self.round)

    def repeat(self, is_timed: bool = True) -> None:
        """Let the process do its work once more, and remember what it cost, or that it failed."""
        try:
            repeat = self.worker.repeat()
        except WorkFailedError as failure:
            self.measurement.failure = str(failure)
        else:
            self.round.repeats.append(repeat if is_timed else Repeat(repeat.figures, ()))

    def has_enough(self, effort: Effort) -> bool:
        """Whether there are undisturbed repeats enough, or so many that there is no hope."""
        return len(self.round.repeats) >= effort.most_repeats or len(self.round.undisturbed) >= effort.repeats


def measure(work: Work, players: list[Player], effort: Effort, servers: Servers) -> dict[str, Measurement]:
    """What a work costs each contestant, by name."""
    playing = [player for player in players if player.name == OURS or not work.is_ours_alone]
    measurements = {player.name: Measurement() for player in playing}
    for number in range(effort.rounds):
        # Another one goes first each time: whoever follows a costly neighbour finds cold caches.
        first = number % len(playing) if playing else 0
        in_turn = [player for player in playing[first:] + playing[:first] if is_able(measurements[player.name])]
        with contextlib.ExitStack() as processes:
            seats = [
                seat
                for player in in_turn
                for seat in take_seats(work, player, measurements[player.name], effort, servers, processes)
            ]
            if work.is_timed:
                take_turns(seats, effort)
            else:
                take_one_each(seats)
    return measurements


def is_able(measurement: Measurement) -> bool:
    return not measurement.absent and not measurement.failure


def take_seats(
    work: Work,
    player: Player,
    measurement: Measurement,
    effort: Effort,
    servers: Servers,
    processes: contextlib.ExitStack,
) -> list[Seat]:
    """Start a contestant's process, or two where one is to work without a tracer."""
    seats = []
    for is_traced in (True, False) if work.is_added else (True,):
        options = {"arguments": work.arguments, "surroundings": surroundings(effort, servers, is_traced)}
        variables = {**player.variables, **work.variables, "DD_TRACE_AGENT_URL": servers.agent_url}
        try:
            worker = Worker(player.python, player.name, work.name, options, variables)
        except AbsentError as absent:
            measurement.absent = str(absent)
            break
        except WorkFailedError as failure:
            measurement.failure = str(failure)
            break
        processes.callback(worker.close)
        player.version = worker.version
        seats.append(Seat(player, worker, measurement, is_traced))
    return seats


def surroundings(effort: Effort, servers: Servers, is_traced: bool) -> dict[str, Any]:
    return {
        "agent_url": servers.agent_url,
        "service_urls": servers.service_urls,
        "repeat_ms": effort.repeat_ms,
        "traces": effort.traces,
        "memory_traces": effort.memory_traces,
        "is_traced": is_traced,
    }


def take_turns(seats: Iterable[Seat], effort: Effort) -> None:
    """A repeat each, until nobody lacks any."""
    waiting = list(seats)
    while waiting:
        for seat in waiting:
            seat.repeat()
        waiting = [seat for seat in waiting if is_able(seat.measurement) and not seat.has_enough(effort)]


def take_one_each(seats: Iterable[Seat]) -> None:
    """One repeat each, which nothing can disturb."""
    for seat in seats:
        seat.repeat(is_timed=False)
