"""A process that repeats one work of one contestant, once for each line that it reads.

Run as a program, by the contestant's Python: ``worker.py <contestant> <work> <JSON of arguments and surroundings>``.
Each answer is one line of JSON: at first ``{"ready": {...}}`` or ``{"absent": "why"}``, then one repeat after another.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import sys
import time
from itertools import repeat
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()

SPIN_ROUNDS = 60_000
"""About half a millisecond, several times what the warm-up takes."""

WARM_UP_ROUNDS = 10_000


def make_benchmarks_importable() -> None:
    """Import this package from where it is, without the rest of the repository, whose ddtrace would hide a peer's."""
    folder = HERE.parents[1]
    spec = importlib.util.spec_from_file_location("benchmarks", folder / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmarks"] = module
    spec.loader.exec_module(module)


def spin_ns() -> int:
    """How long a fixed loop takes now: longer where something else has the processor.

    The loop makes no objects, and is warm when its time begins: the state in which the work leaves the memory is no
    disturbance.
    """
    for _ in repeat(None, WARM_UP_ROUNDS):
        pass
    began_ns = time.perf_counter_ns()
    for _ in repeat(None, SPIN_ROUNDS):
        pass
    return time.perf_counter_ns() - began_ns


def main(contestant_name: str, work_name: str, given: str) -> None:
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**facts: Any) -> None:
        print(json.dumps(facts), file=answers, flush=True)

    make_benchmarks_importable()
    from benchmarks.contestants.contestant import AbsentError
    from benchmarks.contestants.works import WORKS, Surroundings

    options = json.loads(given)
    contestant = importlib.import_module(f"benchmarks.contestants.{contestant_name}").CONTESTANT
    try:
        measured = WORKS[work_name](contestant, Surroundings(**options["surroundings"]), **options["arguments"])
    except AbsentError as absent:
        return answer(absent=str(absent))
    answer(ready={"version": contestant.version()})
    for _ in sys.stdin:
        gc.collect()
        before_ns = spin_ns()
        figures = measured()
        answer(figures=figures, spins_ns=[before_ns, spin_ns()])


if __name__ == "__main__":
    main(*sys.argv[1:])
