"""The checks of what leaves the process: how much it is, what must not be in it, and whether an agent takes it.

Two of them look at the scenarios with a parameter ``word`` or ``secret``, which are the kit's own fixtures.
"""

from __future__ import annotations

import base64
import collections
import contextlib
import functools
import logging
import random
from typing import Any, Iterable, Iterator
from unittest import mock
from urllib.parse import urlsplit

from ddtrace import Span
from ddtrace.contrib._integration import LONGEST_RESOURCE, Integration, SpanContract
from ddtrace.writer import AgentWriter
from testkit.check import CheckFailed, NotExercised, Scope, check, fail_unless_equal
from testkit.checks.works import environment
from testkit.contracts import ERROR_TAGS
from testkit.faults import failing_once
from testkit.fixtures.service import ServiceError
from testkit.fixtures.testagent import AgentSession
from testkit.observation import observe
from testkit.patched import nothing_from_the_environment, traced
from testkit.secrets import CANARY
from testkit.tracer import DummyTracer
from testkit.trial import Trial

WORDS = 100

HUGE = 100_000
"""Characters of a word that is too long to be shown."""

AGENT_VERSIONS = ("v0.4", "v0.5")
"""Of the API, as far as the test agent speaks it."""


@check("WORK-08", Scope.INTEGRATION)
def resource_cardinality(trials: list[Trial]) -> None:
    """However many keys, ids and paths there are, there are no more resources for it; and no value is too long."""
    varied = [trial for trial in trials if trial.takes("word")]
    if not varied:
        raise NotExercised("no scenario has a parameter 'word', which stands for a key, an id or a part of a path")
    for trial in varied:
        once = _resources(trial.integration, trial.traced.tracer.started)
        ever = _resources(trial.integration, _spans_of(trial, _words()))
        if len(ever) > len(once):
            # What varies without a reason is another check's.
            once = _resources(trial.integration, _spans_of(trial, [trial.arguments.get("word", "word")] * WORDS))
        if len(ever) > len(once):
            listed = "\n".join(f"  {service} {name} {resource}" for service, name, resource in sorted(ever)[:5])
            raise CheckFailed(
                f"{WORDS} words for {trial.scenario.name} make {len(ever)} resources, and one makes {len(once)}. Leave "
                f"out what varies, or declare has_free_resource. Some are:\n{listed}"
            )
        for span in trial.given(word="w" * HUGE).run_traced().tracer.started:
            _fail_if_too_long(trial, span)


def _words() -> Iterator[str]:
    """Numbers, hexadecimal digits and names, the same in each run."""
    chance = random.Random(WORDS)
    for _ in range(0, WORDS, 4):
        yield str(chance.randrange(10))
        yield str(chance.getrandbits(63))
        yield f"{chance.getrandbits(128):032x}"
        yield f"a{''.join(chance.choices('abcdefghijklmnopqrstuvwxyz_-', k=10))}z"


def _spans_of(trial: Trial, words: Iterable[str]) -> list[Span]:
    tracer = DummyTracer()
    trial.reset()
    # Patched once: that takes longer than most scenarios do.
    with trial.within_cassette(), nothing_from_the_environment(), traced(trial.integration, tracer):
        for word in words:
            observe(trial.scenario, {**trial.arguments, "word": word})
    return tracer.started


def _resources(integration: Integration, spans: list[Span]) -> set[tuple[str, str, str]]:
    """Service, name and resource of each span; where a resource is free, the others only."""
    found = set()
    for span in spans:
        contract = integration.contract_of(span.name)
        is_free = contract is not None and contract.has_free_resource
        found.add((str(span.service), span.name, "" if is_free else span.resource))
    return found


def _fail_if_too_long(trial: Trial, span: Span) -> None:
    contract = trial.integration.contract_of(span.name) or SpanContract(name=span.name)
    # What an exception says is shown as it is: its words are not the integration's.
    lengths = {f"tag {key!r}": len(value) for key, value in span.get_tags().items() if key not in ERROR_TAGS}
    limits = {**dict.fromkeys(lengths, contract.longest_tag), "resource": min(contract.longest_tag, LONGEST_RESOURCE)}
    for what, limit in limits.items():
        length = lengths.get(what, len(span.resource))
        if length > limit:
            raise CheckFailed(
                f"{trial.scenario.name}, with a word of {HUGE} characters: the {what} of {span.name} has {length}, and "
                f"its limit is {limit}; cut it, or declare longest_tag"
            )


@check("WORK-09", Scope.INTEGRATION)
def secrets_stay_out(trials: list[Trial]) -> None:
    """The credentials of a scenario are in no span, log record, snapshot or cassette; reports are made of these.

    They may be in the text of an exception, which is the library's own, and which the span has to tell.
    """
    entrusted = [trial for trial in trials if _secrets_of(trial)]
    if not entrusted:
        raise NotExercised(
            "no scenario has a parameter 'secret', which stands for a password or a token, nor an URL with a password"
        )
    found = [leak for trial in entrusted for leak in (*_leaks(trial), *_leaks_of_files(trial))]
    if found:
        raise CheckFailed("the secret of a scenario is in\n" + "\n".join(dict.fromkeys(found)))


