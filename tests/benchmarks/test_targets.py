"""What is to be reached, and whether it is."""

import pytest

from benchmarks.figures import Figure
from benchmarks.targets import FLAT, Ahead, AtMost, Flat

PEERS = {"dd1": Figure(30), "otel": Figure(20), "sentry": Figure()}


@pytest.mark.parametrize(("ours", "is_reached"), [(5, True), (5.01, False)])
def test_a_ratio_to_the_best_peer(ours, is_reached):
    """Four times is judged against whoever costs least."""
    assert Ahead(4).is_reached(Figure(ours), PEERS, {}) is is_reached


@pytest.mark.parametrize(("ours", "is_reached"), [(12, True), (12.01, False)])
def test_a_ratio_to_one_peer(ours, is_reached):
    """A named peer is the one that counts."""
    assert Ahead(2.5, "dd1").is_reached(Figure(ours), PEERS, {}) is is_reached


@pytest.mark.parametrize("peer", ["sentry", "dd4"])
def test_nothing_is_reached_without_the_peer(peer):
    """A peer that has no figure, or that does not take part, decides nothing."""
    assert Ahead(1, peer).is_reached(Figure(1), PEERS, {}) is None


@pytest.mark.parametrize("target", [Ahead(), AtMost(750), Flat("first")])
def test_nothing_is_reached_without_a_figure_of_ours(target):
    """What was not measured is neither reached nor missed."""
    assert target.is_reached(Figure(absent="no integration yet"), PEERS, {"first": Figure(1)}) is None


@pytest.mark.parametrize(("ours", "is_reached"), [(750, True), (751, False)])
def test_a_limit(ours, is_reached):
    """A limit needs no peer."""
    assert AtMost(750).is_reached(Figure(ours), {}, {}) is is_reached


@pytest.mark.parametrize(("ours", "is_reached"), [(FLAT, True), (FLAT + 0.01, False)])
def test_flat_is_judged_by_another_row_of_ours(ours, is_reached):
    """A row is flat when it costs about what the named one does."""
    assert Flat("flat: first").is_reached(Figure(ours), PEERS, {"flat: first": Figure(1)}) is is_reached


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (Ahead(), "ahead of all"),
        (Ahead(1, "otel"), "ahead of otel"),
        (Ahead(4), "4x best"),
        (Ahead(2.5, "dd1"), "2.5x dd1"),
        (AtMost(750), "at most 750"),
        (Flat("flat: of 10"), f"at most {FLAT}x of 10"),
    ],
)
def test_a_target_says_what_it_wants(target, text):
    """The table shows the target in a few words."""
    assert str(target) == text
