"""Which spans a rule is for, and which share of them it keeps."""

import json
import re
import time

import pytest

from ddtrace import Span
from ddtrace.sampling_rule import SamplingRule, compiled_glob, rules_from_json
from tests.unit.conftest import messages


def span(tags=(), **fields):
    made = Span(**{"name": "web.request", "service": "Shop", "resource": "GET /", "trace_id": 1, **fields})
    made.set_tags(dict(tags))
    return made


def boom(value):
    raise RuntimeError(f"no {value}")


@pytest.mark.parametrize(
    "rule, is_match",
    [
        ({}, True),
        ({"service": "Shop"}, True),
        ({"service": "shop"}, False),
        ({"service": "Sho"}, False),
        ({"service": "sho*"}, True),
        ({"service": "?HOP"}, True),
        ({"service": re.compile("S.o")}, True),
        ({"service": re.compile("hop")}, False),
        ({"service": str.istitle}, True),
        ({"service": str.isupper}, False),
        ({"service": 5}, False),
        ({"name": "web.request"}, True),
        ({"name": "web"}, False),
        ({"resource": "GET *"}, True),
        ({"resource": "POST *"}, False),
        ({"service": "Shop", "name": "web*", "resource": re.compile("GET")}, True),
        ({"service": "Shop", "name": "cli*", "resource": re.compile("GET")}, False),
    ],
    ids=str,
)
def test_fields_are_matched(rule, is_match):
    """Each pattern has to match: a text as it is, a glob in any case, an expression from the start, or a callable."""
    assert SamplingRule(1, **rule).matches(span()) is is_match


@pytest.mark.parametrize(
    "pattern, is_match",
    [(None, True), ("*", True), (re.compile(".*"), True), ("?*", False), ("None", False), ("Shop", False)],
    ids=str,
)
def test_missing_service_is_an_empty_text(pattern, is_match):
    """A glob for everything takes a span without a service too, and None takes no other."""
    assert SamplingRule(1, service=pattern).matches(span(service=None)) is is_match
    assert not SamplingRule(1, service=None).matches(span())


@pytest.mark.parametrize(
    "tags, is_match",
    [
        ({"env": "prod"}, True),
        ({"env": "PROD"}, False),
        ({"env": "PR*"}, True),
        ({"env": "prod", "region": "*"}, False),
        ({"region": str.isalpha}, False),
        ({"count": 5}, True),
        ({"count": "5"}, True),
        ({"count": "?"}, True),
        ({"count": 6}, False),
        ({}, True),
    ],
    ids=str,
)
def test_tags_are_matched(tags, is_match):
    """All tags named must be there and match; a number is a text to a text."""
    assert SamplingRule(1, tags=tags).matches(span(tags={"env": "prod", "count": 5})) is is_match


def test_failing_callable_matches_nothing(caplog):
    """Its error is logged with the rule and does not reach the application; once a minute will do."""
    rule = SamplingRule(1, service=boom)

    assert [rule.matches(span()), rule.matches(span())] == [False, False]
    assert [("no Shop" in line, repr(rule) in line) for line in messages(caplog)] == [(True, True)]
    assert caplog.records[0].levelname == "WARNING"


