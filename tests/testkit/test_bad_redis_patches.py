"""Integrations of Redis with a mistake that real ones have made: each is caught by the check made for it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple

import pytest
import redis
import redis.client
import wrapt

from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib.redis import integration
from testkit.checks import CHECKS, CheckFailed, Scope
from testkit.fixtures.service import RunningService
from testkit.trial import Trial
from tests.contrib.redis import scenarios


class Mistake(NamedTuple):
    """A wrong integration, the check that must catch it, a scenario in which it shows, and what the check says."""

    check: str
    scenario: str
    says: str
    wrappers: dict[str, Callable[..., Any]] = {}
    changes: tuple[Callable[[], Iterator[None]], ...] = ()


def client_behind_a_proxy() -> Iterator[None]:
    original = redis.client.Redis
    redis.client.Redis = redis.Redis = wrapt.CallableObjectProxy(original)
    yield
    redis.client.Redis = redis.Redis = original


def with_another_exception(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    try:
        return wrapped(*args, **kwargs)
    except Exception as error:
        raise redis.RedisError(f"traced command failed: {error}") from error


def on_a_closed_pipeline(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    instance.close()
    return wrapped(*args, **kwargs)


def with_its_context_sent_ahead(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    wrapped("CLIENT", "SETNAME", "x-datadog-trace-id:1")
    return wrapped(*args, **kwargs)


MISTAKES = {
    "a context is added to what is sent": Mistake(
        "INV-10",
        "set_and_get",
        "what is sent to the service differs",
        {"Redis.execute_command": with_its_context_sent_ahead},
    ),
    "a class is replaced by a proxy": Mistake(
        "INV-01", "set_and_get", "no class but a .*ObjectProxy", changes=(client_behind_a_proxy,)
    ),
    "an exception is wrapped in another": Mistake(
        "INV-11", "wrong_type", "traced command failed", {"Redis.execute_command": with_another_exception}
    ),
    "a pipeline is closed early": Mistake(
        "INV-28", "pipeline_of_two", "the value differs", {"Pipeline.execute": on_a_closed_pipeline}
    ),
}


@pytest.fixture
def redis_with(redis_url: str, redis_service: RunningService, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Trial]:
    """A scenario of Redis on trial, with another patching in the integration's place."""

    def make(scenario: str, patching: Patching) -> Trial:
        monkeypatch.setattr(sys.modules["ddtrace.contrib.redis.patch"], "patching", patching)
        return Trial(
            scenario=getattr(scenarios, scenario),
            arguments={"redis_url": redis_url},
            reset=redis_service.reset,
            compare_snapshot=lambda traces: None,
            path=Path(scenarios.__file__),
            services={"redis_url": redis_service.service.port},
        )

    return make


def wrong_patching(mistake: Mistake) -> Patching:
    """The integration's own targets, with the mistake's wrappers in the place of the correct ones."""
    targets = [
        Target(target.module, target.path, mistake.wrappers.get(target.path, target.wrapper))
        for target in integration.load_patching().targets
        if target.module == "redis.client"
    ]
    return Patching(integration, targets, mistake.changes)


def judge(check: str, trial: Trial) -> None:
    CHECKS[check].function([trial] if CHECKS[check].scope is Scope.INTEGRATION else trial)


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_caught_by_its_check(mistake: Mistake, redis_with: Callable[..., Trial]) -> None:
    """The check has nothing against the integration as it is, and objects to the mistake."""
    correct, wrong = integration.load_patching(), wrong_patching(mistake)
    judge(mistake.check, redis_with(mistake.scenario, correct))

    with pytest.raises(CheckFailed, match=mistake.says):
        judge(mistake.check, redis_with(mistake.scenario, wrong))
