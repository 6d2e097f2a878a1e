"""The public API of 1.x, as data: what programs import, with the arguments that they give and the values they rely on.

A call is written as its ``def`` would be. Arguments which 1.x does not have are keyword-only, and are not listed.
"""

from __future__ import annotations

CALLS = """
ddtrace.patch(raise_errors=True, patch_modules_prefix='ddtrace.contrib', **patch_modules)
ddtrace.patch_all(**patch_modules)
ddtrace._monkey.patch(raise_errors=True, patch_modules_prefix='ddtrace.contrib', **patch_modules)
ddtrace._monkey.patch_all(**patch_modules)

ddtrace.Tracer(url=None, dogstatsd_url=None, context_provider=None)
ddtrace.Tracer.trace(name, service=None, resource=None, span_type=None, span_api=None)
ddtrace.Tracer.start_span(name, child_of=None, service=None, resource=None, span_type=None, activate=False, \
span_api=None)
ddtrace.Tracer.current_span()
ddtrace.Tracer.current_root_span()
ddtrace.Tracer.current_trace_context(*args, **kwargs)
ddtrace.Tracer.get_log_correlation_context()
ddtrace.Tracer.wrap(name=None, service=None, resource=None, span_type=None)
ddtrace.Tracer.set_tags(tags)
ddtrace.Tracer.configure(enabled=None, hostname=None, port=None, uds_path=None, https=None, sampler=None, \
context_provider=None, wrap_executor=None, priority_sampling=None, settings=None, dogstatsd_url=None, writer=None, \
partial_flush_enabled=None, partial_flush_min_spans=None, api_version=None, compute_stats_enabled=None, \
appsec_enabled=None, iast_enabled=None)
ddtrace.Tracer.flush()
ddtrace.Tracer.shutdown(timeout=None)
ddtrace.Tracer.on_start_span(func)
ddtrace.Tracer.deregister_on_start_span(func)

ddtrace.Span(name, service=None, resource=None, span_type=None, trace_id=None, span_id=None, parent_id=None, \
start=None, context=None, on_finish=None)
ddtrace.Span.finish(finish_time=None)
ddtrace.Span.finish_with_ancestors()
ddtrace.Span.set_tag(key, value=None)
ddtrace.Span.set_tag_str(key, value)
ddtrace.Span.set_tags(tags)
ddtrace.Span.get_tag(key)
ddtrace.Span.get_tags()
ddtrace.Span.set_metric(key, value)
ddtrace.Span.set_metrics(metrics)
ddtrace.Span.get_metric(key)
ddtrace.Span.get_metrics()
ddtrace.Span.set_traceback(limit=30)
ddtrace.Span.set_exc_info(exc_type, exc_val, exc_tb)
ddtrace.Span.__enter__()
ddtrace.Span.__exit__(exc_type, exc_val, exc_tb)

ddtrace.context.Context(trace_id=None, span_id=None, dd_origin=None, sampling_priority=None, meta=None, metrics=None, \
lock=None)

ddtrace.Pin(service=None, tags=None, tracer=None, _config=None)
ddtrace.Pin.get_from(obj)
ddtrace.Pin._find(*objs)
ddtrace.Pin.override(obj, service=None, tags=None, tracer=None)
ddtrace.Pin.onto(obj, send=True)
ddtrace.Pin.remove_from(obj)
ddtrace.Pin.clone(service=None, tags=None, tracer=None)
ddtrace.Pin.enabled()

ddtrace.settings.Config._add(name, settings, merge=True)
ddtrace.settings.Config.get_from(obj)
ddtrace.settings.Config.trace_headers(whitelist)
ddtrace.settings.Config.header_is_traced(header_name)
ddtrace.settings.Config._header_tag_name(header_name)
ddtrace.settings.Config._get_service(default=None)
ddtrace.settings.IntegrationConfig(global_config, name, *args, **kwargs)
ddtrace.settings.IntegrationConfig.header_is_traced(header_name)
ddtrace.settings.IntegrationConfig._header_tag_name(header_name)
ddtrace.settings.IntegrationConfig.get_analytics_sample_rate(use_global_config=False)
ddtrace.settings.HttpConfig(header_tags=None)
ddtrace.settings.HttpConfig.trace_headers(whitelist)
ddtrace.settings.HttpConfig.header_is_traced(header_name)
ddtrace.settings.HttpConfig._header_tag_name(header_name)
ddtrace.settings.Hooks.on(hook, func=None)
ddtrace.settings.Hooks.register(hook, func=None)
ddtrace.settings.Hooks.deregister(hook, func)
ddtrace.settings.Hooks.emit(hook, *args, **kwargs)

ddtrace.filters.TraceFilter.process_trace(trace)
ddtrace.filters.FilterRequestsOnUrl(regexps)

ddtrace.sampler.BaseSampler.sample(span, allow_false=True)
ddtrace.sampler.DatadogSampler(rules=None, default_sample_rate=None, rate_limit=None)
ddtrace.sampler.SamplingRule(sample_rate, service=NO_RULE, name=NO_RULE, resource=NO_RULE, tags=NO_RULE)
ddtrace.sampler.SamplingRule.matches(span)
ddtrace.sampler.SamplingRule.sample(span)
ddtrace.sampler.BasePrioritySampler.update_rate_by_service_sample_rates(rates)
ddtrace.sampler.RateSampler(sample_rate=1.0)
ddtrace.sampler.RateByServiceSampler(sample_rate=1.0)
ddtrace.sampler.RateByServiceSampler.set_sample_rate(sample_rate, service='', env='')

ddtrace.propagation.http.HTTPPropagator.inject(span_context, headers)
ddtrace.propagation.http.HTTPPropagator.extract(headers)

ddtrace.provider.BaseContextProvider.activate(ctx)
ddtrace.provider.BaseContextProvider.active()
ddtrace.provider.BaseContextProvider.__call__()
ddtrace.provider.DefaultContextProvider()

ddtrace.contrib.trace_utils.wrap(module, name, wrapper)
ddtrace.contrib.trace_utils.unwrap(obj, attr)
ddtrace.contrib.trace_utils.iswrapped(obj, attr=None)
ddtrace.contrib.trace_utils.with_traced_module(func)
ddtrace.contrib.trace_utils_async.with_traced_module(func)
ddtrace.contrib.trace_utils.distributed_tracing_enabled(int_config, default=False)
ddtrace.contrib.trace_utils.int_service(pin, int_config, default=None)
ddtrace.contrib.trace_utils.ext_service(pin, int_config, default=None)
ddtrace.contrib.trace_utils.set_http_meta(span, integration_config, method=None, url=None, target_host=None, \
status_code=None, status_msg=None, query=None, parsed_query=None, request_headers=None, response_headers=None, \
retries_remain=None, raw_uri=None, request_cookies=None, request_path_params=None, request_body=None, peer_ip=None, \
headers_are_case_sensitive=False, route=None, response_cookies=None)
ddtrace.contrib.trace_utils.activate_distributed_headers(tracer, int_config=None, request_headers=None, override=None)
ddtrace.contrib.trace_utils.set_flattened_tags(span, items, sep='.', exclude_policy=None, processor=None)
ddtrace.contrib.trace_utils.set_user(tracer, user_id, name=None, email=None, scope=None, role=None, session_id=None, \
propagate=False, span=None)
ddtrace.contrib.trace_utils._store_request_headers(headers, span, integration_config)
ddtrace.contrib.trace_utils._store_response_headers(headers, span, integration_config)
ddtrace.contrib.trace_utils.stringify_cache_args(args, value_max_len=100, cmd_max_len=1000)
ddtrace.contrib.trace_utils.get_argument_value(args, kwargs, pos, kw)
ddtrace.contrib.trace_utils.func_name(f)

ddtrace.runtime.RuntimeMetrics.enable(tracer=None, dogstatsd_url=None, flush_interval=None)
ddtrace.runtime.RuntimeMetrics.disable()

ddtrace.ext.sql.normalize_vendor(vendor)
ddtrace.ext.sql.parse_pg_dsn(dsn)
"""

