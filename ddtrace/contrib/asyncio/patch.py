"""Context variables do the work: nothing of asyncio is wrapped."""

from ddtrace.contrib._patching import Patching
from ddtrace.contrib.asyncio import integration

patching = Patching(integration)
patch, unpatch = patching.patch, patching.unpatch
