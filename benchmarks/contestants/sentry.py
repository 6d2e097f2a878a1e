"""sentry-sdk, with traces on and a transport that sends nothing."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from typing import Any, Callable

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from benchmarks.contestants.contestant import DISABLED, KEEP, SEND, AbsentError, Contestant
from benchmarks.contestants.workload import (
    CHILDREN,
    GRANDCHILDREN,
    NAME,
    RESOURCE,
    SERVICE,
    SPAN_ID,
    SPAN_TYPE,
    TAG_ITEMS,
    TRACE_ID,
    W3C_HEADERS,
)

DSN = "http://key@127.0.0.1:9/1"
"""Of the right form; the transport here calls nobody."""


class DroppingTransport(Transport):
    """Takes finished traces, and keeps them if it has somewhere to."""

    kept: list[Any] | None = None

    def capture_envelope(self, envelope: Envelope) -> None:
        if self.kept is not None:
            self.kept.append(envelope.get_transaction_event())


class Sentry(Contestant):
    """A trace is serialised when it is finished, before the transport gets it."""

    distribution = "sentry-sdk"
    header = "sentry-trace"
    imports = "import sentry_sdk"

    def start(self, finished: str, agent_url: str) -> None:
        if finished == SEND:
            raise AbsentError("not measured")
        transport = DroppingTransport()
        transport.kept = self.kept if finished == KEEP else None
        sentry_sdk.init(
            dsn=DSN,
            transport=transport,
            traces_sample_rate=None if finished == DISABLED else 1.0,
            server_name=SERVICE,
        )

    def root(self) -> AbstractContextManager[Any]:
        return sentry_sdk.start_transaction(op=SPAN_TYPE, name=RESOURCE)

    def spans_kept(self) -> int:
        return sum(1 + len(event["spans"]) for event in self.kept)

    def one_span(self) -> None:
        with sentry_sdk.start_transaction(op=SPAN_TYPE, name=RESOURCE):
            pass

    def ten_spans(self) -> None:
        start = sentry_sdk.start_span
        with sentry_sdk.start_transaction(op=SPAN_TYPE, name=RESOURCE) as span:
            for key, value in TAG_ITEMS:
                span.set_data(key, value)
            for _ in CHILDREN:
                with start(op=NAME, name=RESOURCE) as span:
                    for key, value in TAG_ITEMS:
                        span.set_data(key, value)
                    for _ in GRANDCHILDREN:
                        with start(op=NAME, name=RESOURCE) as span:
                            for key, value in TAG_ITEMS:
                                span.set_data(key, value)

    def encoder(self, version: str) -> Callable[[], int]:
        if version != "v0.4":
            raise AbsentError("none")
        encode = json.JSONEncoder(separators=(",", ":"), default=str).encode
        return lambda: sum(len(encode(event)) for event in self.kept)

    def injector(self, style: str) -> Callable[[dict[str, str]], None]:
        if style != "w3c":
            raise AbsentError("none")
        span = sentry_sdk.start_transaction(op=SPAN_TYPE, name=RESOURCE)
        return lambda headers: headers.update(span.iter_headers())

    def extractor(self, style: str) -> Callable[[dict[str, str]], Any]:
        if style != "w3c":
            raise AbsentError("none")
        with_own = {**W3C_HEADERS, self.header: f"{TRACE_ID:032x}-{SPAN_ID:016x}-1"}
        return lambda headers: sentry_sdk.continue_trace(with_own)

    def trace_id_of(self, extracted: Any) -> int:
        return int(extracted.trace_id, 16)

    def integrate(self, library: str) -> None:
        # Those for Django, Flask, Redis and the standard library are on wherever the library is installed.
        if library in ("sqlite3", "psycopg"):
            raise AbsentError("none")


CONTESTANT = Sentry
