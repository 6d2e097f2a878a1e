"""Tags of Elasticsearch requests."""

APP = "elasticsearch"
SERVICE = "elasticsearch"

BODY = "elasticsearch.body"
METHOD = "elasticsearch.method"
PARAMS = "elasticsearch.params"
TOOK = "elasticsearch.took"
URL = "elasticsearch.url"
