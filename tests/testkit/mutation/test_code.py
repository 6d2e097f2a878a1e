"""Each operator of code makes the mutants that it says, and leaves alone what changes nothing."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from testkit.mutation.code import OPERATORS, code_mutants


def mutated(tmp_path: Path, operator: str, text: str) -> list[str]:
    """What an operator makes of a text, as the lines that are new."""
    path = tmp_path / "patch.py"
    path.write_text(textwrap.dedent(text))
    mutants = [mutant for mutant in code_mutants("patch", path) if mutant.operator == operator]
    return [" / ".join(line[1:].strip() for line in mutant.diff if line.startswith("+")) for mutant in mutants]


CASES = [
    ("statement deleted", "span.set_tag('a', b)", ["pass"]),
    ("statement deleted", "span.resource = name", ["pass"]),
    ("statement deleted", "count += 1", ["pass"]),
    ("statement deleted", "def f():\n    return", ["pass"]),
    ("statement deleted", "name = span.name", []),
    ("constant changed", "name = 'redis'", ["name = 'redisz'"]),
    ("constant changed", "port = 6379", ["port = 0"]),
    ("constant changed", "first = 0", ["first = 1"]),
    ("constant changed", "body = b''", ["body = b'z'"]),
    ("constant changed", "SpanContract(measured=True)", ["SpanContract(measured=False)"]),
    ("constant changed", "pin = None", []),
    ("condition negated", "if pool is None:\n    stop()", ["if (not (pool is None)):"]),
    ("condition negated", "found = [each for each in all if not each]", ["found = [each for each in all if (each)]"]),
    ("condition negated", "size = 1 if long else 2", ["size = 1 if (not (long)) else 2"]),
    ("condition negated", "while True:\n    step()", []),
    ("operand dropped", "a = b or c", ["a = ((c))", "a = ((b))"]),
    ("operand dropped", "a = b and c and d", ["a = ((c) and (d))", "a = ((b) and (d))", "a = ((b) and (c))"]),
    ("comparison changed", "a = b < c", ["a = b <= c"]),
    ("comparison changed", "a = b not in c", ["a = b in c"]),
    ("comparison changed", "if a == b:\n    stop()", []),
    ("comparison changed", "if a >= b:\n    stop()", ["if a > b:"]),
    ("value not returned", "def f():\n    return wrapped()", ["return None"]),
    ("value not returned", "def f():\n    return False", []),
    ("block never left", "with shield('x'):\n    go()", ["if [(shield('x').__enter__())]:"]),
    ("block never left", "with call(a) as b:  # c\n    go()", ["if [(b := call(a).__enter__())]:  # c"]),
    ("end left out", "try:\n    go()\nfinally:\n    stop()", ["pass"]),
    ("exception not handled", "try:\n    go()\nexcept KeyError:\n    stop()", ["raise"]),
    ("exception not handled", "try:\n    go()\nexcept KeyError:\n    raise", []),
    ("keyword left out", "start(name, child_of=parent)", ["start(name, )"]),
    ("keyword left out", "start(child_of=parent, name=name)", ["start(name=name)", "start(child_of=parent, )"]),
    ("made synchronous", "async def f():\n    return await g()", ["def f(): / return g()"]),
    ("made synchronous", "async def f():\n    async for _ in g():\n        pass", []),
    ("appended twice", "headers.append(item)", ["headers.append(item); headers.append(item)"]),
]


@pytest.mark.parametrize(("operator", "text", "expected"), CASES)
def test_an_operator_makes_these_mutants(tmp_path: Path, operator: str, text: str, expected: list[str]) -> None:
    """The line that is changed, once for each place that the operator knows to change."""
    assert mutated(tmp_path, operator, text) == expected


def test_a_span_gets_a_wrong_parent(tmp_path: Path) -> None:
    """The function that starts the span is put into one that gives it a parent."""
    (changed,) = mutated(tmp_path, "wrong parent", "call = trace_call(integration, instance, name)")
    assert changed.endswith(".orphaned(trace_call)(integration, instance, name)")


def test_every_operator_is_tried() -> None:
    """There is no operator without a test above."""
    assert {operator for operator, _, _ in CASES} | {"wrong parent"} == set(OPERATORS)


@pytest.mark.parametrize(
    "text",
    [
        '"""What it is for."""',
        "def f():\n    '''What it does.'''",
        "def f(a: 'int' = None) -> 'int':\n    b: 'str' = a",
        "log.debug('could not %s', doing)",
        "with shield('hand down a pin'):\n    a = b",
        "raise LookupError(f'no span {name!r}')",
        "Integration(package=__name__, versions=('~=5.0',), services=('redis',))",
        "replace(integration, switched_off=(('INV-09', 'no class is replaced'),))",
        "Target('redis.client', 'Redis.get', get)",
        "if TYPE_CHECKING:\n    debug = True",
        "__all__ = ['debug']",
    ],
)
def test_what_changes_nothing_is_left_alone(tmp_path: Path, text: str) -> None:
    """No text that only a person reads is changed, no annotation, nothing of how an integration is tested."""
    assert mutated(tmp_path, "constant changed", text) == []


def test_a_change_in_a_line_of_several_bytes_a_letter(tmp_path: Path) -> None:
    """Places are counted as Python's tree does, in bytes."""
    assert mutated(tmp_path, "constant changed", "mark = f('é', ü='ö')") == [
        "mark = f('éz', ü='ö')",
        "mark = f('é', ü='öz')",
    ]


def test_a_mutant_says_where_and_what(tmp_path: Path) -> None:
    """File, line, function, and the lines before and after; its id is its own."""
    path = tmp_path / "patch.py"
    path.write_text("class A:\n    def f(self, span):\n        span.finish()\n        self.span.finish()\n")

    first, second = code_mutants("a.patch", path)

    assert (first.module, first.path, first.line, first.scope) == ("a.patch", path, 3, "A.f")
    assert first.what == "span.finish() is left out"
    assert first.diff == ["-        span.finish()", "+        pass"]
    assert first.id != second.id
    assert path.read_text() == first.original != first.source
