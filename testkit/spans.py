"""Finished spans as a test sees them: found by what they say, shown as a tree.

A container never changes; it may hold any number of traces, in the order in which they arrived.
"""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from ddtrace.span import Span

UNSET: Any = object()


class SpanContainer:
    """Finished spans in order of arrival, with the trees that they form."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans = list(spans)
        known = {(span.trace_id, span.span_id) for span in self._spans}
        self._children: dict[tuple[int, int], list[Span]] = {}
        self._roots: list[Span] = []
        for span in self._spans:
            parent = (span.trace_id, span.parent_id or 0)
            siblings = self._children.setdefault(parent, []) if parent in known else self._roots
            siblings.append(span)
        for siblings in self._children.values():
            siblings.sort(key=lambda span: span.start_ns)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    @overload
    def __getitem__(self, index: int) -> Span: ...

    @overload
    def __getitem__(self, index: slice) -> SpanContainer: ...

    def __getitem__(self, index: int | slice) -> Span | SpanContainer:
        found = self._spans[index]
        return SpanContainer(found) if isinstance(index, slice) else found

    def __repr__(self) -> str:
        return f"<SpanContainer of {len(self)} spans in {len(self.traces)} traces>"

    @property
    def traces(self) -> list[SpanContainer]:
        """One container a trace id, in order of arrival."""
        grouped: dict[int, list[Span]] = {}
        for span in self._spans:
            grouped.setdefault(span.trace_id, []).append(span)
        return [SpanContainer(trace) for trace in grouped.values()]

    @property
    def roots(self) -> list[Span]:
        """The spans whose parent is not here: it does not exist, or is in another process."""
        return list(self._roots)

    @property
    def root(self) -> Span:
        """The only root; AssertionError when there is none, or more than one."""
        if len(self._roots) != 1:
            raise AssertionError(
                f"expected one root span, found {len(self._roots)}; look at `roots`, or take one "
                f"of `traces`. All spans:\n{self.as_tree()}"
            )
        return self._roots[0]

    def children_of(self, span: Span) -> list[Span]:
        """The direct children of a span, by start time."""
        return list(self._children.get((span.trace_id, span.span_id), ()))

    def find_all(self, name: str | None = None, **wanted: Any) -> SpanContainer:
        """The spans which are as wanted, perhaps none; takes what `find` takes."""
        criteria = _criteria(name, **wanted)
        return SpanContainer(span for span in self if not _differences(span, criteria))

    def find(
        self,
        name: str | None = None,
        *,
        service: str | None = UNSET,
        resource: str | None = UNSET,
        span_type: str | None = UNSET,
        error: bool | int = UNSET,
        tags: Mapping[str, str | None] = UNSET,
        metrics: Mapping[str, float | None] = UNSET,
    ) -> Span:
        """The only span which is as wanted; AssertionError with the closest one otherwise.

        `tags` and `metrics` name those that matter; None as a value says that it must be absent.
        """
        wanted = dict(service=service, resource=resource, span_type=span_type, error=error)
        criteria = _criteria(name, **wanted, tags=tags, metrics=metrics)
        differences = [(span, _differences(span, criteria)) for span in self]
        found = [span for span, different in differences if not different]
        if len(found) == 1:
            return found[0]
        asked = ", ".join(f"{key}={value!r}" for key, value in criteria.items()) or "anything"
        raise AssertionError(f"{_explain(asked, len(found), differences)}. All spans:\n{self.as_tree()}")

    def as_tree(self) -> str:
        """One line a span, below its parent; an empty line between traces."""
        return "\n\n".join("\n".join(trace._tree_lines()) for trace in self.traces) or "(no spans)"

    def assert_tree(self, expected: str) -> None:
        """AssertionError with a diff unless `as_tree()` is the text; its indentation is free."""
        stated = textwrap.dedent(expected).strip("\n").rstrip().splitlines()
        found = self.as_tree().splitlines()
        if stated != found:
            diff = "\n".join(difflib.ndiff(stated, found))
            raise AssertionError(f"the span tree differs (- expected, + found):\n{diff}")

    def _tree_lines(self) -> Iterator[str]:
        pending = [(span, 0) for span in reversed(self._roots)]
        while pending:
            span, depth = pending.pop()
            yield "  " * depth + describe(span)
            pending.extend((child, depth + 1) for child in reversed(self.children_of(span)))


def describe(span: Span) -> str:
    """One line: name, resource, service, type, and whether it is an error."""
    words = [span.name]
    if span.resource != span.name:
        words.append(repr(span.resource))
    if span.service is not None:
        words.append(f"service={span.service}")
    if span.span_type is not None:
        words.append(f"type={span.span_type}")
    if span.error:
        words.append("error")
    return " ".join(words)


def _criteria(
    name: str | None,
    *,
    tags: Mapping[str, str | None] = UNSET,
    metrics: Mapping[str, float | None] = UNSET,
    **fields: Any,
) -> dict[str, Any]:
    unknown = fields.keys() - {"service", "resource", "span_type", "error"}
    if unknown:
        raise TypeError(f"spans are not found by {', '.join(sorted(unknown))}; see `find`")
    criteria = {} if name is None else {"name": name}
    criteria |= {key: value for key, value in fields.items() if value is not UNSET}
    for kind, wanted in (("tags", tags), ("metrics", metrics)):
        if wanted is not UNSET:
            criteria |= {f"{kind}[{key!r}]": value for key, value in wanted.items()}
    return criteria


def _differences(span: Span, criteria: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Criterion -> (wanted, found), for those which the span does not meet."""
    found = {f"tags[{key!r}]": value for key, value in span.get_tags().items()}
    found |= {f"metrics[{key!r}]": value for key, value in span.get_metrics().items()}
    found |= dict(name=span.name, service=span.service, resource=span.resource)
    found |= dict(span_type=span.span_type, error=span.error)
    return {key: (value, found.get(key)) for key, value in criteria.items() if found.get(key) != value}


def _explain(asked: str, count: int, differences: list[tuple[Span, dict[str, tuple[Any, Any]]]]) -> str:
    if count:
        return f"{count} spans with {asked}, expected one; ask for more, or use `find_all`"
    if not differences:
        return f"no span with {asked}; nothing was traced"
    near, different = min(differences, key=lambda pair: ("name" in pair[1], len(pair[1])))
    detail = ", ".join(f"{key} (wanted {wanted!r}, found {found!r})" for key, (wanted, found) in different.items())
    return f"no span with {asked}; closest is {describe(near)}, which differs in {detail}"
