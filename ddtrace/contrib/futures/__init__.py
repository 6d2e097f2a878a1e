"""Have what runs in a thread pool belong to the trace that it was submitted in.

Enable it with ``patch(futures=True)`` (or ``patch_all()``) before or after ``import concurrent.futures``::

    from ddtrace import patch, tracer

    patch(futures=True)

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as pool, tracer.trace("work"):
        pool.submit(load, "colours")                  # a span that load() starts is a child of work
        pool.map(load, ["shapes", "sizes"])           # likewise

It makes no span itself. The span that is active where ``submit`` is called is active in the pool's thread while the
function runs; if it has finished by then, its context is. What was active in that thread before is restored after.
Nothing else of the caller's ``contextvars`` is carried along. Executors of other processes are left alone.
"""

from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="",
    modules=("concurrent.futures.thread",),
    versions=(),
)
