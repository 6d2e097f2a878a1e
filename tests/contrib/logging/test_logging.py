"""What log records get of the current trace, and that logging works whatever becomes of us."""

import contextlib
import io
import logging
import logging.handlers
import queue
import threading

import pytest

from ddtrace import config, patch
from ddtrace.context import Context
from ddtrace.contrib.logging import integration
from ddtrace.provider import DefaultContextProvider
from ddtrace.tracer import DD_LOG_FORMAT
from testkit import DummyTracer, traced
from testkit.patched import failures_are_fatal, global_settings

NAMES = ("trace_id", "span_id", "service", "env", "version")

PERCENT = " ".join(f"{name}=%(dd.{name})s" for name in NAMES) + " %(message)s"
BRACES = " ".join(f"{name}={{dd.{name}}}" for name in NAMES) + " {message}"

OUTSIDE = "trace_id=0 span_id=0 service= env= version="


class Keeping(logging.Handler):
    """Keeps the records."""

    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)


@pytest.fixture
def tracer():
    """The tracer that records are correlated with, while nothing of the machine's environment is set."""
    with global_settings(service=None, env=None, version=None), traced(integration) as tracer:
        yield tracer


def make_logger(format=PERCENT, style="%"):
    """A logger in no hierarchy, and the text that it writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter(format, style=style))
    logger = logging.Logger("app")
    logger.addHandler(handler)
    return logger, written


def make_record(logger=None, **extra):
    """The record of one message."""
    logger = logger or logging.Logger("app")
    kept = Keeping()
    logger.addHandler(kept)
    logger.info("a message", extra=extra)
    logger.removeHandler(kept)
    return kept.records[0]


def shown(record):
    """The record's attributes of ours."""
    return {name: value for name, value in vars(record).items() if name.startswith("dd")}


@pytest.mark.parametrize(("format", "style"), [(PERCENT, "%"), (BRACES, "{")])
def test_record_within_a_span_has_its_ids(tracer, format, style):
    """Formats of the styles ``%`` and ``{`` show the current span, and after it none."""
    logger, written = make_logger(format, style)

    with tracer.trace("work"), tracer.trace("part") as part:
        logger.info("within")
    logger.info("after")

    assert written.getvalue().splitlines() == [
        f"trace_id={part.trace_id} span_id={part.span_id} service= env= version= within",
        f"{OUTSIDE} after",
    ]


def test_service_env_and_version_are_those_of_config(tracer):
    """They are the application's, also within a span of another service."""
    with global_settings(service="app", env="prod", version="7"), tracer.trace("query", service="db"):
        record = make_record()

    assert {name: getattr(record, f"dd.{name}") for name in NAMES[2:]} == {
        "service": "app",
        "env": "prod",
        "version": "7",
    }


def test_attributes_are_text(tracer):
    """Whatever a formatter does with them, all are str."""
    with tracer.trace("work"):
        attributes = shown(make_record())

    assert sorted(attributes) == sorted(f"dd.{name}" for name in NAMES)
    assert {type(value) for value in attributes.values()} == {str}


def test_log_format_of_the_tracer_shows_them(tracer):
    """``DD_LOG_FORMAT`` is a format for ``logging``."""
    logger, written = make_logger(DD_LOG_FORMAT)

    with tracer.trace("work") as span:
        logger.info("a message")

    expected = f"dd.service= dd.env= dd.version= dd.trace_id={span.trace_id} dd.span_id={span.span_id}] - a message\n"
    assert written.getvalue().endswith(expected)


def test_context_from_elsewhere_counts(tracer):
    """Before the first span of this process, a context that a request brought is what a record belongs to."""
    tracer.context_provider.activate(Context(trace_id=7, span_id=8))

    assert getattr(make_record(), "dd.trace_id") == "7"
    assert getattr(make_record(), "dd.span_id") == "8"


@pytest.mark.parametrize(("is_whole", "trace_id"), [(False, 5), (True, 2**64 + 5)])
def test_long_trace_id(tracer, is_whole, trace_id):
    """Of 128 bits the lower 64 are shown, unless all are asked for."""
    tracer.context_provider.activate(Context(trace_id=2**64 + 5, span_id=8))

    with global_settings(_128_bit_trace_id_logging_enabled=is_whole):
        assert getattr(make_record(), "dd.trace_id") == str(trace_id)


def test_disabled_tracer_gives_no_ids(tracer):
    """The attributes are there all the same, for the formats that ask for them."""
    tracer.enabled = False

    with tracer.trace("work"):
        record = make_record()

    assert (getattr(record, "dd.trace_id"), getattr(record, "dd.span_id")) == ("0", "0")


def test_tracer_of_config_goes_first(tracer, monkeypatch):
    """``config.logging`` may name a tracer, whose spans count and not the other's."""
    other = DummyTracer()
    other.context_provider = _OwnProvider()
    monkeypatch.setitem(config.logging, "tracer", other)
    with other.trace("other") as span, tracer.trace("work"):
        assert getattr(make_record(), "dd.span_id") == str(span.span_id)


def test_config_has_a_setting_for_the_tracer():
    """It is None until it is set."""
    integration.load_patching()

    assert config.logging.tracer is None


def test_attributes_that_a_record_brings_stay(tracer):
    """What the program puts there goes first."""
    with tracer.trace("work"):
        record = make_record(**{"dd.trace_id": "theirs", "dd.service": "theirs"})

    assert (getattr(record, "dd.trace_id"), getattr(record, "dd.service")) == ("theirs", "theirs")


def test_dd_is_there_while_formatting_only(tracer):
    """The record itself never has the attribute, so that what reads all attributes finds text only."""
    logger, _ = make_logger(BRACES, "{")

    assert not hasattr(make_record(logger), "dd")


