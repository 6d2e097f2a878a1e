"""redis-py's own suite, on a server of its own that takes DEBUG commands."""

from dataclasses import replace
from functools import partial

from testkit.fixtures.redis import redis, redis_argv
from testkit.upstream import Upstream

SERVER = replace(
    redis,
    name="redis_debug",
    local=replace(redis.local, argv=partial(redis_argv, options=("--enable-debug-command", "yes"))),
    image=replace(redis.image, command=(*redis.image.command, "--enable-debug-command", "yes")),
)

upstream = Upstream(
    version="8.1.0",
    sha256="6e1a19beef9225c83efd689c7e6b7da2d5215b1f42cd13b7fc3714d0a09c7b25",
    requirements=(
        "pytest<9",
        "pytest-asyncio",
        "pytest-timeout",
        "aiohttp",
        "coverage",
        "cryptography",
        "numpy",
        "opentelemetry-api",
        "opentelemetry-exporter-otlp-proto-http",
        "opentelemetry-sdk",
        "packaging",
        "pybreaker",
        "redis-entraid==1.2.1",
        "xxhash",
    ),
    arguments=(
        "tests",
        "--redis-url={redis_debug_url}",
        *("-m", "not onlycluster and not redismod and not ssl and not cp_integration and not multidb_integration"),
        # They wait for servers that are not there and for time to pass, and hardly touch what is traced.
        "--ignore=tests/maint_notifications",
        "--ignore-glob=*test_cwe_404.py",
        "--ignore-glob=*test_multidb",
        "--ignore-glob=*test_observability",
        "--ignore-glob=*test_scenario",
        "--ignore-glob=*test_sentinel*.py",
    ),
    services=(SERVER,),
    # Its tests measure memory, for which they have Python trace each allocation.
    limit_s=1800,
)
