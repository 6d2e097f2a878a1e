"""Where colours is wrapped."""

from colours_tracing import integration

from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import trace_call


def lighten(wrapped, instance, args, kwargs):
    with trace_call(integration, instance, "colours.lighten"):
        try:
            return wrapped(*args, **kwargs)
        except ValueError:
            return None


patching = Patching(integration, targets=(Target("colours", "Palette.lighten", lighten),))
