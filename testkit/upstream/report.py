"""A differential in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from testkit.upstream.differential import Differential, Regression

_LINES_SHOWN = 12
_NAMES_SHOWN = 10


def show(found: Differential, console: Console) -> None:
    """Print what was run, what was compared, and each regression with the end of its message."""
    title = f"the suite of {found.distribution} {found.version}, on Python {found.python}"
    lines = [Text(line) for line in _counts(found)]
    lines += [Text(f"a traced run {each}", style="red") for each in found.broken]
    for regression in found.regressions:
        lines += _regression(regression)
    lines.append(Text(_verdict(found), style="green" if found.is_clean else "bold red"))
    console.print(Text(title, style="bold"), _runs(found), sep="\n")
    for line in lines:
        # Whoever copies the id of a test wants it whole.
        console.print(line, soft_wrap=True)


def _runs(found: Differential) -> Table:
    table = Table("run", box=None)
    for title in ("passed", "failed", "skipped", "spans", f"of {found.integration}", "seconds"):
        table.add_column(title, justify="right")
    for run in found.runs:
        is_traced = run["kind"] == "traced"
        spans = (run["spans"], run["own_spans"]) if is_traced else ("", "")
        row = (run["kind"], run["passed"], run["failed"], run["skipped"], *spans, run["duration_s"])
        table.add_row(*map(str, row))
    return table


def _counts(found: Differential) -> list[str]:
    lines = [
        f"{found.compared} tests pass in both untraced runs and were compared; {found.passed} also pass with tracing",
        f"left out: {found.failed_untraced} fail untraced, {found.skipped_untraced} are skipped, "
        f"{len(found.flaky)} are flaky untraced",
    ]
    lines += [f"accepted: {test}: {reason}" for test, reason in found.accepted]
    lines += [f"accepted, but it passes with tracing: {test}; delete it from upstream.py" for test in found.stale]
    lines += _listed("fail in one traced run only", found.unsettled)
    lines += _listed("pass only with tracing", found.mended)
    return lines


def _listed(what: str, tests: Sequence[str]) -> list[str]:
    if not tests:
        return []
    more = [f"  and {len(tests) - _NAMES_SHOWN} more"] if len(tests) > _NAMES_SHOWN else []
    return [f"{len(tests)} {what}:", *(f"  {test}" for test in tests[:_NAMES_SHOWN]), *more]


def _regression(regression: Regression) -> list[Text]:
    end = regression.message.splitlines()[-_LINES_SHOWN:]
    title = Text(f"{regression.outcome} with tracing: {regression.test}", style="red")
    return [title, *(Text(f"    {line}") for line in end)]


def _verdict(found: Differential) -> str:
    if found.is_clean:
        more = " but those accepted" if found.accepted else ""
        return f"{found.integration}: no test fails only with tracing{more}"
    parts = [f"{len(found.stale)} accepted tests pass"] if found.stale else []
    if found.regressions:
        parts.append(f"{len(found.regressions)} of {found.compared} tests fail only with tracing")
    if found.broken:
        parts.append(f"{len(found.broken)} of 2 traced runs broke off")
    return f"{found.integration}: {', and '.join(parts)}"
