'''Put the ids of the current trace on each record of the standard library's ``logging``.

It is on with ``DD_LOGS_INJECTION=true`` (``config.logs_injection``), or by name::

    from ddtrace import patch

    patch(logging=True)

Each record then has the attributes ``dd.trace_id`` and ``dd.span_id`` (decimal digits, ``"0"`` outside of any trace),
``dd.service``, ``dd.env`` and ``dd.version`` (those of ``config``, empty where not set). Formats of the styles ``%``
and ``{`` can show them, as ``ddtrace.tracer.DD_LOG_FORMAT`` does::

    logging.Formatter("{message} trace={dd.trace_id}", style="{")
    logging.Formatter("%(message)s trace=%(dd.trace_id)s")

A record that brings such an attribute itself keeps it. ``config.logging["tracer"]`` may name another tracer than the
process's own. Of a trace id of 128 bits the lower 64 are shown, unless ``DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED`` is
on. Records of a subclass of ``Logger`` that makes them itself, and those of ``logging.makeLogRecord``, have none.

Other loggers take the same facts from the tracer. With structlog that is one processor::

    import structlog

    from ddtrace import tracer


    def add_trace(logger, method_name, event):
        """A processor of structlog that says which trace an event belongs to."""
        event["dd"] = tracer.get_log_correlation_context()
        return event


    structlog.configure(processors=[add_trace, structlog.processors.JSONRenderer()])
'''

from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="",
    modules=("logging",),
    versions=(),
    enabled_by="logs_injection",
    switched_off=(
        ("INV-22", "a record lists the attributes dd.*: that they are there is what the integration is for"),
    ),
)
