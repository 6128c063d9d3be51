"""Plots stay inside their frame and say the same as their table."""

import pytest
from django.utils import translation

from bottin.web import plots
from bottin.web.plots import Series, Words

WORDS = Words("w", "Title", "Description", "Day", lambda value: f"{value:.0f}")


@pytest.mark.parametrize(
    ("largest", "top"), [(0, 1), (1, 1), (1.2, 2), (2.1, 2.5), (30, 50), (99, 100), (101, 200)]
)
def test_an_axis_ends_on_a_round_number(largest: float, top: float) -> None:
    assert plots.nice_top(largest) == top


def test_lines_stay_inside_the_frame() -> None:
    plot = plots.line_plot(WORDS, ["a", "b", "c"], [Series("up", "a", [0, 5, 10])])

    points = [tuple(map(float, point.split(","))) for point in plot.lines[0].points.split()]
    assert [x for x, _ in points] == [plot.left, (plot.left + plot.right) / 2, plot.right]
    assert all(0 <= y <= plot.height for _, y in points)
    assert points[0][1] > points[2][1]


def test_an_empty_day_has_no_bar() -> None:
    plot = plots.bar_plot(WORDS, ["a", "b"], Series("time", "bar", [0, 3]))

    assert len(plot.bars) == 1


def test_the_table_holds_every_value() -> None:
    series = [Series("up", "a", [1, 2]), Series("down", "b", [3, 4])]

    plot = plots.line_plot(WORDS, ["mon", "tue"], series)

    assert plot.table_head == ["Day", "up", "down"]
    assert plot.table_rows == [["mon", "1", "3"], ["tue", "2", "4"]]


def test_nothing_to_draw_is_drawn_as_nothing() -> None:
    plot = plots.line_plot(WORDS, [], [Series("up", "a", [])])

    assert plot.lines[0].points == ""
    assert plot.x_ticks == []


def test_coordinates_are_read_by_svg_in_every_language() -> None:
    with translation.override("fr"):
        plot = plots.bar_plot(WORDS, ["a", "b", "c"], Series("time", "bar", [1, 2, 3]))

    written = [bar.x + bar.y + bar.width + bar.height for bar in plot.bars]
    assert not any("," in text for text in written)
