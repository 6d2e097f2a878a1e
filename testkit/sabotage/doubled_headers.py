"""Writes the headers of the trace twice, in two cases."""

from __future__ import annotations

from ddtrace import Span
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Patching
from testkit.sabotage import REQUEST, declare
from testkit.sabotage.correct import send_target, targets, write_headers

CAUGHT_BY = "INV-10"


def write_twice(span: Span, integration: Integration, headers: dict[str, str]) -> None:
    ours: dict[str, str] = {}
    write_headers(span, integration, ours)
    headers.update(ours)
    headers.update({name.title(): value for name, value in ours.items()})


integration = declare(__name__, REQUEST)
patching = Patching(integration, [*targets(integration), send_target(integration, write_twice)])
