"""A report card as the checklist of a pull request, filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from testkit.card.record import Card, Row, Verdict

CAUGHT_AT_LEAST = 0.95
"""Of the deliberate mistakes; see the command ``mutate``."""

LONGEST_EVIDENCE = 300
"""Characters of each line of evidence; the JSON has all."""

QUESTIONS = (
    "Every check passes, or is switched off with a reason",
    "Every check that is on is exercised by some scenario",
    "What tracing adds to a call is measured",
    "The tests notice at least 95 % of the deliberate mistakes",
    "The library's own tests pass traced as they do untraced",
)
"""What a reviewer wants to know; the pull request's template asks the same."""


def questions(card: Card) -> Iterator[tuple[str, bool, str]]:
    """Each question, whether it is so, and what was found."""
    mutation, upstream = card.mutation, card.upstream
    not_exercised = [row.id for row in card.rows if row.verdict is Verdict.NOT_EXERCISED]
    answers = (
        (all(row.verdict is not Verdict.FAILED for row in card.rows), card.summary),
        (not not_exercised, ", ".join(not_exercised) or "all are"),
        (any(each.spans for each in card.overhead), card.overhead_summary),
        (
            mutation is not None and mutation.score >= CAUGHT_AT_LEAST,
            f"{mutation.caught} of {mutation.total} were caught" if mutation else "not run",
        ),
        (
            upstream is not None and upstream.compared > 0 and not upstream.regressions,
            (
                f"{upstream.compared} compared, {len(upstream.regressions)} fail only when traced"
                if upstream
                else "not run"
            ),
        ),
    )
    for question, (is_so, answer) in zip(QUESTIONS, answers, strict=True):
        yield question, is_so, answer


def render(card: Card) -> str:
    """The checklist, then the check's table, the overhead's, and what it all was run with."""
    return "\n".join(
        [
            f"## Integration checklist: {card.integration}",
            "",
            *(f"- [{'x' if is_so else ' '}] {text}: {_plain(answer)}" for text, is_so, answer in questions(card)),
            "",
            *_with(card),
            "",
            *_checks(card),
            *_overhead(card),
            *_listed("Mistakes that nothing caught", card.mutation.survivors if card.mutation else ()),
            *_listed("Tests that only fail when traced", card.upstream.regressions if card.upstream else ()),
            "",
        ]
    )


def _with(card: Card) -> Iterator[str]:
    yield "Run with " + ", ".join(f"{name} {version}".rstrip() for name, version in card.versions.items()) + "."
    for service in card.services:
        yield f"Service: {_plain(service)}."


def _checks(card: Card) -> Iterator[str]:
    yield "| check | | verdict | scenarios | s | evidence |"
    yield "|---|---|---|---:|---:|---|"
    for row in card.rows:
        evidence = "<br>".join(map(_plain, row.evidence))
        yield f"| {row.id} | {row.title} | {row.verdict} | {exercised(row)} | {row.duration_s:.1f} | {evidence} |"


def exercised(row: Row) -> str:
    """On how many scenarios a check had something to look at."""
    if row.is_together:
        return "together" if row.exercised else "0"
    return f"{row.exercised} of {row.tried}" if row.tried else "0"


def _overhead(card: Card) -> Iterator[str]:
    if not card.overhead:
        return
    yield from (
        "",
        "| scenario, µs of processor time | untraced | traced | added (half of all rounds) | times | spans |",
    )
    yield "|---|---:|---:|---:|---:|---:|"
    for each in card.overhead:
        added = f"{each.added_us:.0f} ({each.added_lower_us:.0f} to {each.added_upper_us:.0f})"
        times = f"{each.untraced_us:.0f} | {each.traced_us:.0f} | {added} | {each.ratio:.2f}"
        yield f"| {each.scenario} | {times} | {each.spans} |"


def _listed(title: str, entries: tuple) -> Iterator[str]:
    if entries:
        yield from ("", f"{title}:", "", *(f"- {_plain(str(entry))}" for entry in entries))


def _plain(text: str) -> str:
    """Text which Markdown shows as it is, in one line."""
    line = " ".join(text.split())
    if len(line) > LONGEST_EVIDENCE:
        line = f"{line[:LONGEST_EVIDENCE]} ..."
    return re.sub(r"([\\`*_{}\[\]<>|~#])", r"\\\1", line)
