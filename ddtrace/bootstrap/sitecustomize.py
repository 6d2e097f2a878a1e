"""Begin tracing a program before its own first line.

``ddtrace-run`` puts this folder in front of PYTHONPATH; Python imports the module ``sitecustomize`` that it finds there
when it starts, as it does in each child process that is a Python. ``import ddtrace.auto`` imports the same module under
its full name. Either way it is executed once, and ``loaded`` says whether all went well. Where it did not, one warning
says why and the program runs untraced.

The program's own ``sitecustomize``, the next one on ``sys.path``, is imported afterwards and behaves as without this
one, also where it raises. What the program can see: this folder on PYTHONPATH and ``sys.path``; the modules that were
imported; and this module as ``sitecustomize``, unless it has its own. Python imports no ``sitecustomize`` with ``-S``,
and does not read PYTHONPATH with ``-E`` or ``-I``: such programs ``import ddtrace.auto`` to be traced.
"""

# A child may be a Python of another age or environment, where ddtrace cannot be imported: whatever version it is, it
# has to be able to read this file.
import logging
import os
import sys

loaded = False

_THIS = sys.modules[__name__]


def _begin():
    global loaded
    try:
        from ddtrace import bootstrap

        sys.modules["ddtrace.bootstrap.sitecustomize"] = bootstrap.sitecustomize = _THIS

        from ddtrace.internal.startup import start

        start()
        loaded = True
    except Exception:
        logging.getLogger("ddtrace").warning("error configuring Datadog tracing in %s", sys.executable, exc_info=True)


def _import_the_programs_own():
    folder = os.path.dirname(__file__)
    if folder not in sys.path:
        return
    # Those before this one had their turn already, and may have been what imported it.
    hidden = sys.path[: sys.path.index(folder) + 1]
    del sys.path[: len(hidden)]
    del sys.modules["sitecustomize"]
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = _THIS
    finally:
        sys.path[:0] = hidden


_begin()
if __name__ == "sitecustomize":
    _import_the_programs_own()
