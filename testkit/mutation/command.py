"""``python -m testkit mutate``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from testkit.mutation import code, targets
from testkit.mutation.mutant import Mutant
from testkit.mutation.report import report
from testkit.mutation.score import Score, Verdict
from testkit.nearest import nearest
from testkit.options import ROOT_OPTION, OutputFile, root_or_here, tests_of

OPERATORS = (*targets.OPERATORS, *code.OPERATORS)


def chosen(mutants: list[Mutant], operators: tuple[str, ...], only: str) -> list[Mutant]:
    """Those of some operators and of one place, FILE or FILE:LINE; raises click.UsageError where there are none."""
    for name in operators:
        if name not in OPERATORS:
            raise click.UsageError(f"there is no operator {name!r}; {nearest(name, OPERATORS)}")
    found = [mutant for mutant in mutants if not operators or mutant.operator in operators]
    if only:
        file, _, line = only.partition(":")
        if line and not line.isdigit():
            raise click.UsageError(f"--only {only}: {line!r} is no line; expected is FILE or FILE:LINE")
        found = [mutant for mutant in found if str(mutant.path).endswith(file) and line in ("", str(mutant.line))]
    if not found:
        places = sorted({os.path.relpath(mutant.path) for mutant in mutants})
        raise click.UsageError(f"there is no such mutant; of the integration there are some in {', '.join(places)}")
    return found


@click.command()
@click.argument("name")
@click.option("--operator", "operators", multiple=True, help="Only mutants of this operator; may be repeated.")
@click.option("--only", default="", metavar="FILE[:LINE]", help="Only mutants of this file, or of this line.")
@click.option("--at-least", default=95.0, show_default=True, help="Fail where less than these percent are caught.")
@click.option("--json", "json_path", type=OutputFile(), help="Store the score there.")
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1), help="Mutants tried at a time.")
@click.option("--timeout", "timeout_s", default=60.0, show_default=True, help="Seconds that a check may take.")
@click.option("--quiet", is_flag=True, help="Say nothing of the mutants that are caught.")
@ROOT_OPTION
def mutate(name: str, at_least: float, json_path: Path | None, root: Path | None, **options: Any) -> None:
    """Break the integration NAME on purpose, one change at a time, and list the changes that nothing notices.

    Its checks and tests run on each mutant until one of them fails. No file is changed.
    """
    root = root_or_here(root)
    score = run(root, tests_of(name, root), **options)
    if json_path is not None:
        write_json(score, json_path)
    if score.percent < at_least:
        raise click.ClickException(f"{score.percent:.1f} % of the mutants are caught, expected are {at_least:g} %")


def run(
    root: Path, folder: Path, operators: tuple[str, ...], only: str, jobs: int, timeout_s: float, quiet: bool
) -> Score:
    """Try the mutants of the integration whose scenarios are in a folder, and say which nothing notices."""
    # Not on top: it imports pytest and the checks.
    from testkit.mutation.campaign import Campaign, MutationError, Subject

    console = Console(soft_wrap=True)
    sys.path.insert(0, str(root))
    try:
        subject = Subject.of(root, folder)
        campaign = Campaign(subject, chosen(subject.mutants(), operators, only), jobs, timeout_s)
        total, done = len(campaign.mutants), []

        def notice(verdict: Verdict) -> None:
            done.append(verdict)
            if not quiet:
                by = f"caught by {verdict.caught_by}" if verdict.is_caught else "SURVIVED"
                place = f"{verdict.mutant.path.name}:{verdict.mutant.line}"
                line = f"{len(done)}/{total} {place} {verdict.mutant.operator}: {verdict.mutant.what}: {by}"
                console.print(line, markup=False, highlight=False)

        console.print(f"{total} mutants of {subject.integration.name}; first its checks without any", highlight=False)
        score = campaign.run(notice)
    except MutationError as error:
        raise click.ClickException(str(error)) from None
    console.print(report(score))
    return score


def write_json(score: Score, path: Path) -> None:
    """Store a score for other programs."""
    path.write_text(json.dumps(score.as_json(), indent=1) + "\n")
