"""Start spans, know the current one, and see that finished traces leave the process."""

from __future__ import annotations

import logging
import os
from typing import Any, Callable, TypeVar

from ddtrace.constants import (
    AUTO_KEEP,
    AUTO_REJECT,
    ENV_KEY,
    HOSTNAME_KEY,
    LARGEST_ID,
    PID,
    SAMPLING_PRIORITY_KEY,
    VERSION_KEY,
)
from ddtrace.context import Context
from ddtrace.internal import forks
from ddtrace.internal.agent_url import (
    agent_url_from_environment,
    check_agent_url,
    merged_agent_url,
)
from ddtrace.internal.aggregator import Aggregator
from ddtrace.internal.clock import time_ns
from ddtrace.internal.ids import RandomIds
from ddtrace.internal.log import get_logger, throttled
from ddtrace.internal.native import compiled, know
from ddtrace.internal.processors import filters_in
from ddtrace.internal.trace import Trace
from ddtrace.provider import BaseContextProvider, DefaultContextProvider, quick_activate
from ddtrace.sampler import BasePrioritySampler, BaseSampler, DatadogSampler
from ddtrace.settings.config import config
from ddtrace.settings.option import Option, from_environment
from ddtrace.span import Span, child_span, root_span
from ddtrace.writer import AgentWriter, TraceWriter, check_api_version, default_writer

__all__ = ["DD_LOG_FORMAT", "Tracer", "tracer"]

log = get_logger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

DD_LOG_FORMAT = (
    "%(asctime)s %(levelname)s [%(name)s] [%(filename)s:%(lineno)d] "
    "[dd.service=%(dd.service)s dd.env=%(dd.env)s dd.version=%(dd.version)s "
    "dd.trace_id=%(dd.trace_id)s dd.span_id=%(dd.span_id)s] - %(message)s"
)
"""A format for ``logging`` that shows the trace of each record; for programs with log injection."""

ENABLED = Option("enabled", bool, True, "Whether traces are made and sent.", "DD_TRACE_ENABLED")
PARTIAL_FLUSH_ENABLED = Option(
    "partial_flush_enabled",
    bool,
    True,
    "Send long traces in parts.",
    "DD_TRACE_PARTIAL_FLUSH_ENABLED",
)
PARTIAL_FLUSH_MIN_SPANS = Option(
    "partial_flush_min_spans",
    int,
    500,
    "Finished spans that make a part.",
    "DD_TRACE_PARTIAL_FLUSH_MIN_SPANS",
    minimum=1,
)


# An attribute, behind Config.__getattr__, takes four times as long; and this one is asked for with each span.
_settings = vars(config)

_RUNTIME_ID_KEY = "runtime-id"


