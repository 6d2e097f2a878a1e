"""Python's own tests of logging."""

from testkit.upstream import Upstream

upstream = Upstream(
    # pytest's own handlers get in their way.
    arguments=("-p", "no:logging", "--pyargs", "test.test_logging"),
    environment={"DD_LOGS_INJECTION": "true"},
)