def test_dd_that_a_record_brings_stays(tracer):
    """A program may have an attribute of that name."""
    logger, written = make_logger("{dd.trace_id}", "{")

    logger.info("a message", extra={"dd": Context(trace_id=42)})

    assert written.getvalue() == "42\n"


def test_record_that_was_not_made_by_a_logger_can_be_formatted(tracer):
    """One that came over a socket has no ids; a format that asks for them works."""
    record = logging.makeLogRecord({"msg": "a message"})

    assert logging.Formatter(BRACES, style="{").format(record) == f"{OUTSIDE} a message"


def test_record_is_formatted_in_several_threads_at_once(tracer):
    """Each thread sees the ids, whatever the others do with the very same record."""
    record = make_record()
    formatter = logging.Formatter(BRACES, style="{")
    wrong = []

    def work():
        wrong.extend(text for text in (formatter.format(record) for _ in range(300)) if text != f"{OUTSIDE} a message")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_record_keeps_its_ids_on_the_way_to_another_thread(tracer):
    """The listener of a queue writes the ids of where the message was logged."""
    logger, written = make_logger(BRACES, "{")
    (handler,) = logger.handlers
    records = queue.SimpleQueue()
    logger.handlers = [logging.handlers.QueueHandler(records)]
    listener = logging.handlers.QueueListener(records, handler)
    listener.start()
    with tracer.trace("work") as span:
        logger.info("a message")
    listener.stop()

    assert f"span_id={span.span_id} " in written.getvalue()


@contextlib.contextmanager
def our_messages_go_to(handler):
    """All that the tracer logs is written by the handler, and by no other."""
    logger = logging.getLogger("ddtrace")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


# -- failures ----------------------------------------------------------------------------------------------------------


class _OwnProvider(DefaultContextProvider):
    """A provider that keeps its span to itself."""

    def __init__(self):
        self.item = None

    def active(self):
        return self.item

    def activate(self, ctx):
        self.item = ctx

    def deactivate(self, span):
        self.item = span._parent


class _Failing(_OwnProvider):
    """A provider that is broken."""

    def active(self):
        raise RuntimeError("no context")


class _Logging(_OwnProvider):
    """A provider that logs."""

    def __init__(self, logger):
        super().__init__()
        self.logger = logger

    def active(self):
        self.logger.info("asked for the active span")
        return self.item


@pytest.mark.parametrize(("format", "style"), [(PERCENT, "%"), (BRACES, "{")])
def test_failure_of_the_tracer_is_not_the_program_s(tracer, format, style):
    """The message is logged, with the attributes of no trace, also where the tracer's own logger goes the same way."""
    logger, written = make_logger(format, style)
    tracer.context_provider = _Failing()
    (handler,) = logger.handlers
    with failures_are_fatal(False), our_messages_go_to(handler):
        logger.info("a message")
    tracer.context_provider = DefaultContextProvider()

    lines = [line for line in written.getvalue().splitlines() if line.startswith("trace_id")]
    assert lines == [f"{OUTSIDE} could not ask for the current trace", f"{OUTSIDE} a message"]


def test_provider_that_logs_does_not_go_round(tracer):
    """What a context provider logs while it is asked has no ids, and the message that asked has them."""
    logger, written = make_logger()
    provider = tracer.context_provider = _Logging(logger)
    provider.item = Context(trace_id=7, span_id=8)
    logger.info("a message")

    inner, outer = written.getvalue().splitlines()
    assert inner == f"{OUTSIDE} asked for the active span"
    assert outer.startswith("trace_id=7 span_id=8 ") and outer.endswith("a message")


def test_record_of_an_unusual_factory_is_left_as_it_is(tracer):
    """A record that takes no attributes is logged without, and so is that of our message about it."""

    class Slotted:
        __slots__ = ()
        levelno = logging.INFO

    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(lambda *args, **kwargs: Slotted())
    kept = Keeping()
    try:
        with failures_are_fatal(False), our_messages_go_to(kept):
            assert isinstance(make_record(), Slotted)
    finally:
        logging.setLogRecordFactory(before)
    assert [type(record) for record in kept.records] == [Slotted]


# -- switching it on and off -------------------------------------------------------------------------------------------


def test_patched_by_name():
    """``patch(logging=True)`` puts attributes on records; unpatching ends that."""
    patch(logging=True)
    try:
        while_patched = make_record()
    finally:
        integration.unpatch()

    assert hasattr(while_patched, "dd.trace_id")
    assert shown(make_record()) == {}


@pytest.mark.parametrize("is_on", [False, True])
def test_on_where_log_injection_is(monkeypatch, is_on):
    """``patch_all`` follows ``config.logs_injection``."""
    monkeypatch.delenv("DD_TRACE_LOGGING_ENABLED", raising=False)

    with global_settings(logs_injection=is_on):
        assert integration.is_enabled is is_on


def test_its_own_variable_goes_first(monkeypatch):
    """``DD_TRACE_LOGGING_ENABLED`` decides where it is set."""
    monkeypatch.setenv("DD_TRACE_LOGGING_ENABLED", "false")

    with global_settings(logs_injection=True):
        assert integration.is_enabled is False


def test_version_is_that_of_python():
    """The standard library has no release of its own."""
    assert integration.get_version() == ""


def test_dummy_tracer_is_asked_once_a_record(tracer, monkeypatch):
    """A message costs one question to the tracer."""
    asked = []
    ask = DummyTracer.get_log_correlation_context
    monkeypatch.setattr(DummyTracer, "get_log_correlation_context", lambda self: asked.append(1) or ask(self))

    make_record()

    assert len(asked) == 1
