"""Collect, from the reports of a run, what goes onto the report cards.

Each item of the conformance suite bears, as a user property, what it tries; what came of it is in its report. So it
reaches the controller of xdist, too, which writes the cards.
"""

from __future__ import annotations

import platform
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ddtrace import __version__
from ddtrace.contrib._integration import Integration
from testkit.card.record import Card, Overhead, Row, Verdict, as_json
from testkit.fixtures.plugin import SERVED
from testkit.switched_off import SWITCHED_OFF

if TYPE_CHECKING:
    from testkit.check import Check

_TRIED, _MEASURED = "testkit.tried", "testkit.measured"

_NOT_RUN = "not selected, or its worker crashed"

Property = tuple[str, dict[str, Any]]


def tried(integration: Integration, check: Check, scenario: str = "") -> Property:
    """What an item tries, to be put on it: a check on one scenario, or on all of the integration's together."""
    library = integration.distribution or "Python's standard library"
    return _TRIED, {
        "integration": integration.name,
        "library": {library: integration.get_version()},
        "services": integration.services,
        "check": check.id,
        "scenario": scenario,
    }


def measured(integration: Integration, overhead: Iterable[Overhead]) -> Property:
    """What tracing was found to cost, to be put on the item that has measured it."""
    return _MEASURED, {"integration": integration.name, "overhead": [asdict(each) for each in overhead]}


@dataclass
class _Trying:
    """One item: what it tried, and what came of it so far."""

    check: str
    scenario: str
    verdict: Verdict = Verdict.PASSED
    reason: str = ""
    duration_s: float = 0.0


@dataclass
class _Found:
    """What is known of one integration."""

    library: dict[str, str] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    items: dict[str, _Trying] = field(default_factory=dict)
    overhead: tuple[Overhead, ...] = ()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--card``."""
    parser.getgroup("testkit").addoption(
        "--card",
        type=Path,
        metavar="PATH",
        help="measure what tracing costs, and write the report card of each integration to PATH, as JSON",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(config), "testkit-card")


class Collector:
    """Hears what becomes of each item."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._found: dict[str, _Found] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, content in report.user_properties:
            if name == _TRIED:
                self._note(report, content)
            elif name == _MEASURED:
                overhead = tuple(Overhead(**each) for each in content["overhead"])
                self._found.setdefault(content["integration"], _Found()).overhead = overhead

    def _note(self, report: pytest.TestReport, content: dict[str, Any]) -> None:
        found = self._found.setdefault(content["integration"], _Found())
        found.library, found.services = content["library"], tuple(content["services"])
        item = found.items.setdefault(report.nodeid, _Trying(content["check"], content["scenario"]))
        item.duration_s += report.duration
        if report.failed:
            item.verdict, item.reason = Verdict.FAILED, report.longreprtext
        elif report.skipped and item.verdict is not Verdict.FAILED:
            item.verdict, item.reason = Verdict.NOT_EXERCISED, _skip_reason(report)

    def cards(self) -> list[Card]:
        """The cards of what has run."""
        return [self._card(name, found) for name, found in sorted(self._found.items())]

    def _card(self, name: str, found: _Found) -> Card:
        # Late: a run without scenarios needs none of the checks.
        from testkit.checks import CHECKS

        off = {check: reason for integration, check, reason in self._config.stash[SWITCHED_OFF] if integration == name}
        return Card(
            integration=name,
            versions={**found.library, "Python": platform.python_version(), "ddtrace": __version__},
            services=tuple(said for said in sorted(self._config.stash[SERVED]) if said.split()[0] in found.services),
            rows=tuple(
                _row(check, found.items.values(), off.get(check.id)) for check in sorted(CHECKS.values(), key=_place)
            ),
            overhead=found.overhead,
        )

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        cards = self.cards()
        for card in cards:
            terminalreporter.write_line(f"testkit: {card.integration}: {card.summary}")
        if path := self._config.getoption("card"):
            path.write_text(as_json(cards), encoding="utf-8")


def _place(check: Check) -> tuple[bool, str]:
    """First whether the integration works, then whether it is invisible."""
    return not check.id.startswith("WORK"), check.id


def _row(check: Check, items: Iterable[_Trying], off: str | None) -> Row:
    own = [item for item in items if item.check == check.id]
    if off is not None:
        return Row(check.id, check.title, Verdict.SWITCHED_OFF, evidence=(off,))
    verdicts = {item.verdict for item in own}
    verdict = next((each for each in (Verdict.FAILED, Verdict.PASSED) if each in verdicts), Verdict.NOT_EXERCISED)
    return Row(
        id=check.id,
        title=check.title,
        verdict=verdict,
        exercised=sum(item.verdict is not Verdict.NOT_EXERCISED for item in own),
        tried=len(own),
        is_together=any(not item.scenario for item in own),
        evidence=tuple(_evidence(own)) or (() if own else (_NOT_RUN,)),
        duration_s=round(sum(item.duration_s for item in own), 3),
    )


def _evidence(items: list[_Trying]) -> Iterator[str]:
    """The failures, each with its scenario; then why there was nothing to look at, and how often."""
    for item in items:
        if item.verdict is Verdict.FAILED:
            yield f"{item.scenario}: {item.reason}" if item.scenario else item.reason
    for reason, count in Counter(item.reason for item in items if item.verdict is Verdict.NOT_EXERCISED).items():
        yield f"{reason} ({count} of {len(items)})" if len(items) > 1 else reason


def _skip_reason(report: pytest.TestReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return re.sub(r"^(Skipped: )?(not exercised: )?", "", reason)
