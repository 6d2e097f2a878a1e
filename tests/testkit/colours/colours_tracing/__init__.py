"""An integration that is wrong: it swallows the library's errors."""

from ddtrace.contrib._integration import Integration, SpanContract

integration = Integration(
    package=__name__,
    distribution="colours",
    modules=("colours",),
    versions=("latest",),
    spans=(SpanContract(name="colours.lighten"),),
)
