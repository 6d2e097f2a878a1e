"""Trace the whole program from here on: ``import ddtrace.auto``, before anything that is to be traced is used.

It does what ``ddtrace-run`` does, in this process only: no child inherits it.
"""

import ddtrace.bootstrap.sitecustomize  # noqa: F401