@pytest.mark.parametrize(
    "glob, text, is_match",
    [
        ("*", "", True),
        ("a*", "a", True),
        ("a*", "ba", False),
        ("*a", "ba", True),
        ("*a", "ab", False),
        ("a*b", "ab", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*bc*bc", "a-bc", False),
        ("*ab*ab*", "xabab", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("?*?", "a", False),
        ("**", "any", True),
        ("a.c*", "abc", False),
        ("[a]*", "a", False),
        ("[a]*", "[a]b", True),
        ("\\?", "\\x", True),
        ("*line", "two\nline", True),
        ("a*", "a\n", True),
        ("a?", "a\n", True),
        ("?", "a\n", False),
        ("ÄB*", "äbc", True),
    ],
)
def test_glob(glob, text, is_match):
    """``*`` is any text, ``?`` any character, all else itself in any letter case; the whole text has to fit."""
    assert (compiled_glob(glob).match(text) is not None) is is_match


@pytest.mark.parametrize("glob", ["*a" * 30 + "b", "*?" * 30 + "b", "a*" * 30 + "b"])
def test_glob_takes_no_more_than_its_time(glob):
    """Many stars on a text that fits almost: combinations tried one by one would outlast us all."""
    began_s = time.process_time()

    assert compiled_glob(glob).match("a" * 10_000) is None
    assert time.process_time() - began_s < 1


@pytest.mark.parametrize("rate, verdicts", [(0, {False}), (1, {True}), (0.5, {True, False})])
def test_share_of_traces_is_kept(rate, verdicts):
    """The trace id decides; 0 and 1 are none and all."""
    rule = SamplingRule(rate)

    assert {rule.sample(span(trace_id=trace_id)) for trace_id in range(1, 100)} == verdicts


def test_verdict_is_that_of_a_rate_sampler():
    """Whether it says so as a rule or as a sampler, a service keeps the same traces."""
    from ddtrace.sampler import RateSampler

    spans = [span(trace_id=trace_id << 40) for trace_id in range(1, 200)]

    assert [SamplingRule(0.3).sample(item) for item in spans] == [RateSampler(0.3).sample(item) for item in spans]


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), 10**400, "2"])
def test_rate_must_be_a_share(rate):
    """A rate outside 0 to 1 is refused with what was found."""
    with pytest.raises(ValueError, match="from 0 to 1, got"):
        SamplingRule(rate)


def test_tags_must_be_a_dict():
    """Other patterns for tags have no names to be looked up."""
    with pytest.raises(TypeError, match="'env:prod'"):
        SamplingRule(1, tags="env:prod")


def test_equal_rules_are_equal():
    """Rate and patterns make a rule."""
    rule = SamplingRule(0.5, service="shop", tags={"env": "prod"})

    assert rule == SamplingRule(0.5, service="shop", tags={"env": "prod"})
    assert rule != SamplingRule(0.4, service="shop", tags={"env": "prod"})
    assert rule != SamplingRule(0.5, name="shop", tags={"env": "prod"})
    assert SamplingRule(1, service=None) != SamplingRule(1)
    assert SamplingRule(1) != 1


def test_repr_shows_what_was_given():
    """A rule looks like the call that makes it."""
    assert repr(SamplingRule(0.5, name="web*")) == "SamplingRule(sample_rate=0.5, name='web*')"


def test_rules_come_from_json():
    """Every argument has its key."""
    item = {"sample_rate": 0.5, "service": "s*", "name": "n", "resource": "r", "tags": {"env": "prod"}}

    assert rules_from_json(json.dumps([item, {"sample_rate": 1}])) == [SamplingRule(**item), SamplingRule(1)]


@pytest.mark.parametrize(
    "text, found",
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("{}", "list of objects"),
        ("[1]", "list of objects"),
        ('[{"sample_rate": 2}]', "got 2"),
        ('[{"sample_rate": null}]', "None"),
        ('[{"sample_rate": 1, "tags": "env"}]', "'env'"),
    ],
    ids=lambda text: text[:20],
)
def test_senseless_rules_are_a_value_error(text, found):
    """The message shows what was found."""
    with pytest.raises(ValueError, match=found):
        rules_from_json(text)


def test_rule_without_a_rate_is_a_key_error():
    """A rule that keeps no certain share is refused."""
    with pytest.raises(KeyError, match="sample_rate.*shop"):
        rules_from_json('[{"service": "shop"}]')


def test_unknown_key_is_named(caplog):
    """A key that is misspelt, or of a later version, is left out; without a word it would widen the rule."""
    assert rules_from_json('[{"sample_rate": 1, "servcie": "shop"}]') == [SamplingRule(1)]
    assert ["servcie" in line for line in messages(caplog)] == [True]
