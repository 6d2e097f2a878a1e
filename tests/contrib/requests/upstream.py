"""requests' own suite, on servers that it starts."""

from testkit.upstream import Upstream

upstream = Upstream(
    version="2.34.2",
    sha256="f288924cae4e29463698d6d60bc6a4da69c89185ad1e0bcc4104f584e960b9ed",
    requirements=(
        "requests[socks]",
        "pytest<9",
        "pytest-httpbin==2.1.0",
        "pytest-mock",
        "httpbin~=0.10.0",
        "trustme",
    ),
    arguments=(
        "tests",
        # They connect to an address elsewhere, which is to stay silent.
        "--deselect=tests/test_requests.py::TestTimeout::test_connect_timeout",
        "--deselect=tests/test_requests.py::TestTimeout::test_total_timeout_connect",
    ),
)
