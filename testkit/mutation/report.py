"""A score for a terminal."""

from __future__ import annotations

import os

from rich.console import Group
from rich.table import Table
from rich.text import Text

from testkit.mutation.mutant import Mutant
from testkit.mutation.score import Score


def report(score: Score) -> Group:
    """How many mutants of each operator were caught, then the survivors with what was changed."""
    survivors = [Text(survivor(mutant)) for mutant in score.survivors]
    return Group(_table(score), *survivors, Text(summary(score)))


def _table(score: Score) -> Table:
    table = Table("operator", "mutants", "caught", "", title=f"mutants of {score.integration}")
    for name, (caught, total) in score.by_operator().items():
        table.add_row(name, str(total), str(caught), f"{100 * caught / total:.0f} %")
    return table


def survivor(mutant: Mutant) -> str:
    """Where nothing noticed which change."""
    place = f"{os.path.relpath(mutant.path)}:{mutant.line}"
    return "\n".join(["", f"survived: {place}: {mutant.operator}: {mutant.what}", *mutant.diff])


def summary(score: Score) -> str:
    """The score in one line."""
    return f"{score.caught} of {score.total} mutants caught, {score.percent:.1f} %, in {score.duration_s:.0f} s"
