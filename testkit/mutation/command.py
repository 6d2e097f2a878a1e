"""``python -m testkit mutate``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click
from rich.console import Console

from testkit.mutation import code, targets
from testkit.mutation.campaign import Campaign, MutationError, Subject
from testkit.mutation.mutant import Mutant
from testkit.mutation.report import report
from testkit.mutation.score import Score, Verdict
from testkit.nearest import nearest

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


def mutate(
    root: Path, folder: Path, operators: tuple[str, ...], only: str, jobs: int, timeout_s: float, quiet: bool
) -> Score:
    """Try the mutants of the integration whose scenarios are in a folder, and say which nothing notices."""
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
