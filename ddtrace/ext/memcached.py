"""Tags of memcached commands."""

CMD = "memcached.command"
QUERY = "memcached.query"
SERVICE = "memcached"
