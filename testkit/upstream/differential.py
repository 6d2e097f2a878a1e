"""Two untraced runs of a suite against two traced ones: what fails only with tracing."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock

from ddtrace.contrib._integration import Integration
from testkit.upstream import Upstream
from testkit.upstream.environment import cache_folder, make_environment, tracer_requirements
from testkit.upstream.errors import UpstreamError
from testkit.upstream.release import fetch
from testkit.upstream.run import FAILED, PASSED, SKIPPED, UNFINISHED, Run, Suite, run_suite

ORDER = ("untraced", "traced", "untraced", "traced")
"""In turn, so that what changes with time, such as the load of the machine, befalls both."""

Watch = Callable[[str, int], None]
"""Is told what is done, and how many tests of the run have begun."""

NOT_RUN = "not run"


@dataclass(frozen=True)
class Regression:
    """A test that passes without tracing, each time, and does not with it; ``message`` is pytest's."""

    test: str
    outcome: str
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Differential:
    """What tracing changes for the suite of a release.

    ``compared`` is the number of tests that passed in both untraced runs and came to an end in both traced ones: of
    these ``regressions`` passed in neither, and ``unsettled`` in only one, so that nobody knows. ``accepted`` are
    regressions which the declaration gives a reason for, and ``stale`` those that it does for nothing. ``flaky`` differ
    between the untraced runs; ``mended`` pass only with tracing. ``broken`` says of traced runs that crashed or hung
    where they did. ``runs`` has the counts of each run; ``own_spans`` are those of this integration.
    """

    integration: str
    distribution: str
    version: str
    sha256: str
    python: str
    compared: int
    passed: int
    failed_untraced: int
    skipped_untraced: int
    regressions: tuple[Regression, ...] = ()
    accepted: tuple[tuple[str, str], ...] = ()
    stale: tuple[str, ...] = ()
    unsettled: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    runs: tuple[dict[str, Any], ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether tracing breaks nothing that was compared."""
        return not (self.regressions or self.broken or self.stale)

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {"is_clean": self.is_clean, **asdict(self)}


def measure(integration: Integration, upstream: Upstream, arguments: Sequence[str], watch: Watch) -> Differential:
    """Run the suite twice untraced and twice traced, and compare.

    ``arguments`` are pytest's, after the declared ones. Raises UpstreamError where there is no verdict: the release
    cannot be had, a service is missing, the suite does not work untraced, or nothing was traced.
    """
    suite = prepare(integration.distribution, upstream, watch)
    runs: dict[str, list[Run]] = {"untraced": [], "traced": []}
    for number, kind in enumerate(ORDER, 1):
        title = f"run {number} of {len(ORDER)}, {kind}"
        watch(title, 0)
        with tempfile.TemporaryDirectory(prefix=f"upstream-{integration.name}-") as folder:
            run = run_suite(suite, arguments, kind == "traced", Path(folder), partial(watch, title))
        _expect_use(run, kind, integration)
        runs[kind].append(run)
    return compare(integration, upstream, runs["untraced"], runs["traced"])


def prepare(distribution: str, upstream: Upstream, watch: Watch) -> Suite:
    """Have pip get the release and make an environment for its suite, unless both are there from an earlier time."""
    if distribution and not upstream.version:
        raise UpstreamError(f"which release of {distribution}? Declare version and sha256 in upstream.py")
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    # Others may prepare the same at the same time.
    with FileLock(folder / "lock"):
        sdist = None
        if distribution:
            watch(f"downloading {distribution} {upstream.version}", 0)
            sdist = fetch(distribution, upstream, folder / f"{distribution}-{upstream.version}-{upstream.sha256[:16]}")
        watch("installing what the suite needs", 0)
        library = [str(sdist)] if sdist else []
        # The suite's own word on pytest counts; pip refuses two different ones.
        needed = [*library, *upstream.requirements, *tracer_requirements(), "pytest"]
        return Suite(upstream, make_environment(needed, folder), sdist)


def _expect_use(run: Run, kind: str, integration: Integration) -> None:
    """A baseline has to be whole, and a traced run has to be traced."""
    if kind == "untraced":
        if run.broken:
            raise UpstreamError(f"the suite does not work untraced: it {run.broken}")
        if run.tracing:
            raise UpstreamError(f"the untraced run was traced, by {', '.join(run.tracing)}: does the suite do that?")
        return
    if run.broken:
        return
    name = integration.name
    if integration.spans and not run.spans.get(integration.settings_name):
        others = ", ".join(f"{number} of {maker or 'no integration'}" for maker, number in run.spans.items())
        raise UpstreamError(f"no span was made by {name} in a traced run ({others or 'none at all'})")
    if name not in run.tracing:
        raise UpstreamError(f"{name} was not tracing at the end of a traced run")


def compare(
    integration: Integration, upstream: Upstream, untraced: Sequence[Run], traced: Sequence[Run]
) -> Differential:
    """The verdict on four runs; raises UpstreamError where no test passes untraced."""
    before = {test: {_outcome(run, test) for run in untraced} for run in untraced for test in run.outcomes}
    after = {test: [_outcome(run, test) for run in traced] for test, found in before.items() if found == {PASSED}}
    if not after:
        raise UpstreamError(f"none of {len(before)} tests passes in both untraced runs: nothing to compare")
    compared = {test: outcomes for test, outcomes in after.items() if UNFINISHED not in outcomes}
    broken = {test: outcomes for test, outcomes in compared.items() if PASSED not in outcomes}
    accepted = dict(upstream.accepted)
    return Differential(
        integration=integration.name,
        distribution=integration.distribution or "Python",
        version=upstream.version or platform.python_version(),
        sha256=upstream.sha256,
        python=platform.python_version(),
        compared=len(compared),
        passed=sum(set(outcomes) == {PASSED} for outcomes in compared.values()),
        failed_untraced=sum(found == {FAILED} for found in before.values()),
        skipped_untraced=sum(found == {SKIPPED} for found in before.values()),
        regressions=tuple(
            Regression(test, outcomes[0], traced[0].messages.get(test, ""))
            for test, outcomes in broken.items()
            if test not in accepted
        ),
        accepted=tuple(each for each in upstream.accepted if each[0] in broken),
        stale=tuple(test for test in accepted if set(compared.get(test, ())) == {PASSED}),
        unsettled=tuple(test for test, found in compared.items() if PASSED in found and set(found) != {PASSED}),
        flaky=tuple(test for test, found in before.items() if len(found) > 1),
        mended=tuple(test for test, found in before.items() if PASSED not in found and _passes(test, traced)),
        broken=tuple(run.broken for run in traced if run.broken),
        runs=tuple(_summary(kind, run, integration) for kind, run in zip(ORDER, _in_turn(untraced, traced))),
    )


def _outcome(run: Run, test: str) -> str:
    """What a whole run does not have, it did not collect; of one that broke off nobody knows."""
    return run.outcomes.get(test, UNFINISHED if run.broken else NOT_RUN)


def _passes(test: str, runs: Sequence[Run]) -> bool:
    return all(run.outcomes.get(test) == PASSED for run in runs)


def _in_turn(untraced: Sequence[Run], traced: Sequence[Run]) -> list[Run]:
    return [run for pair in zip(untraced, traced) for run in pair]


def _summary(kind: str, run: Run, integration: Integration) -> dict[str, Any]:
    return {
        "kind": kind,
        **{outcome: run.counts()[outcome] for outcome in (PASSED, FAILED, SKIPPED, UNFINISHED)},
        "spans": sum(run.spans.values()),
        "own_spans": run.spans.get(integration.settings_name, 0),
        "duration_s": round(run.duration_s, 1),
        "broken": run.broken,
    }
