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
        # They wait for servers that are not there, or for time to pass, and touch little that is traced.
        *("-m", "not onlycluster and not redismod and not ssl and not cp_integration and not multidb_integration"),
        "--ignore=tests/maint_notifications",
        "--ignore=tests/test_asyncio/test_scenario",
        "--ignore=tests/test_asyncio/test_sentinel.py",
        "--ignore=tests/test_scenario",
        "--ignore=tests/test_sentinel.py",
    ),
    services=(SERVER,),
)
