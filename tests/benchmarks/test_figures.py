"""From repeats to figures."""

import pytest

from benchmarks.figures import Figure, Measurement, Repeat, Round, best, ratio


def repeats(*costs_and_spins):
    return [Repeat({"ns": cost}, (spin, spin)) for cost, spin in costs_and_spins]


def test_a_repeat_beside_a_slow_loop_is_thrown_away():
    """The least repeat does not count when the fixed loop beside it was more than a tenth slower than at its best."""
    found = Round(repeats((5, 100), (3, 111), (6, 109)))

    assert found.undisturbed == repeats((5, 100), (6, 109))
    assert found.minimum("ns") == 5


def test_one_slow_loop_of_the_two_is_enough():
    """A repeat is disturbed when the loop was slow on one side only."""
    fine, before, after = Repeat({}, (100, 100)), Repeat({}, (150, 100)), Repeat({}, (100, 150))

    assert Round([fine, before, after]).undisturbed == [fine]


def test_before_and_after_have_their_own_best():
    """A loop that is always slower after the work than before it shows no disturbance."""
    steady = [Repeat({}, (100, 130)), Repeat({}, (105, 140)), Repeat({}, (100, 144))]

    assert Round(steady).undisturbed == steady[:2]


def test_a_later_repeat_can_show_that_an_earlier_one_was_disturbed():
    """The loop's best time may come last; what is slow beside it is thrown away in hindsight."""
    found = Round(repeats((5, 120)))
    assert len(found.undisturbed) == 1

    found.repeats += repeats((7, 100))

    assert found.undisturbed == repeats((7, 100))


def test_without_an_undisturbed_repeat_all_count():
    """A process that was never left alone still has a figure, and all its repeats are reported as thrown away."""
    disturbed = [Repeat({"ns": 4}, (100, 200)), Repeat({"ns": 3}, (200, 100))]

    figure = Measurement(rounds=[Round(disturbed)]).figure("ns")

    assert (figure.value, figure.repeats, figure.thrown_away) == (3, 2, 2)


def test_a_figure_is_the_minimum_of_all_rounds():
    """The rounds' minima give the value, and how far they lie apart the spread."""
    measurement = Measurement(rounds=[Round(repeats((10, 1), (12, 1))), Round(repeats((11, 1)))])

    figure = measurement.figure("ns")

    assert figure.value == 10
    assert figure.spread == pytest.approx(0.1)


def test_untraced_calls_are_subtracted():
    """What tracing adds is the least traced call less the least untraced one; the repeats of both are counted."""
    measurement = Measurement(
        rounds=[Round(repeats((30, 1))), Round(repeats((32, 1)))],
        untraced=[Round(repeats((21, 1))), Round(repeats((20, 1)))],
    )

    figure = measurement.figure("ns")

    assert (figure.value, figure.repeats) == (10, 4)
    assert figure.spread == pytest.approx(0.2)


def test_what_is_absent_has_no_figure():
    """A contestant without the thing says why."""
    assert Measurement(absent="none").figure("ns") == Figure(absent="none")


def test_what_failed_has_no_figure():
    """Repeats before a failure do not make a figure."""
    assert Measurement(rounds=[Round(repeats((1, 1)))], failure="it broke").figure("ns") == Figure(absent="failed")


def test_a_ratio_says_how_many_times_as_much_a_peer_costs():
    """More than one: ours costs less."""
    assert ratio(Figure(30), Figure(10)) == 3


@pytest.mark.parametrize(
    ("peer", "ours"), [(Figure(), Figure(1)), (Figure(1), Figure()), (Figure(1), Figure(0)), (Figure(1), Figure(-1))]
)
def test_there_is_no_ratio_without_two_figures(peer, ours):
    """Neither a missing figure nor one that noise made negative is divided by."""
    assert ratio(peer, ours) is None


def test_the_best_costs_least():
    """Those without a figure do not take part."""
    assert best({"a": Figure(2), "b": Figure(1), "c": Figure()}) == "b"


def test_nobody_is_best_without_figures():
    """Where no contestant has a figure there is no best one."""
    assert best({"a": Figure()}) is None
