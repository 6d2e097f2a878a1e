"""Tasks of asyncio belong to the trace that they were created in.

There is nothing to patch: a task copies the context variables of its creator, and the current span is one of them.
``patch(asyncio=True)`` is there for programs that ask for it, and these for what asyncio does not do by itself::

    from ddtrace.contrib.asyncio import context_provider, ensure_future, run_in_executor, set_call_context

    await run_in_executor(loop, None, load, "colours")     # load() runs in a thread, below the current span
    set_call_context(task, span.context)                   # what that task does from now on is below that span

``ensure_future(coroutine, loop=loop)`` is asyncio's own. ``context_provider`` is the provider that a tracer has anyway.
"""

from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="",
    modules=("asyncio",),
    versions=(),
    exports=("tasks.context_provider", "tasks.ensure_future", "tasks.run_in_executor", "tasks.set_call_context"),
)
