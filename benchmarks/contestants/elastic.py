"""elastic-apm, with an agent that sends nothing."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import Any, Callable, Iterator

import elasticapm
from elasticapm.transport.base import Transport

from benchmarks.contestants.contestant import DISABLED, KEEP, SEND, AbsentError, Contestant
from benchmarks.contestants.workload import (
    CHILDREN,
    GRANDCHILDREN,
    NAME,
    RESOURCE,
    SERVICE,
    SPAN_TYPE,
    TAGS,
)

KEPT: list[Any] = []
"""Here, since a transport is named and not handed over."""


class DroppingTransport(Transport):
    """Is given each finished transaction and span as a dict."""

    def start_thread(self, pid: int | None = None) -> None:
        pass

    def queue(self, event_type: str, data: dict[str, Any], flush: bool = False) -> None:
        pass


class KeepingTransport(DroppingTransport):
    """Puts them into a list."""

    def queue(self, event_type: str, data: dict[str, Any], flush: bool = False) -> None:
        if event_type in ("transaction", "span"):
            KEPT.append(data)


class Elastic(Contestant):
    """A span becomes a dict when it is finished."""

    distribution = "elastic-apm"
    imports = "import elasticapm"

    def start(self, finished: str, agent_url: str) -> None:
        if finished == SEND:
            raise AbsentError("not measured")
        self.kept = KEPT
        self.options = {
            "service_name": SERVICE,
            "server_url": agent_url,
            "enabled": finished != DISABLED,
            "central_config": False,
            "cloud_provider": "none",
            "metrics_interval": "0s",
            # As many spans as the others make: none left out, none merged with the one before it.
            "transaction_max_spans": 1_000_000,
            "span_compression_enabled": False,
            "transport_class": f"{__name__}.{(KeepingTransport if finished == KEEP else DroppingTransport).__name__}",
        }
        self.client = elasticapm.Client(**self.options)

    @contextmanager
    def root(self) -> Iterator[None]:
        self.client.begin_transaction(SPAN_TYPE)
        yield
        self.client.end_transaction(RESOURCE)

    def one_span(self) -> None:
        self.client.begin_transaction(SPAN_TYPE)
        self.client.end_transaction(RESOURCE)

    def ten_spans(self) -> None:
        capture = elasticapm.capture_span
        self.client.begin_transaction(SPAN_TYPE)
        elasticapm.label(**TAGS)
        for _ in CHILDREN:
            with capture(NAME, span_type=SPAN_TYPE, labels=TAGS):
                for _ in GRANDCHILDREN:
                    with capture(NAME, span_type=SPAN_TYPE, labels=TAGS):
                        pass
        self.client.end_transaction(RESOURCE)

    def encoder(self, version: str) -> Callable[[], int]:
        if version != "v0.4":
            raise AbsentError("none")
        encode = json.JSONEncoder(separators=(",", ":"), default=str).encode
        return lambda: sum(len(encode(event)) for event in self.kept)

    def injector(self, style: str) -> Callable[[dict[str, str]], None]:
        if style != "w3c":
            raise AbsentError("none")
        self.client.begin_transaction(SPAN_TYPE)

        def inject(headers: dict[str, str]) -> None:
            headers["traceparent"] = elasticapm.get_trace_parent_header()

        return inject

    def extractor(self, style: str) -> Callable[[dict[str, str]], Any]:
        if style != "w3c":
            raise AbsentError("none")
        return elasticapm.trace_parent_from_headers

    def trace_id_of(self, extracted: Any) -> int:
        return int(extracted.trace_id, 16)

    def integrate(self, library: str) -> None:
        elasticapm.instrument()

    def integrate_project(self, settings: Any) -> Any:
        # Makes a client of its own.
        settings.INSTALLED_APPS = ["elasticapm.contrib.django"]
        settings.ELASTIC_APM = {name.upper(): value for name, value in self.options.items()}
        return settings

    def integrate_app(self, app: Any) -> Any:
        # Sets up log handlers and signals on the application itself; there is nothing to patch.
        from elasticapm.contrib.flask import ElasticAPM

        ElasticAPM(app, client=self.client)
        return app


CONTESTANT = Elastic