def _secrets_of(trial: Trial) -> tuple[str, ...]:
    """What a scenario is given to keep, and the passwords in the URLs of its services."""
    given = (CANARY,) if trial.takes("secret") else ()
    urls = (urlsplit(value) for value in trial.arguments.values() if isinstance(value, str))
    return given + tuple(url.password for url in urls if url.password)


def _leaks(trial: Trial) -> Iterator[str]:
    """Where a secret is in what tracing leaves, also where one of the targets fails."""
    secrets = _secrets_of(trial)
    # Who is given a secret uses it in every way that there is; a password in a URL is just there.
    for place in (None, *(trial.called_places if trial.takes("secret") else ())):
        with failing_once(place), _logged() as records, _told_exceptions() as told:
            run = trial.run_traced()
        for span in run.tracer.started:
            for what, text in _texts(span):
                if _is_told(secrets, _without(told, text) if what in ERROR_TAGS else text):
                    yield f"{trial.scenario.name}: {what} of {span.name}: {_masked(secrets, text)}"
        suspicious = [record for record in records if _is_told(secrets, _without(told, record))]
        if suspicious:
            with failing_once(place), _logged() as usual:
                trial.run_untraced()
            for record in collections.Counter(suspicious) - collections.Counter(usual):
                yield f"{trial.scenario.name}: logged by {_masked(secrets, record)}"


def _leaks_of_files(trial: Trial) -> Iterator[str]:
    """The stored snapshots and cassettes that a secret is in."""
    for kind in ("snapshots", "cassettes"):
        for file in sorted((trial.path.parent / kind).rglob("*")):
            if file.is_file() and _is_told(_secrets_of(trial), file.read_text(errors="replace")):
                yield f"{kind}/{file.name}"


def _texts(span: Span) -> Iterator[tuple[str, str]]:
    yield from (("name", span.name), ("resource", span.resource), ("service", str(span.service)))
    yield "type", str(span.span_type)
    for key, value in span.get_tags().items():
        yield key, value
        yield "a tag's name", key


def _is_told(secrets: tuple[str, ...], text: str) -> bool:
    return any(form in text for secret in secrets for form in (secret, *_in_base64(secret)))


@functools.cache
def _in_base64(secret: str) -> tuple[str, ...]:
    """As it stands within a longer text that is encoded, at each of the three places that it may begin."""
    encoded = {offset: base64.b64encode(b"\0" * offset + secret.encode()).decode() for offset in range(3)}
    # The characters at both ends have bits of what is beside it, too.
    return tuple(text[-(-offset * 8 // 6) : (offset + len(secret)) * 8 // 6] for offset, text in encoded.items())


def _masked(secrets: tuple[str, ...], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "<secret>")
    return text


@contextlib.contextmanager
def _logged() -> Iterator[list[str]]:
    """What is logged in a block, at any level."""
    lines: list[str] = []
    formatter = logging.Formatter("%(name)s: %(message)s")
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(formatter.format(record))  # type: ignore[method-assign]
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


@contextlib.contextmanager
def _told_exceptions() -> Iterator[list[str]]:
    """The texts of the exceptions that spans are told of in a block, and of those that led to them."""
    texts: list[str] = []
    record = Span.set_exc_info

    def note(span: Span, kind: Any, error: Any, traceback: Any) -> None:
        known: list[BaseException] = []
        unknown = [error]
        while unknown:
            each = unknown.pop()
            if each is not None and each not in known:
                known.append(each)
                unknown += [each.__cause__, each.__context__]
        texts.extend(filter(None, map(str, known)))
        record(span, kind, error, traceback)

    with mock.patch.object(Span, "set_exc_info", note):
        yield texts


def _without(texts: list[str], text: str) -> str:
    for each in texts:
        text = text.replace(each, "")
    return text


@check("WORK-10", Scope.INTEGRATION, service="testagent")
def accepted_by_an_agent(trials: list[Trial]) -> None:
    """The test agent takes the spans of each scenario, as our writer sends them, and reads all of them."""
    if not trials[0].service_url:
        raise NotExercised("no test agent is given")
    recorded = [(trial, trial.traced.tracer.recorded.traces) for trial in trials]
    if not any(traces for _, traces in recorded):
        raise NotExercised("no scenario makes a span")
    for trial, traces in recorded:
        for version in AGENT_VERSIONS if traces else ():
            _send(trial, traces, version)


def _send(trial: Trial, traces: list[list[Span]], version: str) -> None:
    session = AgentSession(trial.service_url)
    headers = "_DD_TRACE_WRITER_ADDITIONAL_HEADERS"
    try:
        with environment(headers, session.environment[headers]):
            writer = AgentWriter(trial.service_url, api_version=version)
            for trace in traces:
                writer.write(trace)
            writer.flush_queue()
            writer.stop(timeout_s=0)
        what = f"what the agent reads of {trial.scenario.name}, in {version},"
        if failures := session.failures():
            raise CheckFailed(f"{what} fails its checks: {failures}")
        try:
            read = [(span["name"], span["resource"]) for trace in session.traces() for span in trace]
        except ServiceError as error:
            raise CheckFailed(f"{what} cannot be decoded: {error}") from None
        sent = [(span.name, _as_sent(span.resource)) for trace in traces for span in trace]
        fail_unless_equal(sorted(sent), sorted(read), what, ("sent", "read"))
    finally:
        session.end()


def _as_sent(text: str) -> str:
    """A text that UTF-8 has no bytes for is sent without it."""
    return text.encode(errors="replace").decode()
