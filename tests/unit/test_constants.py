"""Names which dashboards and monitors depend on."""

import pytest

from ddtrace import constants
from ddtrace.ext import SpanKind, SpanTypes, db, http, net, redis


@pytest.mark.parametrize(
    "name, value",
    [
        ("ANALYTICS_SAMPLE_RATE_KEY", "_dd1.sr.eausr"),
        ("SAMPLING_PRIORITY_KEY", "_sampling_priority_v1"),
        ("SAMPLE_RATE_METRIC_KEY", "_sample_rate"),
        ("SAMPLING_AGENT_DECISION", "_dd.agent_psr"),
        ("SAMPLING_RULE_DECISION", "_dd.rule_psr"),
        ("SAMPLING_LIMIT_DECISION", "_dd.limit_psr"),
        ("_SINGLE_SPAN_SAMPLING_MECHANISM", "_dd.span_sampling.mechanism"),
        ("_SINGLE_SPAN_SAMPLING_RATE", "_dd.span_sampling.rule_rate"),
        ("_SINGLE_SPAN_SAMPLING_MAX_PER_SEC", "_dd.span_sampling.max_per_second"),
        ("_SINGLE_SPAN_SAMPLING_MAX_PER_SEC_NO_LIMIT", -1),
        ("ORIGIN_KEY", "_dd.origin"),
        ("HOSTNAME_KEY", "_dd.hostname"),
        ("BASE_SERVICE_KEY", "_dd.base_service"),
        ("SPAN_MEASURED_KEY", "_dd.measured"),
        ("KEEP_SPANS_RATE_KEY", "_dd.tracer_kr"),
        ("ENV_KEY", "env"),
        ("VERSION_KEY", "version"),
        ("SERVICE_KEY", "service.name"),
        ("SERVICE_VERSION_KEY", "service.version"),
        ("SPAN_KIND", "span.kind"),
        ("MANUAL_DROP_KEY", "manual.drop"),
        ("MANUAL_KEEP_KEY", "manual.keep"),
        ("ERROR_MSG", "error.message"),
        ("ERROR_TYPE", "error.type"),
        ("ERROR_STACK", "error.stack"),
        ("PID", "process_id"),
        ("USER_REJECT", -1),
        ("AUTO_REJECT", 0),
        ("AUTO_KEEP", 1),
        ("USER_KEEP", 2),
    ],
)
def test_constant_is_that_of_1x(name, value):
    """A changed value would change what is stored."""
    assert getattr(constants, name) == value


@pytest.mark.parametrize(
    "found, value",
    [
        (http.STATUS_CODE, "http.status_code"),
        (http.URL, "http.url"),
        (http.METHOD, "http.method"),
        (net.TARGET_HOST, "out.host"),
        (net.TARGET_PORT, "network.destination.port"),
        (db.SYSTEM, "db.system"),
        (db.ROWCOUNT, "db.row_count"),
        (redis.RAWCMD, "redis.raw_command"),
        (redis.ARGS_LEN, "redis.args_length"),
        (redis.PIPELINE_LEN, "redis.pipeline_length"),
        (redis.DB, "out.redis_db"),
        (SpanTypes.REDIS, "redis"),
        (SpanTypes.WEB, "web"),
        (SpanKind.CLIENT, "client"),
        (SpanKind.CONSUMER, "consumer"),
    ],
)
def test_vocabulary_is_that_of_1x(found, value):
    """Tag names, span types and kinds are plain text."""
    assert found == value and type(found) is str