CLASSES = {
    "ddtrace.DDTraceDeprecationWarning": "DeprecationWarning",
    "ddtrace._monkey.PatchException": "Exception",
    "ddtrace._monkey.ModuleNotFoundException": "ddtrace._monkey.PatchException",
    "ddtrace._monkey.IntegrationNotAvailableException": "ddtrace._monkey.PatchException",
    "ddtrace.settings.ConfigException": "Exception",
    "ddtrace.settings.IntegrationConfig": "dict",
    "ddtrace.filters.FilterRequestsOnUrl": "ddtrace.filters.TraceFilter",
    "ddtrace.sampler.AllSampler": "ddtrace.sampler.BaseSampler",
    "ddtrace.sampler.RateSampler": "ddtrace.sampler.BaseSampler",
    "ddtrace.sampler.BasePrioritySampler": "ddtrace.sampler.BaseSampler",
    "ddtrace.sampler.RateByServiceSampler": "ddtrace.sampler.BasePrioritySampler",
    "ddtrace.sampler.DatadogSampler": "ddtrace.sampler.RateByServiceSampler",
    "ddtrace.provider.DefaultContextProvider": "ddtrace.provider.BaseContextProvider",
    "ddtrace.contrib.trace_utils.ArgumentError": "Exception",
}
"""Each with a class that programs may catch it by, or use it as."""