class Tracer:
    """Makes spans and hands finished traces to a writer.

    ``url`` names the trace agent; without one the environment does. Raises ValueError for a URL that names no agent.
    The keyword-only collaborators are for tests and for programs that bring their own: ``ids`` has ``next_id()``,
    ``clock`` returns nanoseconds since the epoch.
    """

    # What each span needs; all else is in the dictionary.
    __slots__ = (
        "enabled",
        "_settings_seen",
        "_has_span_settings",
        "_start_hooks",
        "_service",
        "_service_mapping",
        "_new_trace_id",
        "_next_id",
        "_active",
        "_activate",
        "_deactivate",
        "_clock",
        "_collect",
        "__dict__",
        "__weakref__",
    )

    SHUTDOWN_TIMEOUT = 5
    """Seconds that the interpreter's exit waits for the last traces to be sent."""

    def __init__(
        self,
        url: str | None = None,
        dogstatsd_url: str | None = None,
        context_provider: BaseContextProvider | None = None,
        *,
        ids: Any = None,
        clock: Callable[[], int] = time_ns,
        writer: TraceWriter | None = None,
    ) -> None:
        if url is not None:
            check_agent_url(url)
        self.enabled = from_environment(ENABLED, ENABLED.env)
        self.context_provider = context_provider or DefaultContextProvider()
        self._ids = ids or RandomIds()
        self._clock = clock
        self._sampler: BaseSampler = DatadogSampler(is_strict=False)
        self._url = url or agent_url_from_environment()
        self._writer = writer or default_writer(self._url, self._update_rates, self.SHUTDOWN_TIMEOUT)
        self._partial_flush_enabled = from_environment(PARTIAL_FLUSH_ENABLED, PARTIAL_FLUSH_ENABLED.env)
        self._partial_flush_min_spans = from_environment(PARTIAL_FLUSH_MIN_SPANS, PARTIAL_FLUSH_MIN_SPANS.env)
        min_spans = self._partial_flush_min_spans if self._partial_flush_enabled else None
        self._aggregator = Aggregator(self._write, min_spans)
        self._start_hooks: list[Callable[[Span], None]] = []
        self._tags: dict[str, Any] = {}
        self._span_tags: dict[str, str] = {}
        self._span_metrics: dict[str, float] = {}
        self._has_span_settings = False
        # Looked up with the settings, since the source of ids begins with the first span.
        self._next_id: Callable[[], int] = lambda: 0
        self._new_trace_id = self._next_id
        self._service: str | None = None
        self._service_mapping: dict[str, str] = {}
        self._hostname = ""
        self._settings_seen = -1
        self._runtime_id = ""
        self._pid = 0
        self._is_begun = False
        self._is_shut_down = False
        self._wrap_executor: Callable[..., Any] | None = None
        # Bound once: each trace keeps it, and is known by it.
        self._collect = self._aggregator.finish

    # -- spans --------------------------------------------------------------------------------------------------------

    def trace(
        self,
        name: str,
        service: str | None = None,
        resource: str | None = None,
        span_type: str | None = None,
        span_api: str | None = None,
    ) -> Span:
        """Start a span below the current one and make it the current one; use it as a context manager."""
        active = self._active
        return self._start(name, active(), service, resource, span_type, True)

    def start_span(
        self,
        name: str,
        child_of: Span | Context | None = None,
        service: str | None = None,
        resource: str | None = None,
        span_type: str | None = None,
        activate: bool = False,
        span_api: str | None = None,
    ) -> Span:
        """Start a span below a given span or context; it becomes the current one only if asked to."""
        return self._start(name, child_of, service, resource, span_type, activate)

    @compiled
    def _start(
        self,
        name: str,
        parent: Span | Context | None,
        service: str | None,
        resource: str | None,
        span_type: str | None,
        is_activated: bool,
    ) -> Span:
        if self._settings_seen != _settings["generation"]:
            self._read_settings()
        # Called as methods, attributes would take three times as long: the interpreter would look into the class first.
        next_id, activate, collect = self._next_id, self._activate, self._collect
        local_parent = None
        is_own = False
        if parent is not None:
            # A trace with this very callback was begun by this tracer, in this process, while it was enabled.
            is_own = type(parent) is Span and parent._trace.collect is collect
            parent, local_parent = (parent, parent) if is_own else _place_of(parent)
        if service is None:
            service = self._service if local_parent is None else local_parent.service or self._service
        if self._service_mapping:
            service = self._service_mapping.get(service, service)
        if is_own:
            span = child_span(parent, name, service, resource, span_type, next_id())
        elif parent is None:
            span = self._root_span(name, service, resource, span_type, None, None, {}, {})
        else:
            span = self._span_below(parent, local_parent, name, service, resource, span_type)
        if is_activated:
            activate(span)
        trace = span._trace
        if trace.collect is collect:
            trace.open.append(None)
            if self._has_span_settings:
                self._apply_settings(span)
            if local_parent is None:
                self._open_local_root(span, trace)
            elif not local_parent.sampled:
                span.sampled = False
            if self._start_hooks:
                self._call_start_hooks(span)
        return span

    def _span_below(
        self,
        parent: Span | Context,
        local_parent: Span | None,
        name: str,
        service: str | None,
        resource: str | None,
        span_type: str | None,
    ) -> Span:
        """A span below a context, or below a span of another origin."""
        if local_parent is None:
            meta, metrics = parent._meta, parent._metrics
        else:
            trace = local_parent._trace
            if trace.collect is None and trace.deactivate is self._deactivate:
                # Our own, begun while disabled.
                return child_span(local_parent, name, service, resource, span_type, self._next_id())
            # Made by hand or by another tracer.
            meta, metrics = trace.meta, trace.metrics
        span = self._root_span(name, service, resource, span_type, parent.trace_id, parent.span_id, meta, metrics)
        span._parent = local_parent
        return span

    def _root_span(
        self,
        name: str,
        service: str | None,
        resource: str | None,
        span_type: str | None,
        trace_id: int | None,
        parent_id: int | None,
        meta: dict[str, str],
        metrics: dict[str, float],
    ) -> Span:
        return root_span(
            name,
            service,
            resource,
            span_type,
            trace_id or self._new_trace_id(),
            self._next_id(),
            parent_id,
            meta,
            metrics,
            self._clock,
            self._deactivate,
            self._collect if self.enabled else None,
            forks.generation,
        )

    def _new_long_trace_id(self) -> int:
        # The seconds since the epoch, 32 bits of nothing, and 64 of chance, so that ids grow with time.
        return self._clock() // 1_000_000_000 << 96 | self._next_id()

    def _apply_settings(self, span: Span) -> None:
        span._meta.update(self._span_tags)
        span._metrics.update(self._span_metrics)
        if config.version and span.service == config.service:
            span._meta[VERSION_KEY] = config.version

    def _open_local_root(self, span: Span, trace: Trace) -> None:
        if not self._is_begun:
            self._begin()
        span._meta[_RUNTIME_ID_KEY] = self._runtime_id
        span._metrics[PID] = self._pid
        if self._hostname:
            span._meta[HOSTNAME_KEY] = self._hostname
        if SAMPLING_PRIORITY_KEY in trace.metrics:
            return
        is_kept = self._sampler.sample(span)
        # A sampler with priorities leaves the last word to the agent; what any other rejects is never sent.
        if not isinstance(self._sampler, BasePrioritySampler):
            span.sampled = is_kept
            trace.metrics[SAMPLING_PRIORITY_KEY] = AUTO_KEEP if is_kept else AUTO_REJECT

    # -- the current span ---------------------------------------------------------------------------------------------

    @property
    def context_provider(self) -> BaseContextProvider:
        """Who knows the current span."""
        return self._context_provider

    @context_provider.setter
    def context_provider(self, provider: BaseContextProvider) -> None:
        self._context_provider = provider
        # Bound once: each span needs all three.
        self._active = provider.active
        self._activate = quick_activate(provider)
        self._deactivate = provider.deactivate

    def current_span(self) -> Span | None:
        """The span that is current here; None where there is none, or only a remote context."""
        active = self._active()
        return active if isinstance(active, Span) else None

    def current_root_span(self) -> Span | None:
        """The topmost local span above the current one."""
        span = self.current_span()
        return None if span is None else span._local_root

    def current_trace_context(self, *args: Any, **kwargs: Any) -> Context | None:
        """The current context, or that of the current span."""
        active = self._active()
        return active.context if isinstance(active, Span) else active

    def get_log_correlation_context(self) -> dict[str, str]:
        """What log records need to be found from a trace; ids are "0" where nothing is traced."""
        active = self._active() if self.enabled else None
        span = active if isinstance(active, Span) else None
        trace_id = active.trace_id or 0 if active else 0
        if not config._128_bit_trace_id_logging_enabled:
            trace_id &= LARGEST_ID
        return {
            "trace_id": str(trace_id),
            "span_id": str(active.span_id or 0) if active else "0",
            "service": (span.service if span else config.service) or "",
            "version": config.version or "",
            "env": config.env or "",
        }

    # -- decoration ---------------------------------------------------------------------------------------------------

    def wrap(
        self,
        name: str | None = None,
        service: str | None = None,
        resource: str | None = None,
        span_type: str | None = None,
    ) -> Callable[[F], F]:
        """A decorator that runs a function, or awaits a coroutine function, within a span.

        The span's name is ``module.function`` unless one is given.
        """
        from ddtrace.internal.traced import traced

        return lambda function: traced(self, function, name, service, resource, span_type)

    def on_start_span(self, func: Callable[[Span], None]) -> Callable[[Span], None]:
        """Call a function with each span that starts; works as a decorator."""
        self._start_hooks.append(func)
        return func

    def deregister_on_start_span(self, func: Callable[[Span], None]) -> Callable[[Span], None]:
        """Undo ``on_start_span``."""
        self._start_hooks.remove(func)
        return func

    def _call_start_hooks(self, span: Span) -> None:
        for hook in self._start_hooks:
            try:
                hook(span)
            except Exception:
                if config._raise:
                    raise
                log.exception("the start hook %r failed on %r", hook, span)

    # -- settings -----------------------------------------------------------------------------------------------------

    def set_tags(self, tags: dict[str, Any]) -> None:
        """Put these tags on every span that starts from now on."""
        self._tags.update(tags)
        self._settings_seen = -1

    def _read_settings(self) -> None:
        # Before the settings are read, since they may change meanwhile; noted after, since another thread that finds
        # it noted relies on them.
        generation = config.generation
        tags = {**config.tags, **self._tags}
        if config.env:
            tags.setdefault(ENV_KEY, config.env)
        # A span knows best what becomes of a tag: a number a metric, and no key or value an error.
        template = Span("settings")
        for key, value in tags.items():
            template.set_tag(key, value)
        self._span_tags, self._span_metrics = template._meta, template._metrics
        self._has_span_settings = bool(self._span_tags or self._span_metrics or config.version)
        self._service = config.service
        self._service_mapping = config.service_mapping
        self._next_id = self._ids.next_id
        self._new_trace_id = self._new_long_trace_id if config._128_bit_trace_id_enabled else self._next_id
        self._hostname = _hostname() if config.report_hostname else ""
        self._settings_seen = generation

    def configure(
        self,
        enabled: bool | None = None,
        hostname: str | None = None,
        port: int | None = None,
        uds_path: str | None = None,
        https: bool | None = None,
        sampler: BaseSampler | None = None,
        context_provider: BaseContextProvider | None = None,
        wrap_executor: Callable[..., Any] | None = None,
        priority_sampling: bool | None = None,
        settings: dict[str, Any] | None = None,
        dogstatsd_url: str | None = None,
        writer: TraceWriter | None = None,
        partial_flush_enabled: bool | None = None,
        partial_flush_min_spans: int | None = None,
        api_version: str | None = None,
        compute_stats_enabled: bool | None = None,
        appsec_enabled: bool | None = None,
        iast_enabled: bool | None = None,
    ) -> None:
        """Change what is given and leave the rest.

        ``settings["FILTERS"]`` is a list of ``TraceFilter``. Parts of the agent's address are merged with the address
        in use. Raises ValueError where that gives no agent's URL, or for an API version that is none, and TypeError
        for a filter that is none; nothing is changed then. What 1.x had besides tracing is accepted and has no effect,
        which one logged line says.
        """
        url = self._url
        if any(part is not None for part in (hostname, port, uds_path, https)):
            url = merged_agent_url(url, hostname, port, uds_path, https)
        if api_version is not None:
            check_api_version(api_version)
        filters = filters_in(settings)
        without_effect = {
            "priority_sampling=False": priority_sampling is False,
            "dogstatsd_url": dogstatsd_url,
            "compute_stats_enabled": compute_stats_enabled,
            "appsec_enabled": appsec_enabled,
            "iast_enabled": iast_enabled,
        }
        for name in (name for name, is_given in without_effect.items() if is_given):
            log.warning("tracer.configure: %s has no effect; this tracer has no such part", name)

        if enabled is not None:
            self.enabled = enabled
        if context_provider is not None:
            self.context_provider = context_provider
        if wrap_executor is not None:
            self._wrap_executor = wrap_executor
        if sampler is not None:
            self._sampler = sampler
        if filters is not None:
            self._aggregator.filters = filters
        if partial_flush_enabled is not None:
            self._partial_flush_enabled = partial_flush_enabled
        if partial_flush_min_spans is not None:
            self._partial_flush_min_spans = partial_flush_min_spans
        self._aggregator.partial_flush_min_spans = (
            self._partial_flush_min_spans if self._partial_flush_enabled else None
        )
        if writer is not None:
            self._replace_writer(writer)
        elif url != self._url or api_version is not None:
            self._url = url
            writer = AgentWriter(url, self._update_rates, self.SHUTDOWN_TIMEOUT, api_version=api_version)
            self._replace_writer(writer)

    def _replace_writer(self, writer: TraceWriter) -> None:
        self._writer.stop(self.SHUTDOWN_TIMEOUT)
        self._writer = writer

    def _update_rates(self, rates: dict[str, float]) -> None:
        if isinstance(self._sampler, BasePrioritySampler):
            self._sampler.update_rate_by_service_sample_rates(rates)

    @property
    def agent_trace_url(self) -> str | None:
        """The agent that traces are sent to; None with a writer that has no agent."""
        return self._writer.agent_url if isinstance(self._writer, AgentWriter) else None

    @property
    def debug_logging(self) -> bool:
        """Whether the tracer's own logger is at DEBUG."""
        return log.isEnabledFor(logging.DEBUG)

    # -- life ---------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._is_shut_down:
            throttled(log, logging.WARNING, "a span was started after the tracer was shut down; it is not sent")
            return
        forks.register(self._after_fork_in_child)
        self._know_process()
        self._is_begun = True

    def _know_process(self) -> None:
        self._pid = os.getpid()
        self._runtime_id = os.urandom(16).hex()

    def _after_fork_in_child(self) -> None:
        self._know_process()
        self._aggregator.renew_lock()
        self._writer = self._writer.recreate()
        # Another object than before, so that the traces of the parent are no longer ours.
        self._collect = self._aggregator.finish

    def _write(self, spans: list[Span]) -> None:
        if self.enabled and not self._is_shut_down:
            self._writer.write(spans)

    def flush(self) -> None:
        """Send the finished traces, and return when that is done."""
        self._writer.flush_queue()

    def shutdown(self, timeout: float | None = None) -> None:
        """Send the finished traces and stop; later spans are not sent. Waits for at most ``timeout`` seconds."""
        self._is_shut_down = True
        # So that the next local root asks, and says that it comes too late.
        self._is_begun = False
        self._writer.stop(self.SHUTDOWN_TIMEOUT if timeout is None else timeout)


def _place_of(parent: Span | Context) -> tuple[Span | Context, Span | None]:
    """What a span is begun below: that very span or context, or what it stands for; and the span, if it is local."""
    if not isinstance(parent, Span):
        return parent, None
    if parent._trace.generation == forks.generation:
        return parent, parent
    # A span of the process that this one was forked from; its trace is reported there.
    return parent.context, None


def _hostname() -> str:
    # Here and not on top: importing ddtrace opens no socket, and needs none.
    import socket

    return socket.gethostname()


know(tracer_type=Tracer, config_values=_settings, fork_values=vars(forks))

tracer = Tracer()
