"""What a program under ``ddtrace-run``, or with ``import ddtrace.auto``, begins with."""

from __future__ import annotations

import logging
import os

from ddtrace._monkey import modules_from_environment, patch, wanted_integrations
from ddtrace.internal.log import get_logger
from ddtrace.settings.config import config, parse_pairs
from ddtrace.settings.option import Option, from_environment
from ddtrace.tracer import DD_LOG_FORMAT, tracer

log = get_logger(__name__)

LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")


def parse_level(text: str) -> int:
    """The number of a level that is named in any case; raises ValueError for another name."""
    name = text.strip().upper()
    if name not in LEVELS:
        raise ValueError(f"{text!r} is none of {', '.join(LEVELS)}")
    return getattr(logging, name)


LOG_FILE = Option("log_file", str, "", "Where the tracer's messages are written.", "DD_TRACE_LOG_FILE")
LOG_FILE_LEVEL = Option(
    "log_file_level",
    int,
    logging.DEBUG,
    "The lowest level that is written.",
    "DD_TRACE_LOG_FILE_LEVEL",
    parser=parse_level,
    expects=f"level out of {', '.join(LEVELS)}",
)
LOG_FILE_BYTES = Option(
    "log_file_bytes", int, 15 << 20, "Size at which a new file begins.", "DD_TRACE_LOG_FILE_SIZE_BYTES", minimum=0
)
RUNTIME_METRICS = Option(
    "runtime_metrics", bool, False, "Measure the interpreter itself.", "DD_RUNTIME_METRICS_ENABLED"
)
BASIC_CONFIG = Option("basic_config", bool, False, "Call logging.basicConfig().", "DD_CALL_BASIC_CONFIG")

LOG_FILE_BACKUPS = 1
LOG_FILE_FORMAT = "%(asctime)s %(levelname)s [%(name)s] [%(filename)s:%(lineno)d] - %(message)s"


def start() -> None:
    """Set up the tracer and its logger as the environment says, and trace all libraries that are on."""
    configure_logger()
    tracer.set_tags(parse_pairs("DD_TRACE_GLOBAL_TAGS"))
    wanted = wanted_integrations(**modules_from_environment())
    # DD_TRACE_ENABLED=false leaves all libraries alone. Log records keep what the program's formats may ask them for.
    patch(raise_errors=False, **(wanted if tracer.enabled else {"logging": wanted["logging"]}))
    if from_environment(BASIC_CONFIG, BASIC_CONFIG.env):
        log.warning("DD_CALL_BASIC_CONFIG is deprecated; call logging.basicConfig() in the program")
        logging.basicConfig(format=DD_LOG_FORMAT if wanted["logging"] else logging.BASIC_FORMAT)
    if from_environment(RUNTIME_METRICS, RUNTIME_METRICS.env):
        from ddtrace.runtime import RuntimeMetrics

        RuntimeMetrics.enable()
    if config._startup_logs_enabled:
        from ddtrace.internal.debug import log_startup

        log_startup(tracer)


def configure_logger() -> None:
    """Set the level of the logger ``ddtrace``, and have it write to a file, where the environment says so."""
    logger = get_logger("ddtrace")
    if config._debug_mode:
        logger.setLevel(logging.DEBUG)
    path = from_environment(LOG_FILE, LOG_FILE.env)
    if path:
        try:
            logger.addHandler(_file_handler(path))
        except OSError as error:
            log.warning("%s=%r cannot be written to: %s; it is not used", LOG_FILE.env, path, error)


def _file_handler(path: str) -> logging.Handler:
    # It imports socket, pickle and queue.
    from logging.handlers import RotatingFileHandler

    handler = RotatingFileHandler(
        os.path.abspath(path),
        maxBytes=from_environment(LOG_FILE_BYTES, LOG_FILE_BYTES.env),
        backupCount=LOG_FILE_BACKUPS,
        encoding="utf-8",
    )
    handler.setLevel(from_environment(LOG_FILE_LEVEL, LOG_FILE_LEVEL.env))
    handler.setFormatter(logging.Formatter(LOG_FILE_FORMAT))
    return handler
