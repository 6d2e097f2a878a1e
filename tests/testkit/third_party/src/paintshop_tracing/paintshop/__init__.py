"""Trace the mixing of paint. Enable it with ``ddtrace.patch(paintshop=True)`` or ``ddtrace.patch_all()``."""

from ddtrace.contrib._integration import Integration, SpanContract

integration = Integration(
    package=__name__,
    distribution="paintshop",
    modules=("paintshop",),
    versions=("~=2.1.0", "latest"),
    spans=(SpanContract(name="paintshop.mix", kind="client", tags=("paintshop.colours",)),),
)
