"""The checks of what leaves the process, each tried on an integration that is wrong in a way the sabotages are not."""

from __future__ import annotations

import itertools
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Patching, Target
from testkit._scenario import Scenario
from testkit.check import CheckFailed, NotExercised
from testkit.checks.wire import no_side_effects, wire_bytes_are_the_same
from testkit.observation import written_past_python
from testkit.sabotage import LIBRARY, correct
from testkit.sabotage.correct import send_target
from testkit.toy import uses
from testkit.toy.library import Client
from testkit.toy.service import serving
from testkit.trial import Trial
from tests.testkit.toys import integrated, trial_of


@pytest.fixture
def url() -> Iterator[str]:
    """The URL of the toy library's service."""
    with serving() as url:
        yield url


def one_request(toy_url: str) -> Any:
    """A use of the toy library that gives no headers of its own."""
    return Client().fetch(toy_url, "/", {"Colour": "red"})


def dated_request(toy_url: str) -> Any:
    """One that differs from run to run, as a date does; the signature does, too."""
    return Client().fetch(toy_url, "/", {"Date": os.urandom(8).hex()})


def silent_connection(toy_url: str) -> Any:
    """One that has nothing to say."""
    Client().call("say")
    socket.create_connection(("127.0.0.1", int(toy_url.rpartition(":")[2]))).close()


def on_trial(integration: Integration, use: Any, url: str) -> Trial:
    """A use of the toy library that talks to a service."""
    return Trial(
        scenario=Scenario(integration, use),
        arguments={"toy_url": url},
        reset=lambda: None,
        compare_snapshot=lambda traces: None,
        path=Path(uses.__file__),
        services={"toy_url": None},
    )


def sending(monkeypatch: pytest.MonkeyPatch, write: Any) -> Integration:
    """An integration that declares no headers, and calls ``write(span, integration, headers)`` with each request."""
    integration = integrated(monkeypatch)
    contract = correct.integration.contracts["toy.request"]
    object.__setattr__(integration, "spans", (*integration.spans, contract))
    patching = Patching(integration, [send_target(integration, write)])
    monkeypatch.setattr(sys.modules[integration.package], "patching", patching)
    return integration


def test_undeclared_headers_are_told(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """An integration that declares no distributed tracing may not change a byte."""

    def mark(span: Any, integration: Any, headers: dict) -> None:
        headers["Traced"] = "yes"

    with pytest.raises(CheckFailed, match="Traced: yes"):
        wire_bytes_are_the_same(on_trial(sending(monkeypatch, mark), one_request, url))


def test_what_differs_by_itself_is_no_fault(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A header that untraced runs send with other values may have another value."""
    wire_bytes_are_the_same(on_trial(sending(monkeypatch, lambda *_: None), dated_request, url))


@pytest.mark.parametrize("rare", [{0}, {1}, {1, 2}, {2, 5}])
def test_what_happens_rarely_is_no_fault(monkeypatch: pytest.MonkeyPatch, url: str, rare: set[int]) -> None:
    """A library that sends more by chance, in whichever of the runs: it does not in each traced one."""
    runs = itertools.count()

    def use(toy_url: str) -> Any:
        return Client().fetch(toy_url, "/rare" if next(runs) in rare else "/", {"Date": os.urandom(8).hex()})

    wire_bytes_are_the_same(on_trial(sending(monkeypatch, lambda *_: None), use, url))


def test_a_change_is_told_beside_what_differs_by_itself(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """All that untraced runs have in common is still compared."""

    def mark(span: Any, integration: Any, headers: dict) -> None:
        headers["Traced"] = "yes"

    with pytest.raises(CheckFailed, match="'traced', 'yes'"):
        wire_bytes_are_the_same(on_trial(sending(monkeypatch, mark), dated_request, url))


def test_a_signature_needs_the_headers_as_the_programs_own(url: str) -> None:
    """Of a scenario that takes no headers nobody knows what the signature would be with them; there is advice."""
    with pytest.raises(CheckFailed, match="(?s)'signature'.*let the scenario take request_headers"):
        wire_bytes_are_the_same(on_trial(correct.integration, one_request, url))


@pytest.mark.parametrize(
    "use, address, reason",
    [
        (uses.two_calls, None, "talks to no service"),
        (silent_connection, "", "nothing is sent"),
        (one_request, "http:///run/toy.sock", "no address"),
    ],
)
def test_a_scenario_that_sends_nothing_exercises_nothing(url: str, use: Any, address: str | None, reason: str) -> None:
    """Where no bytes go to a service there is nothing to compare, and the check says so."""
    trial = trial_of(correct.integration) if address is None else on_trial(correct.integration, use, address or url)
    with pytest.raises(NotExercised, match=reason):
        wire_bytes_are_the_same(trial)


def test_a_connection_to_the_service_is_counted(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Also one that carries nothing, which no comparison of bytes would find."""

    def connect_first(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        address = args[0].address
        socket.create_connection((address.hostname, address.port)).close()
        return wrapped(*args, **kwargs)

    integration = sending(monkeypatch, lambda *_: None)
    targets = [Target(LIBRARY, "Client.send", connect_first)]
    monkeypatch.setattr(sys.modules[integration.package], "patching", Patching(integration, targets))
    trial = on_trial(integration, one_request, url)

    wire_bytes_are_the_same(trial)
    with pytest.raises(CheckFailed, match="'connections that toy_url sees': 2"):
        no_side_effects(trial)


def test_output_past_python_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What C code prints is output, too."""
    noisy = integrated(monkeypatch, describe_more=lambda *_: os.write(2, b"traced!\n"))

    with pytest.raises(CheckFailed, match="writes 'traced!'"):
        no_side_effects(trial_of(noisy))


def test_noise_of_patching_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patching prints nothing, in whatever scenario."""

    def announce() -> Iterator[None]:
        print("patched!")
        yield

    with pytest.raises(CheckFailed, match="not silent:\nprinted: patched!"):
        no_side_effects(trial_of(integrated(monkeypatch, changes=(announce,))))


def test_descriptors_are_restored(capfd: pytest.CaptureFixture[str]) -> None:
    """After the block output goes where it went before."""
    lines: list[str] = []
    with written_past_python(lines):
        os.write(1, b"within\n")
    os.write(1, b"after\n")

    assert lines == ["within"]
    assert capfd.readouterr().out == "after\n"
