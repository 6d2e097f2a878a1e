"""Scenarios collected by pytest: one item a scenario and check, and what each outcome says."""

from __future__ import annotations

import os

import pytest

from testkit.card.record import from_json
from testkit.check import CHECKS, Scope

pytest_plugins = ["pytester"]

TOY = """
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Patching
from testkit.sabotage import LIBRARY
from testkit.sabotage import correct

declared = [correct.integration.contracts["toy.call"]]
"""
INTEGRATION = """
integration = Integration(
    package=__name__, patch_module=__name__, distribution="", modules=(LIBRARY,), versions=(), spans=(*declared,),
    switched_off={switched_off},
)
patching = Patching(integration, correct.targets(integration))
"""
SCENARIOS = """
from testkit import scenario
from testkit.toy.library import AsyncClient, Client
from toy import integration

@scenario(integration)
def greet(word):
    client = Client()
    return client.call("say", word), client.call("repeat")

@scenario(integration)
async def ask():
    return await AsyncClient().call("ask")
"""
CONFTEST = """
import pytest

@pytest.fixture
def word():
    return "hello"
"""

NAMES = {
    Scope.SCENARIO: ("greet", "ask"),
    Scope.INTEGRATION: ("toy",),
}


class Project:
    """A project with the toy library's integration and two scenarios."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        # The inner run finds the kit imported by the outer one.
        pytester.makeini("[pytest]\nfilterwarnings =\n  error\n  ignore:Module already imported")
        pytester.makeconftest(CONFTEST)
        self.write()

    def write(self, switched_off: tuple = (), scenarios: str = SCENARIOS, toy: str = "") -> None:
        integration = INTEGRATION.format(switched_off=repr(switched_off))
        self.pytester.makepyfile(toy=TOY + integration + toy, scenarios=scenarios)

    def run(self, *arguments: str) -> pytest.RunResult:
        return self.pytester.runpytest_inprocess("-p", "no:cacheprovider", *arguments)

    def collected(self) -> list[str]:
        lines = self.run("--collect-only", "-q").outlines
        return [line.partition("::")[2] for line in lines if line.startswith("scenarios.py::")]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project outside CI, where snapshots may be stored."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.syspath_prepend(pytester.path)
    return Project(pytester)


def test_items_are_named_for_scenario_and_check(project: Project) -> None:
    """Each scenario has an item a check of its own, and the integration one for each of the others."""
    expected = {f"{name}[{check.id}]" for check in CHECKS.values() for name in NAMES[check.scope]}

    collected = project.collected()

    assert set(collected) == expected
    assert len(collected) == len(expected)


def assert_nothing_fails(project: Project, result: pytest.RunResult) -> None:
    """Each item has passed, but for the few checks of generators and the like, which have nothing to look at."""
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] + outcomes["skipped"] == len(project.collected())
    assert outcomes["skipped"] < 10


def test_a_correct_integration_passes(project: Project) -> None:
    """Once its snapshots are stored, every check passes, with no fixture but the scenario's own."""
    assert project.run("--snapshot-update").ret == 0

    assert_nothing_fails(project, project.run())


def test_it_runs_in_parallel(project: Project) -> None:
    """Under xdist the workers collect the same items, and the reasons reach the report."""
    project.write(switched_off=(("WORK-02", "nothing is stored"), ("INV-15", "slow")))

    result = project.pytester.runpytest_subprocess("-n", "2", "-p", "no:cacheprovider")

    assert_nothing_fails(project, result)
    result.stdout.fnmatch_lines(["*checks switched off*", "toy does without INV-15: slow"])


@pytest.mark.parametrize("check_id", ["INV-15", "INV-28"])
def test_a_check_that_is_switched_off_is_left_out(project: Project, check_id: str) -> None:
    """No item is made for it, whatever it looks at, and the report says why."""
    project.write(switched_off=((check_id, "the toy cannot do without"),))

    assert not [name for name in project.collected() if check_id in name]
    result = project.run("-k", "WORK-01")
    result.stdout.fnmatch_lines(["*checks switched off*", f"toy does without {check_id}: the toy cannot do without"])
    assert result.ret == 0


def test_nothing_is_said_of_checks_that_are_on(project: Project) -> None:
    """The section is there only where there is something to say."""
    project.run("-k", "WORK-01").stdout.no_fnmatch_line("*does without*")