SAME = {
    "ddtrace.config": "ddtrace.settings.config.config",
    "ddtrace.Tracer": "ddtrace.tracer:Tracer",
    "ddtrace.tracer": "ddtrace.tracer:tracer",
    "ddtrace.Span": "ddtrace.span.Span",
    "ddtrace.Pin": "ddtrace.pin.Pin",
    "ddtrace.sampler.SamplingRule": "ddtrace.sampling_rule.SamplingRule",
    "ddtrace.patch": "ddtrace._monkey.patch",
    "ddtrace.patch_all": "ddtrace._monkey.patch_all",
    "ddtrace.settings.Config": "ddtrace.settings.config.Config",
    "ddtrace.settings.IntegrationConfig": "ddtrace.settings.integration.IntegrationConfig",
    "ddtrace.settings.HttpConfig": "ddtrace.settings.http.HttpConfig",
    "ddtrace.settings.Hooks": "ddtrace.settings.hooks.Hooks",
}
"""What can be imported from two places; a colon stands before a name of a module that its package hides."""

ATTRIBUTES = {
    "tracer": "enabled context_provider agent_trace_url debug_logging SHUTDOWN_TIMEOUT",
    "span": """
        name service resource span_type trace_id span_id parent_id start start_ns duration duration_ns finished error
        sampled context
    """,
    "context": "trace_id span_id sampling_priority dd_origin dd_user_id",
    "pin": "service tags tracer",
    "config": """
        http http_server analytics_enabled tags env service version service_mapping logs_injection report_hostname
        health_metrics_enabled http_tag_query_string global_query_string_obfuscation_disabled
    """,
    "http_server": "error_statuses error_ranges is_error_code",
    "integration": """
        service service_name analytics_enabled analytics_sample_rate hooks http integration_name global_config
        trace_query_string is_header_tracing_configured http_tag_query_string
    """,
    "http": "trace_query_string is_header_tracing_configured",
}
"""What can be read of an object of each kind."""

