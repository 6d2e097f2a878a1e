"""Count visits in Redis, and send a trace of each visit to a Datadog agent.

    python examples/redis/app.py --redis redis://127.0.0.1:6379 --agent http://127.0.0.1:8126 alice bob alice

Each visit is one trace: the span ``visit`` of the service ``guestbook``, and below it the Redis commands that it took,
of the service ``redis``.
"""

from __future__ import annotations

import argparse

from ddtrace import config, patch, tracer
from ddtrace.writer import AgentWriter

patch(redis=True)

import redis  # noqa: E402 (patching works as well after the import; this order is the usual one)


def main() -> None:
    parser = argparse.ArgumentParser(description="Count visits in Redis, and trace each visit.")
    parser.add_argument("--redis", default="redis://127.0.0.1:6379", help="the server's URL")
    parser.add_argument("--agent", default=None, help="the agent's URL; default: DD_TRACE_AGENT_URL, else localhost")
    parser.add_argument("visitors", nargs="+", metavar="visitor")
    options = parser.parse_args()

    config.service = "guestbook"
    if options.agent:
        tracer.configure(writer=AgentWriter(options.agent))
    with redis.Redis.from_url(options.redis, decode_responses=True) as client:
        for visitor in options.visitors:
            visits, latest = visit(client, visitor)
            print(f"{visitor}: visit {visits}; lately here: {', '.join(latest)}")
    tracer.shutdown()


@tracer.wrap("visit", span_type="worker")
def visit(client: redis.Redis, visitor: str) -> tuple[int, list[str]]:
    """Count one visit; returns how often the visitor came, and who came lately."""
    tracer.current_span().set_tag("visitor", visitor)
    visits = client.incr(f"visits:{visitor}")
    with client.pipeline() as pipe:
        pipe.lpush("latest", visitor).ltrim("latest", 0, 2).lrange("latest", 0, -1)
        latest = pipe.execute()[-1]
    return visits, latest


if __name__ == "__main__":
    main()
