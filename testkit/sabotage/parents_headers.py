"""Writes the ids of the caller's span into the headers, where there is one, and not those of the request's."""

from __future__ import annotations

from ddtrace import Span
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Patching
from testkit.sabotage import REQUEST, declare
from testkit.sabotage.correct import send_target, targets, write_headers

CAUGHT_BY = "WORK-04"


def write_parents(span: Span, integration: Integration, headers: dict[str, str]) -> None:
    write_headers(span._parent or span, integration, headers)


integration = declare(__name__, REQUEST)
patching = Patching(integration, [*targets(integration), send_target(integration, write_parents)])
