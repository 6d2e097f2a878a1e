"""The warning of names that will go."""


class DDTraceDeprecationWarning(DeprecationWarning):
    """A name or argument of ddtrace that a later release no longer has."""
