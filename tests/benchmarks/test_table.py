"""Figures to tables."""

import pytest

from benchmarks.figures import Figure
from benchmarks.rows import Row, Work
from benchmarks.table import cell, markdown_table, noise_table, results_table
from benchmarks.targets import Ahead, AtMost

ROW = Row("c", "c. spans", Work("ten_spans"), "us", targets=(Ahead(4), AtMost(1)))


def cells_of(table, line):
    return [text.strip() for text in table.splitlines()[line].strip("|").split("|")]


def test_a_line_has_figures_ratios_and_verdicts():
    """Ours is plain, each peer has its ratio, the best is bold, and each target has its verdict."""
    figures = {"c. spans": {"ours": Figure(2000), "dd1": Figure(9000), "otel": Figure(8000)}}

    table = results_table([ROW], figures, ["ours", "dd1", "otel"])

    assert cells_of(table, 0) == ["row", "ours", "dd1", "otel", "target", "reached"]
    assert cells_of(table, 2) == [
        "c. spans",
        "2.00 us",
        "9.00 us (4.50x)",
        "**8.00 us (4.00x)**",
        "4x best; at most 1",
        "yes; no",
    ]


def test_who_has_no_figure_says_why():
    """The reason stands in the figure's place, and the target is open."""
    figures = {"c. spans": {"ours": Figure(absent="no integration yet"), "dd1": Figure(9000)}}

    table = results_table([ROW], figures, ["ours", "dd1"])

    assert cells_of(table, 2)[1:] == ["no integration yet", "**9.00 us**", "4x best; at most 1", "-; -"]


def test_who_does_not_take_part_has_an_empty_cell():
    """Some rows are ours alone."""
    table = results_table([ROW], {"c. spans": {"ours": Figure(2000)}}, ["ours", "dd1"])

    assert cells_of(table, 2)[1:3] == ["2.00 us", ""]


def test_noise_is_reported():
    """How far rounds lie apart, and how many repeats were thrown away of how many."""
    figures = {
        "c. spans": {"ours": Figure(2000, spread=0.031, repeats=18, thrown_away=2), "dd1": Figure(absent="none")}
    }

    table = noise_table([ROW], figures, ["ours", "dd1"])

    assert cells_of(table, 2) == ["c. spans", "3%, 2 of 18", ""]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (4_231, "us", "4.23 us"),
        (42_310, "us", "42.3 us"),
        (423_100, "us", "423 us"),
        (73_000_000, "ms", "73.0 ms"),
        (1_400, "ns", "1,400 ns"),
        (750, "B", "750 B"),
        (1.3, "", "1.30"),
    ],
)
def test_values_are_rounded_in_their_unit(value, unit, text):
    """Times are measured in nanoseconds and shown in the row's unit, with three digits."""
    assert cell(Figure(value), unit) == text


def test_cells_stand_below_one_another():
    """The source of a table can be read: columns have one width, numbers stand to the right."""
    assert markdown_table(["row", "ours"], [["a", "10 ns"], ["import", "1 ms"]]).splitlines() == [
        "| row    |  ours |",
        "|--------|------:|",
        "| a      | 10 ns |",
        "| import |  1 ms |",
    ]
