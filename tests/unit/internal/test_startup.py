"""What a program begins with that is traced from its start."""

import pytest

from testkit import run_python
from tests.unit.conftest import REPOSITORY


@pytest.fixture
def run(agent):
    """Runs a program that begins with ``import ddtrace.auto``; what it writes to standard error is in ``errors``."""

    def run(source, **variables):
        begin = "import sys, io, logging\nerrors = sys.stderr = io.StringIO()\nimport ddtrace.auto\n"
        environment = {"PYTHONPATH": REPOSITORY, "DD_TRACE_AGENT_URL": agent.url, **variables}
        return run_python("-W", "error", "-c", begin + source, env=environment).strip()

    return run


def test_global_tags_are_on_spans(agent, run):
    """DD_TRACE_GLOBAL_TAGS are tags of every span, besides env and DD_TAGS."""
    run(
        "from ddtrace import tracer\ntracer.trace('work').finish()",
        DD_TRACE_GLOBAL_TAGS="team:shop,tier:1",
        DD_TAGS="colour:blue",
        DD_ENV="test",
    )

    tags = agent.spans[0]["meta"]
    assert {"team": "shop", "tier": "1", "colour": "blue", "env": "test"}.items() <= tags.items()


STATES = """
from ddtrace.contrib.redis import integration as redis_integration
from ddtrace.contrib.logging import integration as logging_integration
import redis
print(redis_integration.is_tracing, logging_integration.is_tracing, errors.getvalue())
"""


@pytest.mark.parametrize(
    ("variables", "states"),
    [
        ({}, "True False"),
        ({"DD_LOGS_INJECTION": "true"}, "True True"),
        ({"DD_PATCH_MODULES": "redis:false,logging:true"}, "False True"),
        ({"DD_TRACE_REDIS_ENABLED": "false"}, "False False"),
        ({"DD_TRACE_ENABLED": "false", "DD_LOGS_INJECTION": "true"}, "False True"),
        ({"DD_LOGS_INJECTION": "true", "DD_TRACE_LOGGING_ENABLED": "false"}, "True False"),
    ],
    ids=str,
)
def test_libraries_that_are_on_are_patched(run, variables, states):
    """By default, by their own variable, by DD_PATCH_MODULES; a disabled tracer patches none but log records."""
    assert run(STATES, **variables) == states


def test_wrong_patch_modules_are_named(run):
    """What is no module and no truth is told in one line each, and the rest is patched."""
    printed = run(STATES, DD_PATCH_MODULES="redis:perhaps,reddis:true,logging:true")

    assert printed.startswith("True True")
    assert "DD_PATCH_MODULES: redis: 'perhaps' is none of 1, true, 0, false; it is left out" in printed
    assert "there is no integration 'reddis'; did you mean redis" in printed


LOGGER = "logger = logging.getLogger('ddtrace')\n"


def test_logger_is_left_alone(run):
    """Without a variable there is neither level nor handler."""
    assert run(f"{LOGGER}print(logger.level, logger.handlers, logging.getLogger().handlers)") == "0 [] []"


def test_debug_mode_sets_the_level(run):
    """DD_TRACE_DEBUG has our logger say all; where to is up to the program."""
    printed = run(f"{LOGGER}print(logger.level, logger.handlers, ddtrace.tracer.debug_logging)", DD_TRACE_DEBUG="true")

    assert printed == "10 [] True"


def test_log_file_is_written(tmp_path, run):
    """DD_TRACE_LOG_FILE takes what our loggers say, with time, level and place."""
    path = tmp_path / "ddtrace.log"

    run(
        "logging.getLogger('ddtrace.writer').debug('a message')\nlogging.getLogger('other').error('no')",
        DD_TRACE_DEBUG="true",
        DD_TRACE_LOG_FILE=str(path),
    )

    line = path.read_text().splitlines()[-1]
    assert line.endswith("DEBUG [ddtrace.writer] [<string>:4] - a message")
    assert "other" not in path.read_text()


def test_log_file_level(tmp_path, run):
    """DD_TRACE_LOG_FILE_LEVEL leaves out what is below it."""
    path = tmp_path / "ddtrace.log"

    run(
        f"{LOGGER}logger.info('less')\nlogger.warning('more')",
        DD_TRACE_DEBUG="true",
        DD_TRACE_LOG_FILE=str(path),
        DD_TRACE_LOG_FILE_LEVEL="warning",
    )

    assert "more" in path.read_text() and "less" not in path.read_text()


def test_log_file_rotates_once(tmp_path, run):
    """A full file becomes the one backup."""
    path = tmp_path / "ddtrace.log"

    run(
        f"{LOGGER}for number in range(100): logger.warning('message %d', number)",
        DD_TRACE_LOG_FILE=str(path),
        DD_TRACE_LOG_FILE_SIZE_BYTES="1000",
    )

    assert sorted(file.name for file in tmp_path.iterdir()) == ["ddtrace.log", "ddtrace.log.1"]
    assert path.stat().st_size <= 1000


def test_log_file_is_of_15_mebibytes(tmp_path, run):
    """So large it grows where nothing else is said, with one backup."""
    printed = run(
        f"{LOGGER}print([(h.maxBytes, h.backupCount, h.level) for h in logger.handlers])",
        DD_TRACE_LOG_FILE=str(tmp_path / "ddtrace.log"),
    )

    assert printed == "[(15728640, 1, 10)]"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"DD_TRACE_LOG_FILE": "/no/such/folder/file"},
            "DD_TRACE_LOG_FILE='/no/such/folder/file' cannot be written to",
        ),
        ({"DD_TRACE_LOG_FILE_LEVEL": "loud"}, "DD_TRACE_LOG_FILE_LEVEL='loud' is not a valid level out of CRITICAL"),
    ],
)
def test_wrong_log_settings_are_named(tmp_path, run, variables, message):
    """One line says so, and the program is traced."""
    variables = {"DD_TRACE_LOG_FILE": str(tmp_path / "ddtrace.log"), **variables}

    printed = run("print(sys.modules['ddtrace.bootstrap.sitecustomize'].loaded, errors.getvalue())", **variables)

    assert printed.startswith("True")
    assert message in printed


def test_basic_config_shows_the_trace(run):
    """DD_CALL_BASIC_CONFIG is deprecated, and with log injection its format has the trace's ids."""
    printed = run(
        "with ddtrace.tracer.trace('work') as span: logging.getLogger('app').warning('hello')\n"
        "print(f'dd.span_id={span.span_id}] - hello' in errors.getvalue(), 'deprecated' in errors.getvalue())",
        DD_CALL_BASIC_CONFIG="true",
        DD_LOGS_INJECTION="true",
    )

    assert printed == "True True"


def test_basic_config_without_injection(run):
    """The format then asks for nothing that records do not have."""
    printed = run(
        "logging.getLogger('app').warning('hello')\nprint(errors.getvalue().splitlines()[-1])",
        DD_CALL_BASIC_CONFIG="true",
    )

    assert printed == "WARNING:app:hello"
