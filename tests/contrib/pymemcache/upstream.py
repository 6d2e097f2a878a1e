"""pymemcache's own suite, on a server of its own."""

from testkit.fixtures import SERVICES
from testkit.upstream import Upstream

upstream = Upstream(
    version="4.0.0",
    sha256="27bf9bd1bbc1e20f83633208620d56de50f14185055e49504f4f5e94e94aff94",
    requirements=("pytest<9", "faker", "gevent", "zstd"),
    arguments=(
        "pymemcache/test",
        # What its setup.cfg has measures coverage, and leaves out the tests that need a server.
        *("--override-ini", "addopts="),
        # A benchmark fails for nothing but an error, and is as long as all others together.
        *("-m", "not benchmark"),
        *("--server={memcached_host}", "--port={memcached_port}"),
    ),
    services=(SERVICES["memcached"],),
)
