"""The vocabulary of tags: one module a domain."""


class SpanTypes:
    """What a span is about; the ``span_type`` of a span."""

    AUTH = "auth"
    CACHE = "cache"
    CASSANDRA = "cassandra"
    ELASTICSEARCH = "elasticsearch"
    GRAPHQL = "graphql"
    GRPC = "grpc"
    HTTP = "http"
    MONGODB = "mongodb"
    REDIS = "redis"
    SQL = "sql"
    SYSTEM = "system"
    TEMPLATE = "template"
    TEST = "test"
    WEB = "web"
    WORKER = "worker"


class SpanKind:
    """Which side of a call a span describes; the value of the tag ``span.kind``."""

    CLIENT = "client"
    CONSUMER = "consumer"
    PRODUCER = "producer"
    SERVER = "server"
