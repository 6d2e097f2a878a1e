"""Print what the tracer is set to: ``ddtrace-run --info`` runs this as it would run a program."""

from __future__ import annotations

import sys
from typing import Any, Iterator

from ddtrace.internal.debug import ABSENT, collect
from ddtrace.tracer import tracer

BOLD, GREEN, RED, YELLOW = "1", "32", "31", "33"

SECTIONS = {
    "Tracer": ("version", "tracer_enabled", "service", "env", "dd_version", "global_tags", "tracer_tags", "debug"),
    "Sampling": ("sampler_type", "sampler_rules"),
    "Sending": ("partial_flush_enabled", "partial_flush_min_spans"),
    "Correlation": ("log_injection_enabled", "analytics_enabled", "health_metrics_enabled", "runtime_metrics_enabled"),
    "Python": (
        "lang_version",
        "vm",
        "is_compiled",
        "architecture",
        "os_name",
        "os_version",
        "in_virtual_env",
        "pip_version",
    ),
}


def readable(facts: dict[str, Any], is_colored: bool) -> str:
    """What ``collect`` knows, for a reader."""

    def paint(color: str, text: str) -> str:
        return f"\033[{color}m{text}\033[0m" if is_colored else text

    lines = [paint(BOLD, "Agent"), *(f"  {paint(color, text)}" for color, text in _agent(facts))]
    for title, keys in SECTIONS.items():
        lines += ["", paint(BOLD, title), *(f"  {key:<24} {_shown(facts[key])}" for key in keys)]
    lines += ["", paint(BOLD, "Integrations")]
    for name, state in facts["integrations"].items():
        color, text = _integration(state)
        lines.append(f"  {name:<24} {paint(color, text)}")
    return "\n".join(lines)


def _agent(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if facts["agent_url"] is None:
        yield YELLOW, "traces are not sent to an agent"
    elif facts["agent_error"]:
        yield RED, facts["agent_error"]
        yield YELLOW, "start an agent there, or set DD_TRACE_AGENT_URL to where it is"
    else:
        yield GREEN, f"it answers at {facts['agent_url']}"


def _integration(state: dict[str, Any]) -> tuple[str, str]:
    library = "" if state["module_version"] == ABSENT else f", {state['module_version']} is installed"
    if not state["enabled"]:
        return YELLOW, f"off{library}"
    if not state["module_available"]:
        return YELLOW, "on, the library is not installed"
    if state["module_imported"] and not state["instrumented"]:
        return RED, f"not traced{library}"
    return GREEN, f"on{library}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = "; ".join(value)
    return "-" if value in ("", None) else str(value)


if __name__ == "__main__":
    print(readable(collect(tracer), is_colored="--colorless" not in sys.argv and sys.stdout.isatty()))