@pytest.mark.parametrize(
    "switched_off, message",
    [
        ((("INV-99", "why not"),), "toy switches off INV-99; checks are AXIS-01, *"),
        ((("INV-15", " "),), "toy switches off INV-15 and must say why"),
    ],
)
def test_switching_off_is_checked(project: Project, switched_off: tuple, message: str) -> None:
    """An unknown check, or one without a reason, is an error of collection."""
    project.write(switched_off=switched_off)

    result = project.run()

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([message])


def test_nothing_to_compare_is_a_skip(project: Project) -> None:
    """A scenario that makes no span does not pass a check of its spans."""
    project.write(scenarios=SCENARIOS + "\n@scenario(integration)\ndef idle():\n    return 1\n")

    result = project.run("-rs", "-k", "idle and WORK-07")

    result.assert_outcomes(skipped=1, deselected=len(project.collected()) - 1)
    result.stdout.fnmatch_lines(["SKIPPED*: not exercised: the scenario makes no span"])


WRONG_RESULT = """
target, other = correct.targets(integration)

def call(wrapped, instance, args, kwargs):
    return tuple(target.wrapper(wrapped, instance, args, kwargs))

patching = Patching(integration, [target._replace(wrapper=call), other])
"""


def test_a_failure_says_what_differs(project: Project) -> None:
    """The message has the check, what differs and both sides; nothing of the engine's own code is shown."""
    project.write(toy=WRONG_RESULT)

    result = project.run("-k", "greet and INV-28")

    result.assert_outcomes(failed=1, deselected=len(project.collected()) - 1)
    result.stdout.fnmatch_lines(
        ["_* greet[[]INV-28[]] _*", "INV-28 outcome and output are the same: the value differs:", "-*list*", "+*tuple*"]
    )
    result.stdout.no_fnmatch_line("*check.py*")
    result.stdout.no_fnmatch_line("*def prove*")


def test_a_missing_snapshot_says_what_to_do(project: Project) -> None:
    """A failed comparison with what is stored is shown without the engine's code, too."""
    result = project.run("-k", "greet and WORK-02")

    result.stdout.fnmatch_lines(["*nothing is stored yet*", "*accept: pytest --snapshot-update*greet*WORK-02*"])
    result.stdout.no_fnmatch_line("*def prove*")


def test_a_missing_service_skips_its_scenario(project: Project) -> None:
    """A scenario whose fixture skips is skipped with that reason; the other one is proven."""
    project.pytester.makeconftest(CONFTEST.replace('return "hello"', 'pytest.skip("no words here")'))

    result = project.run("-rs", "-k", "WORK-07")

    result.assert_outcomes(passed=1, skipped=1, deselected=len(project.collected()) - 2)
    result.stdout.fnmatch_lines(["SKIPPED*no words here"])


def test_an_integration_is_proven_by_what_is_there(project: Project) -> None:
    """A check of all scenarios does without those whose fixtures skip, and skips where none is left."""
    project.pytester.makeconftest(CONFTEST.replace('return "hello"', 'pytest.skip("no words here")'))
    project.run("-k", "WORK-01").assert_outcomes(passed=1, deselected=len(project.collected()) - 1)

    project.write(scenarios=SCENARIOS.replace("async def ask()", "async def ask(word)"))
    result = project.run("-rs", "-k", "WORK-01")

    result.assert_outcomes(skipped=1, deselected=len(project.collected()) - 1)
    result.stdout.fnmatch_lines(["SKIPPED*no words here"])


def test_an_unknown_fixture_is_an_error(project: Project) -> None:
    """A scenario that asks for a fixture which nobody has is told its name."""
    project.write(scenarios=SCENARIOS.replace("greet(word)", "greet(wort)").replace('"say", word', '"say", wort'))

    result = project.run("-k", "greet and WORK-07")

    result.stdout.fnmatch_lines(["*fixture 'wort' not found*"])


HANGING = """
import os, signal, threading, time
import pytest
from testkit import scenario
from testkit.toy.library import Client
from toy import integration

class Unpicklable:
    def __reduce__(self):
        raise TypeError("not for you")

def answer():
    return Client().call("say")
"""


