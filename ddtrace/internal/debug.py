"""What the tracer is set to and where it runs, for a log line, for ``ddtrace-run --info`` and for bug reports."""

from __future__ import annotations

import contextlib
import datetime
import importlib.util
import json
import logging
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Iterator

from ddtrace import bootstrap
from ddtrace._monkey import modules_from_environment, wanted_integrations
from ddtrace.contrib import _registry
from ddtrace.internal import native
from ddtrace.internal.encoding import PayloadV04
from ddtrace.internal.log import get_logger
from ddtrace.internal.transport import Transport
from ddtrace.runtime import RuntimeMetrics
from ddtrace.sampler import BasePrioritySampler
from ddtrace.settings.config import config
from ddtrace.tracer import Tracer
from ddtrace.tracer import tracer as global_tracer
from ddtrace.version import __version__

if TYPE_CHECKING:
    from ddtrace.contrib._integration import Integration

log = get_logger(__name__)

CONFIGURATION_PREFIX = "- DATADOG TRACER CONFIGURATION - "
DIAGNOSTIC_PREFIX = "- DATADOG TRACER DIAGNOSTIC - "

PROBE_TIMEOUT_S = 1.0
"""How long the agent has for its answer to one probe of several."""

ABSENT = "N/A"


def collect(tracer: Tracer) -> dict[str, Any]:
    """All that is known of a tracer and its surroundings; asks the agent, which may take some seconds."""
    return {**_surroundings(), **_settings(tracer), "integrations": _integrations()}


def _surroundings() -> dict[str, Any]:
    return {
        "date": datetime.datetime.now().astimezone().isoformat(),
        "os_name": platform.system(),
        "os_version": platform.release(),
        "is_64_bit": sys.maxsize > 2**32,
        "architecture": platform.architecture()[0],
        "vm": platform.python_implementation(),
        "version": __version__,
        "lang": "python",
        "lang_version": platform.python_version(),
        "is_compiled": native.IS_IN_USE,
        "pip_version": _installed_version("pip"),
        "in_virtual_env": sys.prefix != sys.base_prefix,
    }


def _settings(tracer: Tracer) -> dict[str, Any]:
    sampler = tracer._sampler
    has_priorities = isinstance(sampler, BasePrioritySampler)
    partial_flush_min_spans = tracer._aggregator.partial_flush_min_spans
    return {
        "agent_url": tracer.agent_trace_url,
        "agent_error": agent_error(tracer.agent_trace_url),
        "env": config.env or "",
        "is_global_tracer": tracer is global_tracer,
        "enabled_env_setting": os.environ.get("DD_TRACE_ENABLED"),
        "tracer_enabled": tracer.enabled,
        "sampler_type": type(sampler).__name__,
        "priority_sampler_type": type(sampler).__name__ if has_priorities else ABSENT,
        "sampler_rules": [str(rule) for rule in getattr(sampler, "rules", ())],
        "service": config.service or "",
        "debug": tracer.debug_logging,
        "enabled_cli": os.path.dirname(bootstrap.__file__) in os.environ.get("PYTHONPATH", "").split(os.pathsep),
        "analytics_enabled": config.analytics_enabled,
        "log_injection_enabled": config.logs_injection,
        "health_metrics_enabled": config.health_metrics_enabled,
        "runtime_metrics_enabled": RuntimeMetrics.is_enabled(),
        "dd_version": config.version or "",
        "priority_sampling_enabled": has_priorities,
        "global_tags": os.environ.get("DD_TAGS", ""),
        "tracer_tags": ",".join(f"{key}:{value}" for key, value in tracer._tags.items()),
        "partial_flush_enabled": partial_flush_min_spans is not None,
        "partial_flush_min_spans": partial_flush_min_spans,
    }


def agent_error(url: str | None) -> str | None:
    """Why no traces can be sent to an agent, in words; None where they can, or where there is no agent to ask.

    What is sent holds no trace.
    """
    if url is None:
        return None
    transport = Transport(url, PROBE_TIMEOUT_S, retry_within_s=0)
    try:
        answer = transport.send(PayloadV04())
    except Exception as error:
        return f"Agent not reachable at {url}. Exception raised: {type(error).__name__}: {error}"
    finally:
        transport.close()
    return None if answer.is_taken else f"Agent at {url} takes no traces: it answered {answer.status}"


def _integrations() -> dict[str, dict[str, Any]]:
    wanted = wanted_integrations(**modules_from_environment())
    return {each.name: _integration(each, wanted[each.name]) for each in _registry.declarations()}


def _integration(integration: Integration, is_enabled: bool) -> dict[str, Any]:
    return {
        "enabled": is_enabled,
        "instrumented": integration.is_tracing,
        "module_available": any(map(_is_available, integration.modules)),
        "module_version": integration.get_version() or ABSENT,
        "module_imported": any(module in sys.modules for module in integration.modules),
        "config": dict(config.integration(integration.settings_name)),
    }


def _is_available(module: str) -> bool:
    # Of a dotted name the first part only: to look for the rest is to import the packages above it.
    top = module.partition(".")[0]
    return top in sys.modules or importlib.util.find_spec(top) is not None


def _installed_version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ABSENT


def log_startup(tracer: Tracer) -> None:
    """Log one line with all that ``collect`` knows and, where the agent does not answer, one that says so.

    This imports what the first trace would, ssl among it.
    """
    facts = collect(tracer)
    with _audible(log):
        log.info("%s%s", CONFIGURATION_PREFIX, json.dumps(facts, default=repr))
        if facts["agent_error"]:
            log.warning("%s%s", DIAGNOSTIC_PREFIX, facts["agent_error"])


@contextlib.contextmanager
def _audible(logger: logging.Logger) -> Iterator[None]:
    """Have what was asked for appear: on standard error where the program has not set up its logging yet."""
    level, handler = logger.level, None
    if not logger.isEnabledFor(logging.INFO):
        logger.setLevel(logging.INFO)
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        logger.addHandler(handler)
    try:
        yield
    finally:
        logger.setLevel(level)
        if handler is not None:
            logger.removeHandler(handler)
