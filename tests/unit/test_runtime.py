"""What is measured of the interpreter."""

import os
import socket
import threading

import pytest

from ddtrace import config
from ddtrace.internal.dogstatsd import DogStatsd
from ddtrace.internal.runtime_measures import RuntimeMeasures
from ddtrace.runtime import RuntimeMetrics
from testkit import DummyTracer, run_python
from tests.unit.conftest import REPOSITORY, messages

NAMES = {
    *("cpu.time.sys", "cpu.time.user", "cpu.percent", "cpu.ctx_switch.voluntary", "cpu.ctx_switch.involuntary"),
    *("mem.rss", "thread_count", "gc.count.gen0", "gc.count.gen1", "gc.count.gen2"),
}


@pytest.fixture
def server():
    """A socket that gets datagrams."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        yield server


@pytest.fixture
def url(server):
    return f"udp://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(autouse=True)
def switched_off():
    """No test leaves the process measured."""
    yield
    RuntimeMetrics.disable()


def received(server):
    """Values and tags of one round of measures."""
    lines = [line.partition("|g|#") for line in server.recv(9999).decode().splitlines()]
    return {name: float(value) for name, value in (line[0].split(":") for line in lines)}, lines[0][2].split(",")


def test_measures_arrive_again_and_again(server, url):
    """Each has its name, and a value that this process can have."""
    RuntimeMetrics.enable(dogstatsd_url=url, flush_interval=0.001)

    for _ in range(3):
        values, _ = received(server)
        assert set(values) == {f"runtime.python.{name}" for name in NAMES}
        assert values["runtime.python.mem.rss"] > 1e6
        assert values["runtime.python.thread_count"] >= 2
        assert min(values.values()) >= 0


def test_tags_tell_the_process_from_others(server, url, monkeypatch):
    """Those of the settings, of the tracer and of the interpreter."""
    monkeypatch.setattr(config, "service", "shop")
    monkeypatch.setattr(config, "env", "test")
    tracer = DummyTracer()
    tracer.set_tags({"team": "blue"})

    RuntimeMetrics.enable(tracer=tracer, dogstatsd_url=url, flush_interval=0.001)

    assert {"service:shop", "env:test", "team:blue", "lang:python"} <= set(received(server)[1])


def test_what_grows_is_measured_since_the_last_time():
    """The second measure is of what happened since the first."""
    measures = RuntimeMeasures(DogStatsd("udp://127.0.0.1:1"), {})
    sum(number * number for number in range(300_000))
    busy = measures.gauges()["runtime.python.cpu.time.user"]

    assert measures.gauges()["runtime.python.cpu.time.user"] < busy


def test_second_switch_changes_nothing(url):
    """There is one thread, and switching off ends it."""
    RuntimeMetrics.enable(dogstatsd_url=url, flush_interval=3600)
    RuntimeMetrics.enable(dogstatsd_url=url, flush_interval=3600)

    threads = [thread for thread in threading.enumerate() if thread.name == "ddtrace.runtime"]
    assert len(threads) == 1 and RuntimeMetrics.is_enabled()
    RuntimeMetrics.disable()
    threads[0].join(10)
    assert not threads[0].is_alive() and not RuntimeMetrics.is_enabled()


def test_url_that_names_no_server_is_refused():
    """Nothing is switched on then."""
    with pytest.raises(ValueError, match="names no DogStatsD server"):
        RuntimeMetrics.enable(dogstatsd_url="http://host")

    assert not RuntimeMetrics.is_enabled()


def test_server_that_is_not_there_is_one_line(tmp_path, caplog):
    """However often nothing can be sent."""
    measures = RuntimeMeasures(DogStatsd(f"unix://{tmp_path}/none"), {})

    for _ in range(3):
        measures.send()

    assert ["could not be sent" in line for line in messages(caplog)] == [True]


def test_forked_child_is_measured_too(server, url):
    """It has none of its parent's threads, and begins one."""
    source = """
import os, sys, threading
from ddtrace.runtime import RuntimeMetrics
RuntimeMetrics.enable(dogstatsd_url=sys.argv[1], flush_interval=3600)
pid = os.fork()
if not pid:
    names = [thread.name for thread in threading.enumerate()]
    RuntimeMetrics.disable()
    os._exit(0 if "ddtrace.runtime" in names else 1)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    warnings = ("-W", "error", "-W", "ignore:This process:DeprecationWarning")

    assert run_python(*warnings, "-c", source, url, env={"PYTHONPATH": REPOSITORY}).strip() == "0"


def test_program_is_measured_where_the_environment_asks_for_it(server, url):
    """Under ``ddtrace-run``, as with ``import ddtrace.auto``."""
    variables = {
        "PYTHONPATH": REPOSITORY,
        "DD_RUNTIME_METRICS_ENABLED": "true",
        "DD_RUNTIME_METRICS_INTERVAL": "0.001",
        "DD_DOGSTATSD_URL": url,
        "DD_SERVICE": f"shop-{os.getpid()}",
    }
    source = """
import threading
import ddtrace.auto
from ddtrace.runtime import RuntimeMetrics
(thread,) = [thread for thread in threading.enumerate() if thread.name == "ddtrace.runtime"]
# A last round, and the end.
RuntimeMetrics.disable()
thread.join()
"""
    run_python("-W", "error", "-c", source, env=variables)

    assert f"service:shop-{os.getpid()}" in received(server)[1]
