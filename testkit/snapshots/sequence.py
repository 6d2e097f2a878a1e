"""What two sequences have in common, in bounded time."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

# Insertions and removals that are looked for; time and memory grow with the square.
_EDITS = 1_000


def common_subsequence(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Places of equal items, rising on both sides.

    It is a longest one when few edits (Myers, 1986) lead from left to right; else a long one.
    """
    furthest: dict[int, int] = {1: 0}
    history = []
    for edits in range(min(_EDITS, len(left) + len(right)) + 1):
        history.append(furthest)
        furthest = (
            dict(furthest) if edits < 2 else {diagonal: furthest[diagonal] for diagonal in range(1 - edits, edits, 2)}
        )
        for diagonal in range(-edits, edits + 1, 2):
            i = _step(history[-1], diagonal)
            j = i - diagonal
            while i < len(left) and j < len(right) and left[i] == right[j]:
                i, j = i + 1, j + 1
            furthest[diagonal] = i
            if i >= len(left) and j >= len(right):
                return _retrace(history, len(left), len(right))
    return _by_occurrence(left, right)


def _step(furthest: dict[int, int], diagonal: int) -> int:
    """Where the best path with one edit more enters a diagonal."""
    insertion = furthest.get(diagonal + 1, -1)
    return max(insertion, furthest.get(diagonal - 1, -2) + 1)


def _retrace(history: list[dict[int, int]], i: int, j: int) -> list[tuple[int, int]]:
    found = []
    for furthest in reversed(history):
        entry = _step(furthest, i - j)
        while i > entry:
            i, j = i - 1, j - 1
            found.append((i, j))
        # The edit before the diagonal run: an insertion leaves i, a removal takes one from it.
        if furthest.get(i - j + 1, -1) == entry:
            j -= 1
        else:
            i -= 1
    return found[::-1]


def _by_occurrence(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Pair the first with the first of a kind, and so on, as far as that keeps the order."""
    places = {item: place for place, item in enumerate(_numbered(left))}
    found = [(places[item], j) for j, item in enumerate(_numbered(right)) if item in places]
    return [found[place] for place in longest_rising([i for i, _ in found])]


def _numbered(items: Sequence[Hashable]) -> Iterator[tuple[Hashable, int]]:
    counts: dict[Hashable, int] = defaultdict(int)
    for item in items:
        counts[item] += 1
        yield item, counts[item]


def longest_rising(numbers: list[int]) -> list[int]:
    """The places of a longest strictly rising subsequence."""
    tails: list[int] = []
    tail_places: list[int] = []
    previous: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(tails, number)
        previous.append(tail_places[length - 1] if length else -1)
        tails[length : length + 1] = [number]
        tail_places[length : length + 1] = [place]
    kept = []
    place = tail_places[-1] if tail_places else -1
    while place >= 0:
        kept.append(place)
        place = previous[place]
    return kept[::-1]
