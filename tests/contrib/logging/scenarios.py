"""How programs log: in each style, with extras and exceptions, by subclasses and adapters, in threads and tasks."""

import asyncio
import io
import logging
import logging.handlers
import queue

from ddtrace.contrib.logging import integration
from testkit import scenario


def make_logger(format="%(levelname)s %(name)s: %(message)s", style="%", kind=logging.Logger):
    """A logger that is in no hierarchy, and the text that it writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter(format, style=style))
    logger = kind("app")
    logger.addHandler(handler)
    return logger, written


@scenario(integration)
def percent_style():
    logger, written = make_logger()
    logger.info("%s of %d", "one", 2)
    logger.warning("again")
    return written.getvalue()


@scenario(integration)
def brace_style():
    logger, written = make_logger("{levelname:>8} {message}", "{")
    logger.info("%s of %d", "one", 2)
    logger.warning("again")
    return written.getvalue()


@scenario(integration)
def dollar_style():
    logger, written = make_logger("$levelname ${message}", "$")
    logger.info("%s of %d", "one", 2)
    logger.warning("again")
    return written.getvalue()


@scenario(integration)
def place_of_the_call():
    logger, written = make_logger("%(funcName)s %(filename)s %(message)s")

    def log_for_caller():
        logger.info("for the caller", stacklevel=2)

    logger.info("here")
    log_for_caller()
    return written.getvalue()


@scenario(integration)
def exception_with_its_stack():
    logger, written = make_logger()
    try:
        {}["no such key"]
    except KeyError:
        logger.exception("it failed")
    return written.getvalue()


@scenario(integration)
def extra_attributes():
    logger, written = make_logger("{colour} {message}", "{")
    logger.info("by the call", extra={"colour": "blue"})
    logging.LoggerAdapter(logger, {"colour": "red"}).info("by the adapter")
    return written.getvalue()


@scenario(integration)
def extra_that_is_refused():
    logger, _ = make_logger()
    logger.info("no", extra={"message": "this would hide the record's own"})


@scenario(integration)
def records_of_a_subclass():
    class Shouting(logging.Logger):
        def makeRecord(self, *args, **kwargs):  # noqa: N802 (the name is logging's)
            record = super().makeRecord(*args, **kwargs)
            record.msg = record.msg.upper()
            return record

    logger, written = make_logger(kind=Shouting)
    logger.info("quiet")
    return written.getvalue()


@scenario(integration)
def record_factory_of_the_program():
    class Record(logging.LogRecord):
        def getMessage(self):  # noqa: N802 (the name is logging's)
            return f"<{super().getMessage()}>"

    logger, written = make_logger("{message}", "{")
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(Record)
    try:
        logger.info("bracketed")
    finally:
        logging.setLogRecordFactory(before)
    return written.getvalue()


@scenario(integration)
def through_a_queue_to_another_thread():
    logger, written = make_logger("{threadName} {message}", "{")
    (handler,) = logger.handlers
    records = queue.SimpleQueue()
    logger.handlers = [logging.handlers.QueueHandler(records)]
    listener = logging.handlers.QueueListener(records, handler)
    listener.start()
    logger.info("first")
    logger.info("second")
    listener.stop()
    return written.getvalue()


@scenario(integration)
async def in_tasks():
    logger, written = make_logger()

    async def work(number):
        logger.info("begun %d", number)
        await asyncio.sleep(0)
        logger.info("ended %d", number)

    await asyncio.gather(work(1), work(2))
    return written.getvalue()