VALUES = {
    "ddtrace.constants": {
        "SAMPLE_RATE_METRIC_KEY": "_sample_rate",
        "SAMPLING_PRIORITY_KEY": "_sampling_priority_v1",
        "ANALYTICS_SAMPLE_RATE_KEY": "_dd1.sr.eausr",
        "SAMPLING_AGENT_DECISION": "_dd.agent_psr",
        "SAMPLING_RULE_DECISION": "_dd.rule_psr",
        "SAMPLING_LIMIT_DECISION": "_dd.limit_psr",
        "ORIGIN_KEY": "_dd.origin",
        "USER_ID_KEY": "_dd.p.usr.id",
        "HOSTNAME_KEY": "_dd.hostname",
        "RUNTIME_FAMILY": "_dd.runtime_family",
        "ENV_KEY": "env",
        "VERSION_KEY": "version",
        "SERVICE_KEY": "service.name",
        "SERVICE_VERSION_KEY": "service.version",
        "_SINGLE_SPAN_SAMPLING_MECHANISM": "_dd.span_sampling.mechanism",
        "_SINGLE_SPAN_SAMPLING_RATE": "_dd.span_sampling.rule_rate",
        "_SINGLE_SPAN_SAMPLING_MAX_PER_SEC": "_dd.span_sampling.max_per_second",
        "_SINGLE_SPAN_SAMPLING_MAX_PER_SEC_NO_LIMIT": -1,
        "BASE_SERVICE_KEY": "_dd.base_service",
        "SPAN_KIND": "span.kind",
        "SPAN_MEASURED_KEY": "_dd.measured",
        "KEEP_SPANS_RATE_KEY": "_dd.tracer_kr",
        "MULTIPLE_IP_HEADERS": "_dd.multiple-ip-headers",
        "MANUAL_DROP_KEY": "manual.drop",
        "MANUAL_KEEP_KEY": "manual.keep",
        "ERROR_MSG": "error.message",
        "ERROR_TYPE": "error.type",
        "ERROR_STACK": "error.stack",
        "PID": "process_id",
        "USER_REJECT": -1,
        "AUTO_REJECT": 0,
        "AUTO_KEEP": 1,
        "USER_KEEP": 2,
    },
    "ddtrace.sampler.DatadogSampler": {
        "NO_RATE_LIMIT": -1,
        "DEFAULT_RATE_LIMIT": 100,
    },
    "ddtrace.propagation.http": {
        "HTTP_HEADER_TRACE_ID": "x-datadog-trace-id",
        "HTTP_HEADER_PARENT_ID": "x-datadog-parent-id",
        "HTTP_HEADER_SAMPLING_PRIORITY": "x-datadog-sampling-priority",
        "HTTP_HEADER_ORIGIN": "x-datadog-origin",
        "_HTTP_HEADER_TAGS": "x-datadog-tags",
        "_HTTP_HEADER_B3_SINGLE": "b3",
        "_HTTP_HEADER_B3_TRACE_ID": "x-b3-traceid",
        "_HTTP_HEADER_B3_SPAN_ID": "x-b3-spanid",
        "_HTTP_HEADER_B3_SAMPLED": "x-b3-sampled",
        "_HTTP_HEADER_B3_FLAGS": "x-b3-flags",
        "_HTTP_HEADER_TRACEPARENT": "traceparent",
        "_HTTP_HEADER_TRACESTATE": "tracestate",
    },
    "ddtrace.ext.SpanTypes": {
        "AUTH": "auth",
        "CACHE": "cache",
        "CASSANDRA": "cassandra",
        "ELASTICSEARCH": "elasticsearch",
        "GRAPHQL": "graphql",
        "GRPC": "grpc",
        "HTTP": "http",
        "MONGODB": "mongodb",
        "REDIS": "redis",
        "SQL": "sql",
        "SYSTEM": "system",
        "TEMPLATE": "template",
        "TEST": "test",
        "WEB": "web",
        "WORKER": "worker",
    },
    "ddtrace.ext.SpanKind": {
        "CLIENT": "client",
        "SERVER": "server",
        "PRODUCER": "producer",
        "CONSUMER": "consumer",
    },
    "ddtrace.ext.http": {
        "URL": "http.url",
        "METHOD": "http.method",
        "STATUS_CODE": "http.status_code",
        "STATUS_MSG": "http.status_msg",
        "USER_AGENT": "http.useragent",
        "QUERY_STRING": "http.query.string",
        "RETRIES_REMAIN": "http.retries_remain",
        "VERSION": "http.version",
        "CLIENT_IP": "http.client_ip",
        "ROUTE": "http.route",
        "TEMPLATE": "template",
    },
    "ddtrace.ext.net": {
        "TARGET_HOST": "out.host",
        "TARGET_PORT": "network.destination.port",
        "BYTES_OUT": "net.out.bytes",
    },
    "ddtrace.ext.db": {
        "NAME": "db.name",
        "USER": "db.user",
        "ROWCOUNT": "db.row_count",
        "SYSTEM": "db.system",
    },
    "ddtrace.ext.sql": {
        "QUERY": "sql.query",
        "DB": "sql.db",
    },
    "ddtrace.ext.redis": {
        "APP": "redis",
        "DEFAULT_SERVICE": "redis",
        "DB": "out.redis_db",
        "RAWCMD": "redis.raw_command",
        "CMD": "redis.command",
        "ARGS_LEN": "redis.args_length",
        "PIPELINE_LEN": "redis.pipeline_length",
        "PIPELINE_AGE": "redis.pipeline_age",
        "CLIENT_NAME": "redis.client_name",
    },
    "ddtrace.ext.memcached": {
        "CMD": "memcached.command",
        "SERVICE": "memcached",
        "QUERY": "memcached.query",
    },
    "ddtrace.ext.mongo": {
        "SERVICE": "mongodb",
        "COLLECTION": "mongodb.collection",
        "DB": "mongodb.db",
        "ROWS": "mongodb.rows",
        "QUERY": "mongodb.query",
    },
    "ddtrace.ext.cassandra": {
        "CLUSTER": "cassandra.cluster",
        "KEYSPACE": "cassandra.keyspace",
        "CONSISTENCY_LEVEL": "cassandra.consistency_level",
        "PAGINATED": "cassandra.paginated",
        "ROW_COUNT": "cassandra.row_count",
        "PAGE_NUMBER": "cassandra.page_number",
    },
    "ddtrace.ext.elasticsearch": {
        "SERVICE": "elasticsearch",
        "APP": "elasticsearch",
        "URL": "elasticsearch.url",
        "METHOD": "elasticsearch.method",
        "TOOK": "elasticsearch.took",
        "PARAMS": "elasticsearch.params",
        "BODY": "elasticsearch.body",
    },
    "ddtrace.ext.kombu": {
        "SERVICE": "kombu",
        "VHOST": "out.vhost",
        "EXCHANGE": "kombu.exchange",
        "BODY_LEN": "kombu.body_length",
        "ROUTING_KEY": "kombu.routing_key",
        "PUBLISH_NAME": "kombu.publish",
        "RECEIVE_NAME": "kombu.receive",
    },
    "ddtrace.ext.kafka": {
        "SERVICE": "kafka",
        "TOPIC": "kafka.topic",
        "PARTITION": "kafka.partition",
        "MESSAGE_KEY": "kafka.message_key",
        "MESSAGE_OFFSET": "kafka.message_offset",
        "GROUP_ID": "kafka.group_id",
        "TOMBSTONE": "kafka.tombstone",
        "RECEIVED_MESSAGE": "kafka.received_message",
        "HOST_LIST": "messaging.kafka.bootstrap.servers",
        "PRODUCE": "kafka.produce",
        "CONSUME": "kafka.consume",
    },
    "ddtrace.ext.aws": {
        "REGION": "aws.region",
        "AGENT": "aws.agent",
        "OPERATION": "aws.operation",
        "EXCLUDED_ENDPOINT": frozenset({"kms", "sts", "sns", "kinesis", "events"}),
    },
    "ddtrace.ext.user": {
        "ID": "usr.id",
        "NAME": "usr.name",
        "EMAIL": "usr.email",
        "ROLE": "usr.role",
        "SCOPE": "usr.scope",
        "SESSION_ID": "usr.session_id",
        "EXISTS": "usr.exists",
    },
    "ddtrace.ext.consul": {
        "APP": "consul",
        "SERVICE": "consul",
        "CMD": "consul.command",
        "KEY": "consul.key",
    },
}
"""Names of modules and classes, with the values that are stored or sent."""
