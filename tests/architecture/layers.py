"""The layers of the tree, lowest first, and the imports that may break a rule, each with its reason."""

from __future__ import annotations

from pathlib import Path

import ddtrace.contrib

INTEGRATIONS = tuple(
    f"ddtrace.contrib.{path.parent.name}" for path in sorted(Path(ddtrace.contrib.__file__).parent.glob("*/patch.py"))
)
"""One folder an integration; they never import one another."""

LAYERS: tuple[tuple[str, ...], ...] = (
    ("ddtrace.constants", "ddtrace.internal.deprecation", "ddtrace.ext", "ddtrace.version"),
    (
        "ddtrace.internal.clock",
        "ddtrace.internal.exits",
        "ddtrace.internal.forks",
        "ddtrace.internal.import_hooks",
        "ddtrace.internal.log",
        "ddtrace.internal.periodic",
        "ddtrace.internal.rate_limiter",
        "ddtrace.settings.option",
        "ddtrace.internal.native",
        "ddtrace.internal.ids",
        "ddtrace.internal.signals",
        "ddtrace.internal.agent_url",
        "ddtrace.internal.dogstatsd",
    ),
    ("ddtrace.settings",),
    ("ddtrace.internal.trace", "ddtrace.context", "ddtrace.span"),
    ("ddtrace.provider", "ddtrace.sampling_rule", "ddtrace.sampler", "ddtrace.filters", "ddtrace.propagation"),
    (
        "ddtrace.internal.span_sampling",
        "ddtrace.internal.processors",
        "ddtrace.internal.aggregator",
        "ddtrace.internal.wire",
        "ddtrace.internal.encoding",
        "ddtrace.internal.transport",
        "ddtrace.writer",
    ),
    ("ddtrace.internal.traced", "ddtrace.tracer"),
    ("ddtrace.pin", "ddtrace.internal.runtime_measures", "ddtrace.runtime"),
    (
        "ddtrace.contrib._integration",
        "ddtrace.contrib._http_contract",
        "ddtrace.contrib._registry",
        "ddtrace.contrib._foreign",
        "ddtrace.contrib._tracing",
        "ddtrace.contrib._wrapper",
        "ddtrace.contrib._patching",
        "ddtrace.contrib._streams",
    ),
    (
        "ddtrace.contrib._client_ip",
        "ddtrace.contrib._database_spans",
        "ddtrace.contrib._database",
        "ddtrace.contrib._underway",
        "ddtrace.contrib._mysql",
        "ddtrace.contrib._handover",
        "ddtrace.contrib._http",
        "ddtrace.contrib._http_url",
        "ddtrace.contrib._wrapping",
        "ddtrace.contrib.trace_utils",
        "ddtrace.contrib._memcached",
        "ddtrace.contrib.trace_utils_async",
        "ddtrace.contrib._http_client",
        "ddtrace.contrib._http_server",
        "ddtrace.contrib.wsgi",
        "ddtrace.contrib.asgi",
        "ddtrace.contrib.dbapi.spans",
        "ddtrace.contrib.dbapi.proxies",
        "ddtrace.contrib.dbapi",
        "ddtrace.contrib.dbapi_async.proxies",
        "ddtrace.contrib.dbapi_async",
    ),
    INTEGRATIONS,
    ("ddtrace._monkey",),
    (
        "ddtrace.bootstrap",
        "ddtrace.internal.debug",
        "ddtrace.internal.startup",
        "ddtrace.bootstrap.sitecustomize",
        "ddtrace.auto",
        "ddtrace.commands",
    ),
    ("ddtrace",),
)
"""A module belongs to the layer with the longest matching name; within a layer it may import what stands before it."""

FUNCTION_LEVEL_IMPORTS: dict[tuple[str, str], str] = {
    (
        "ddtrace.writer",
        "ddtrace.internal.encoding",
    ): "msgspec loads with the first trace, not with ddtrace",
    (
        "ddtrace.writer",
        "ddtrace.internal.transport",
    ): "http.client loads with the first trace, not with ddtrace",
    ("ddtrace.internal.native", "ddtrace.internal"): "where there is no compiler, there is no extension",
    ("ddtrace.internal.startup", "ddtrace.runtime"): "only who measures the interpreter needs it",
    ("ddtrace.tracer", "ddtrace.internal.traced"): "only who decorates functions needs it",
    ("ddtrace.tracer", "socket"): "only who reports the host's name needs it",
    ("ddtrace.writer", "json"): "only the writer to a log needs it",
    ("ddtrace.sampling_rule", "json"): "only rules from the environment need it",
    (
        "ddtrace.internal.processors",
        "ddtrace.internal.span_sampling",
    ): "only a program that sets rules for single spans needs it",
    ("ddtrace.writer", "ddtrace.internal.exits"): "nobody waits for an exit before the first trace",
    ("ddtrace.writer", "ddtrace.internal.signals"): "signal loads with the first trace, not with ddtrace",
    (
        "ddtrace.contrib._registry",
        "importlib.metadata",
    ): "metadata is read when integrations are asked for",
    ("ddtrace.contrib._integration", "importlib.metadata"): "metadata is read once the library is imported",
    ("ddtrace.contrib._patching", "wrapt"): "wrapt imports asyncio and ssl, and comes with the library only",
    ("ddtrace.contrib._patching", "ddtrace.contrib._wrapper"): "it imports wrapt",
    (
        "ddtrace.contrib.psycopg.patch",
        "ddtrace.contrib.psycopg.subclasses",
    ): "who uses psycopg 3 alone need not have psycopg2, which the subclasses extend",
    (
        "ddtrace.settings.config",
        "ddtrace.settings.obfuscation",
    ): "only the first URL with a query needs the pattern",
    ("ddtrace.contrib._wrapping", "wrapt"): "wrapt imports asyncio and ssl, and comes with the first wrapping only",
    ("ddtrace._monkey", "ddtrace.contrib._foreign"): "few applications bring integrations of their own",
    ("ddtrace.bootstrap.sitecustomize", "ddtrace.bootstrap"): "a Python without ddtrace has to get past this",
    ("ddtrace.bootstrap.sitecustomize", "ddtrace.internal.startup"): "a Python without ddtrace has to get past this",
    ("ddtrace.bootstrap.sitecustomize", "sitecustomize"): "the program's own is found where ours is hidden",
    ("ddtrace.internal.startup", "ddtrace.internal.debug"): "only startup logs need it",
    ("ddtrace.internal.startup", "logging.handlers"): "only a log file needs it, and it imports socket",
    ("ddtrace.contrib._registry", "difflib"): "only an error needs it",
}