def test_a_crash_fails_that_check_only(project: Project) -> None:
    """A scenario that ends its interpreter is told how; the next one has another."""
    crash = "@scenario(integration)\ndef crash():\n    os.kill(os.getpid(), signal.SIGSEGV)\n"
    fine = "@scenario(integration)\ndef fine():\n    return answer()\n"
    project.write(scenarios=HANGING + crash + fine)

    result = project.run("-k", "INV-28")

    result.assert_outcomes(passed=1, failed=1, deselected=len(project.collected()) - 2)
    result.stdout.fnmatch_lines(["INV-28 *was ended by SIGSEGV*", "*in crash*"])


def test_a_hang_is_ended_with_its_stacks(project: Project) -> None:
    """A scenario that does not come back is ended after the limit, and its place is told."""
    project.write(scenarios=HANGING + "@scenario(integration)\ndef hang():\n    threading.Event().wait()\n")

    result = project.run("-k", "INV-28", "--check-timeout", "0.5")

    result.assert_outcomes(failed=1, deselected=len(project.collected()) - 1)
    result.stdout.fnmatch_lines(["INV-28 *did not end in time; its stacks:", "*in hang*"])


def test_a_volatile_scenario_is_named_as_such(project: Project) -> None:
    """What differs between untraced runs is no fault of the integration's, and there is advice."""
    volatile = "@scenario(integration)\ndef volatile():\n    return answer(), time.perf_counter_ns()\n"
    project.write(scenarios=HANGING + volatile)

    result = project.run("-k", "INV-28")

    result.assert_outcomes(failed=1, deselected=len(project.collected()) - 1)
    result.stdout.fnmatch_lines(
        ["INV-28 *two untraced runs of volatile differ already*the outcome differs:", "Pin what depends on time*"]
    )


def test_what_cannot_be_pickled_is_compared_by_its_description(project: Project) -> None:
    """A scenario may return anything."""
    project.write(scenarios=HANGING + "@scenario(integration)\ndef odd():\n    return answer(), Unpicklable()\n")

    project.run("-k", "INV-28").assert_outcomes(passed=1, deselected=len(project.collected()) - 1)


def test_a_fixture_that_cannot_be_handed_over_is_named(project: Project) -> None:
    """The parameters of a scenario must be fit for another interpreter."""
    project.pytester.makeconftest(CONFTEST.replace('return "hello"', "return iter(lambda: 1, 2)"))

    result = project.run("-k", "greet and INV-28")

    result.stdout.fnmatch_lines(["greet: the fixture 'word' is a callable_iterator, which another interpreter cannot*"])


def test_two_scenarios_of_one_name_are_an_error(project: Project) -> None:
    """The second would hide the first."""
    project.write(scenarios=SCENARIOS + SCENARIOS.partition("toy import integration")[2])

    result = project.run()

    result.stdout.fnmatch_lines(["*ValueError: *scenarios.py has two scenarios named greet, at lines * and *"])


def test_checks_can_run_in_pytests_own_process(project: Project) -> None:
    """For a debugger; what they find is the same."""
    pid = "@scenario(integration)\ndef process():\n    return answer(), os.environ.setdefault('SEEN_IN', 'this')\n"
    project.write(scenarios=HANGING + pid)

    project.run("-k", "INV-28").assert_outcomes(passed=1, deselected=len(project.collected()) - 1)
    assert "SEEN_IN" not in os.environ
    project.run("-k", "INV-28", "--in-process").assert_outcomes(passed=1, deselected=len(project.collected()) - 1)
    assert os.environ.pop("SEEN_IN") == "this"


def test_the_card_has_what_the_workers_found(project: Project) -> None:
    """Each verdict reaches the controller: passed, failed, not exercised or switched off, and why."""
    project.write(switched_off=(("INV-15", "slow"),))
    path = project.pytester.path / "cards.json"

    result = project.pytester.runpytest_subprocess(
        *("-n", "2", "-p", "no:cacheprovider", "-k", "WORK-02 or WORK-07 or INV-07", "--card", path)
    )

    (card,) = from_json(path.read_text())
    rows = {row.id: (row.verdict, row.exercised, row.tried, *row.evidence[-1:]) for row in card.rows}
    assert rows["WORK-07"] == ("passed", 2, 2)
    assert rows["WORK-02"][:3] == ("failed", 2, 2) and "nothing is stored yet" in rows["WORK-02"][3]
    assert rows["INV-07"] == ("not exercised", 0, 2, "no target gives a generator (2 of 2)")
    assert rows["INV-15"] == ("switched off", 0, 0, "slow")
    result.stdout.fnmatch_lines([f"testkit: toy: {card.summary}"])
