"""Trace Python programs.

``tracer`` is the process's tracer; ``patch`` and ``patch_all`` begin tracing libraries; ``config`` and ``Pin`` hold the
settings of all, and of one object. Importing this does nothing to the process.
"""

from ddtrace._monkey import patch, patch_all
from ddtrace.internal.deprecation import DDTraceDeprecationWarning
from ddtrace.pin import Pin
from ddtrace.settings.config import config
from ddtrace.span import Span

# Last, and not by chance: the submodule of the same name has bound itself to this package, and the instance has to win.
from ddtrace.tracer import Tracer, tracer
from ddtrace.version import __version__

__all__ = [
    "DDTraceDeprecationWarning",
    "Pin",
    "Span",
    "Tracer",
    "__version__",
    "config",
    "patch",
    "patch_all",
    "tracer",
]
