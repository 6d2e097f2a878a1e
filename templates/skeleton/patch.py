"""Where foo is wrapped: nowhere yet."""

from ddtrace.contrib._patching import Patching
from ddtrace.contrib.foo import integration

# Name each function to wrap, targets=[Target(module, path, wrapper)], and write its wrapper:
# templates/integration/patch.py has one for a function and one for a coroutine function.
patching = Patching(integration)
patch, unpatch = patching.patch, patching.unpatch
