"""A plugin of pytest that writes down what becomes of each test, at once: the run may crash with the next one.

It runs in the library's own suite, where nothing but pytest is installed for sure, as ``-p testkit_outcomes``. Each
line of the file that TESTKIT_OUTCOMES names is JSON: ``{"began": id}``, then for each of the test's phases ``{"test":
id, "outcome": "passed", "message": ""}``, and in the end ``{"ended": true, "tracing": [names]}``.
"""

import json
import os
import sys

LONGEST_MESSAGE = 8_000
"""Characters; of a longer one the end is kept."""


def pytest_configure(config):
    """Begin to write."""
    config.pluginmanager.register(Outcomes(os.environ["TESTKIT_OUTCOMES"]))


class Outcomes:
    """Writes the lines."""

    def __init__(self, path):
        self._pid = os.getpid()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def pytest_collectreport(self, report):
        """A file that cannot be imported fails like a test; its tests do not run."""
        if report.failed:
            self._write(test=report.nodeid or "(the whole suite)", outcome="failed", message=_message(report))

    def pytest_runtest_logstart(self, nodeid, location):
        """Remember where it was."""
        self._write(began=nodeid)

    def pytest_runtest_logreport(self, report):
        """Setup, call and teardown each report."""
        self._write(test=report.nodeid, outcome=report.outcome, message=_message(report) if report.failed else "")

    def pytest_sessionfinish(self, session, exitstatus):
        """Tell an end from a crash, and which integrations are at work."""
        self._write(ended=True, tracing=_tracing())

    def _write(self, **line):
        # A child that a test has forked may come back to pytest; it is no part of the run.
        if os.getpid() == self._pid:
            os.write(self._file, json.dumps(line).encode() + b"\n")


def _tracing():
    if "ddtrace" not in sys.modules:
        return []
    from ddtrace.contrib._registry import declarations

    return [integration.name for integration in declarations() if integration.is_tracing]


def _message(report):
    return report.longreprtext[-LONGEST_MESSAGE:]
