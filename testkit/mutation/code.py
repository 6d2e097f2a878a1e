"""The operators that change an integration's own code, one function each.

An operator yields the changes that it could make to a module. What nobody runs, and what only a person reads, is left
alone: docstrings, annotations, log lines and the like change nothing that a check could notice.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from testkit.mutation.mutant import Mutant

PROSE = {"shield": (0,), "swallow": (0,), "Option": (3,)}
"""Functions, and which of their arguments only a person reads."""

TO_TARGETS = {"Target": (0, 1)}
"""And those that the operators of targets change."""

ABOUT_TESTS = {
    "built_with",
    "distribution",
    "extras",
    "oldest_python",
    "pythons",
    "services",
    "surface",
    "switched_off",
    "versions",
}
"""What a declaration says of where and how the integration is tested, and not of what it does."""

DECLARING = {"Integration", "Library", "replace"}
"""What has such keywords."""

STARTS_OF_SPANS = {"open_call", "trace_call"}

Replacement = tuple[int, int, str]
"""From this byte up to that one there is another text."""


class Change(NamedTuple):
    """One change of a module: at which node, in words, and the texts replaced."""

    node: ast.AST
    what: str
    replacements: tuple[Replacement, ...]


class Code:
    """The text of a module and its tree."""

    def __init__(self, source: str) -> None:
        self._bytes = source.encode()
        self.tree = ast.parse(source)
        starts = [0]
        for line in self._bytes.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        self._starts = starts

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """The nodes of these kinds which do something."""
        return (node for node in _living(self.tree) if isinstance(node, kinds))

    def place(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends, in bytes."""
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, *nodes: ast.AST) -> str:
        """The text from the first node to the last."""
        return self.between(self.place(nodes[0])[0], self.place(nodes[-1])[1])

    def between(self, start: int, end: int) -> str:
        """The text from one byte to another."""
        return self._bytes[start:end].decode()

    def after(self, node: ast.AST) -> str:
        """The text behind a node."""
        return self.between(self.place(node)[1], len(self._bytes))

    def scope(self, node: ast.AST) -> str:
        """The function or class that a node is in."""
        around = [
            other
            for other in ast.walk(self.tree)
            if isinstance(other, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and other.lineno <= node.lineno <= other.end_lineno
        ]
        return ".".join(other.name for other in around)

    def changed(self, change: Change) -> str:
        """The module's text after a change."""
        text = self._bytes
        for start, end, new in sorted(change.replacements, reverse=True):
            text = text[:start] + new.encode() + text[end:]
        return text.decode()

    def replacing(self, node: ast.AST, text: str, what: str) -> Change:
        """The change of one node into a text."""
        return Change(node, what, ((*self.place(node), text),))


Operator = Callable[[Code], Iterator[Change]]

OPERATORS: dict[str, Operator] = {}
"""The operators by what they do."""


def operator(function: Operator) -> Operator:
    """Declare a function as an operator, named for what it does."""
    OPERATORS[function.__name__.replace("_", " ")] = function
    return function


def code_mutants(module: str, path: Path) -> list[Mutant]:
    """All mutants of one module; a change after which it is no Python any more makes none."""
    original = path.read_text()
    code = Code(original)
    found = []
    for name, changes in OPERATORS.items():
        for number, change in enumerate(changes(code), 1):
            source = code.changed(change)
            if _is_python(source):
                place = (change.node.lineno, code.scope(change.node))
                found.append(
                    Mutant(f"{module}:{name}:{number}", name, module, path, *place, change.what, original, source)
                )
    return found


def _is_python(source: str) -> bool:
    try:
        compile(source, "<mutant>", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


# -- what is left alone ------------------------------------------------------------------------------------------------


def _living(parent: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(parent):
        if not _is_dead(parent, child):
            yield child
            yield from _living(child)


def _is_dead(parent: ast.AST, child: ast.AST) -> bool:
    if isinstance(child, ast.Expr):
        return isinstance(child.value, ast.Constant) or _called(child.value).startswith("log.")
    if isinstance(child, ast.If):
        return ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
    if isinstance(child, ast.Assign):
        # A linter finds a name in it that is not there.
        return ast.unparse(child.targets[0]) == "__all__"
    if isinstance(child, ast.keyword):
        return _called(parent) in DECLARING and child.arg in ABOUT_TESTS
    if isinstance(parent, ast.Call):
        arguments = {**PROSE, **TO_TARGETS}.get(_called(parent), ())
        return any(child is argument for number, argument in enumerate(parent.args) if number in arguments)
    if isinstance(parent, ast.Raise):
        return True
    annotations = (getattr(parent, name, None) for name in ("annotation", "returns"))
    # The parts of a formatted text do not know their places.
    return isinstance(parent, ast.JoinedStr) or any(child is annotation for annotation in annotations)


def _called(node: ast.AST) -> str:
    """What a call calls; empty where the node is none."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


# -- the operators -----------------------------------------------------------------------------------------------------


@operator
def statement_deleted(code: Code) -> Iterator[Change]:
    """A call, a change of an object, or a way out of a function or loop does not happen."""
    for node in code.nodes(ast.stmt):
        is_call = isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Await))
        is_way_out = isinstance(node, (ast.Raise, ast.Break)) or isinstance(node, ast.Return) and node.value is None
        if is_call or is_way_out or isinstance(node, (ast.AugAssign, ast.Delete)) or _is_change_of_an_object(node):
            yield code.replacing(node, "pass", f"{_short(code.text(node))} is left out")


def _is_change_of_an_object(node: ast.AST) -> bool:
    kinds = (ast.Attribute, ast.Subscript)
    return isinstance(node, ast.Assign) and all(isinstance(target, kinds) for target in node.targets)


@operator
def constant_changed(code: Code) -> Iterator[Change]:
    """A text is a longer one, a number 0, and the other way round what was True; None stays."""
    for node in code.nodes(ast.Constant):
        new = _other(node.value)
        if new is not None:
            yield code.replacing(node, repr(new), f"{_short(repr(node.value))} is {_short(repr(new))}")


def _other(value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        # Not one more: of a bound that is there for safety nobody could tell.
        return 1 if value == 0 else 0
    if isinstance(value, str):
        # A letter: the name of an encoding, among others, may end in any sign.
        return f"{value}z"
    return value + b"z" if isinstance(value, bytes) else None


@operator
def condition_negated(code: Code) -> Iterator[Change]:
    """What is done under a condition is done where it does not hold."""
    tests = [node.test for node in code.nodes(ast.If, ast.IfExp, ast.While, ast.Assert)]
    tests += [test for node in code.nodes(ast.comprehension) for test in node.ifs]
    negations = [node for node in code.nodes(ast.UnaryOp) if isinstance(node.op, ast.Not) and node not in tests]
    for node in tests + negations:
        if isinstance(node, ast.Constant):
            continue
        is_negation = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        new = f"({code.text(node.operand)})" if is_negation else f"(not ({code.text(node)}))"
        yield code.replacing(node, new, f"{_short(code.text(node))} is negated")


@operator
def operand_dropped(code: Code) -> Iterator[Change]:
    """One part of an ``and`` or ``or`` does not count."""
    for node in code.nodes(ast.BoolOp):
        word = " and " if isinstance(node.op, ast.And) else " or "
        for dropped in node.values:
            kept = word.join(f"({code.text(value)})" for value in node.values if value is not dropped)
            yield code.replacing(node, f"({kept})", f"{_short(code.text(dropped))} does not count")


COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "is": "is not", "is not": "is"}
COMPARISONS |= {"in": "not in", "not in": "in"}


@operator
def comparison_changed(code: Code) -> Iterator[Change]:
    """A bound is one further or nearer; what is compared for equality, identity or membership is for the opposite."""
    tests = {node.test for node in code.nodes(ast.If, ast.IfExp, ast.While, ast.Assert)}
    for node in code.nodes(ast.Compare):
        start, end = code.place(node.left)[1], code.place(node.comparators[0])[0]
        word = code.between(start, end).strip(" \n()")
        # A whole condition is negated already.
        if len(node.ops) == 1 and word in COMPARISONS and (word[0] in "<>" or node not in tests):
            new = code.between(start, end).replace(word, COMPARISONS[word], 1)
            yield Change(node, f"{word} is {COMPARISONS[word]}", ((start, end, new),))


@operator
def value_not_returned(code: Code) -> Iterator[Change]:
    """A function returns None; one that returns a constant returns another already."""
    for node in code.nodes(ast.Return):
        if node.value is not None and not isinstance(node.value, ast.Constant):
            yield code.replacing(node, "return None", f"{_short(code.text(node.value))} is not returned")


@operator
def block_never_left(code: Code) -> Iterator[Change]:
    """What ``with`` does at the end of its block does not happen: no span is finished, nothing is shielded."""
    for node in code.nodes(ast.With, ast.AsyncWith):
        enter = "{}.__enter__()" if isinstance(node, ast.With) else "await {}.__aenter__()"
        entered = []
        for item in node.items:
            name = f"{code.text(item.optional_vars)} := " if item.optional_vars else ""
            entered.append(f"({name}{enter.format(code.text(item.context_expr))})")
        start, end = code.place(node)[0], code.place(node.body[0])[0]
        rest = re.search(r":[^:]*$", code.between(start, end)).group()
        text = f"if [{', '.join(entered)}]{rest}"
        yield Change(
            node, f"the block of {_short(code.text(node.items[0].context_expr))} has no end", ((start, end, text),)
        )


@operator
def end_left_out(code: Code) -> Iterator[Change]:
    """What ``finally`` does is not done."""
    for node in code.nodes(ast.Try):
        if node.finalbody:
            start, end = code.place(node.finalbody[0])[0], code.place(node.finalbody[-1])[1]
            what = f"{_short(code.text(*node.finalbody))} is left out"
            yield Change(node.finalbody[0], what, ((start, end, "pass"),))


@operator
def exception_not_handled(code: Code) -> Iterator[Change]:
    """An exception which is caught goes on."""
    for node in code.nodes(ast.ExceptHandler):
        start, end = code.place(node.body[0])[0], code.place(node.body[-1])[1]
        if code.between(start, end) != "raise":
            yield Change(node, f"{_short(code.text(node.type))} is not caught", ((start, end, "raise"),))


@operator
def keyword_left_out(code: Code) -> Iterator[Change]:
    """A call is made without one of its keywords."""
    for node in code.nodes(ast.keyword):
        if node.arg is not None:
            start, end = code.place(node)
            comma = re.match(r"\s*,\s*", code.after(node))
            end += len(comma.group().encode()) if comma else 0
            yield Change(node, f"{_short(code.text(node))} is left out", ((start, end, ""),))


@operator
def made_synchronous(code: Code) -> Iterator[Change]:
    """A coroutine function is a plain one, which waits for nothing."""
    for node in code.nodes(ast.AsyncFunctionDef):
        start, _ = code.place(node)
        awaits = [code.place(each)[0] for each in ast.walk(node) if isinstance(each, ast.Await)]
        words = [(start, start + len("async "), ""), *((place, place + len("await "), "") for place in awaits)]
        yield Change(node, f"{node.name} does not wait for what it calls", tuple(words))


@operator
def appended_twice(code: Code) -> Iterator[Change]:
    """What is appended to a list, such as a header, is so twice."""
    for node in code.nodes(ast.Expr):
        if _called(node.value).endswith((".append", ".extend", ".insert")):
            text = code.text(node)
            yield code.replacing(node, f"{text}; {text}", f"{_short(text)} happens twice")


@operator
def wrong_parent(code: Code) -> Iterator[Change]:
    """A span is the child of one that does not exist."""
    for node in code.nodes(ast.Call):
        if _called(node) in STARTS_OF_SPANS:
            start, end = code.place(node.func)
            text = f"__import__({'testkit.mutation.targets'!r}, fromlist=['*']).orphaned({code.text(node.func)})"
            yield Change(node, "the span has a parent that does not exist", ((start, end, text),))


def _short(text: str, longest: int = 60) -> str:
    """A text in one line of bounded length."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[:longest]}..."
