import random

import pytest

from testkit.snapshots import sequence
from testkit.snapshots.sequence import common_subsequence, longest_rising


def longest_by_table(left, right):
    """The length of a longest common subsequence, by the textbook's table."""
    row = [0] * (len(right) + 1)
    for item in left:
        before = row
        row = [0]
        for j, other in enumerate(right):
            row.append(before[j] + 1 if item == other else max(row[j], before[j + 1]))
    return row[-1]


@pytest.mark.parametrize("seed", range(50))
def test_common_subsequence_is_a_longest_one(seed):
    """Items are equal, places rise, and no other subsequence is longer."""
    chance = random.Random(seed)
    left, right = ([chance.choice("abc") for _ in range(chance.randint(0, 12))] for _ in "12")

    found = common_subsequence(left, right)

    assert [left[i] for i, _ in found] == [right[j] for _, j in found]
    assert all(a < c and b < d for (a, b), (c, d) in zip(found, found[1:], strict=False))
    assert len(found) == longest_by_table(left, right)


def test_too_many_edits_still_give_an_order(monkeypatch):
    """Past the bound a common subsequence is found that need not be a longest one."""
    monkeypatch.setattr(sequence, "_EDITS", 1)

    assert common_subsequence("xaby", "abpq") == [(1, 0), (2, 1)]


@pytest.mark.parametrize(
    ("numbers", "kept"), [([], []), ([3, 1, 2], [1, 2]), ([2, 2], [1]), ([5, 1, 6, 2, 3], [1, 3, 4])]
)
def test_longest_rising(numbers, kept):
    """The places of a longest rising subsequence."""
    assert longest_rising(numbers) == kept
