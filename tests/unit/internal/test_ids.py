"""Random ids."""

import random

from ddtrace.internal.ids import RandomIds


def test_ids_are_positive_and_of_64_bits():
    """0 means none on the wire, and so is never drawn."""
    ids = [RandomIds().next_id() for _ in range(100)]

    assert all(0 < one < 2**64 for one in ids)
    assert max(ids) > 2**60


def test_ids_do_not_follow_the_application_s_seed():
    """A program that seeds ``random`` gets other ids in each run, and its own numbers are untouched."""
    drawn = []
    for _ in range(2):
        random.seed(7)
        drawn.append((RandomIds().next_id(), random.random()))

    assert drawn[0][0] != drawn[1][0]
    assert drawn[0][1] == drawn[1][1]


def test_each_source_is_seeded_apart():
    """Two tracers of one process draw different ids."""
    assert RandomIds().next_id() != RandomIds().next_id()
