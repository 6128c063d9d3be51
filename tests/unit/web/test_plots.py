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
    plot = plots.draw(WORDS, ["a", "b", "c"], [Series("up", "a", [0, 5, 10])])

    points = [tuple(map(float, point.split(","))) for point in plot.lines[0].points.split()]
    left = plot.frame.left
    assert [x for x, _ in points] == [left, (left + plot.right) / 2, plot.right]
    assert all(0 <= y <= plot.frame.height for _, y in points)
    assert points[0][1] > points[2][1]


def test_an_empty_day_has_no_bar() -> None:
    plot = plots.draw(WORDS, ["a", "b"], [Series("time", "bar", [0, 3])])

    assert len(plot.bars) == 1


def test_the_table_holds_every_value() -> None:
    series = [Series("up", "a", [1, 2]), Series("down", "b", [3, 4])]

    plot = plots.draw(WORDS, ["mon", "tue"], series)

    assert plot.table_head == ["Day", "up", "down"]
    assert plot.table_rows == [["mon", "1", "3"], ["tue", "2", "4"]]


def test_nothing_to_draw_is_drawn_as_nothing() -> None:
    plot = plots.draw(WORDS, [], [Series("up", "a", [])])

    assert plot.lines == []
    assert plot.x_ticks == []


def test_coordinates_are_read_by_svg_in_every_language() -> None:
    with translation.override("fr"):
        plot = plots.draw(WORDS, ["a", "b", "c"], [Series("time", "bar", [1, 2, 3])])

    written = [bar.x + bar.y + bar.width + bar.height for bar in plot.bars]
    assert not any("," in text for text in written)


def test_an_axis_counts_in_whole_numbers() -> None:
    plot = plots.draw(WORDS, ["a", "b"], [Series("up", "a", [0, 3])])

    assert [tick.label for tick in plot.y_ticks] == ["0", "1", "2", "3"]


def test_nothing_yet_has_an_axis_from_nought_to_one() -> None:
    plot = plots.draw(WORDS, ["a", "b"], [Series("up", "a", [0, 0])])

    assert [tick.label for tick in plot.y_ticks] == ["0", "1"]


def test_a_line_stops_where_nobody_counted() -> None:
    series = Series("up", "a", [1, 2, None, 4, None])

    plot = plots.draw(WORDS, ["a", "b", "c", "d", "e"], [series])

    assert [len(line.points.split()) for line in plot.lines] == [2, 2]
    first, second = plot.lines[1].points.split()
    assert first == second
    assert [row[1] for row in plot.table_rows] == ["1", "2", "–", "4", "–"]


def test_one_series_needs_no_key_and_two_do() -> None:
    up, done = Series("up", "a", [1]), Series("done", "bar", [1])

    assert plots.draw(WORDS, ["a"], [up]).keys == ()
    assert plots.draw(WORDS, ["a"], [up, done]).keys == [up, done]


def test_bars_and_lines_share_their_places() -> None:
    plot = plots.draw(
        WORDS, ["a", "b"], [Series("up", "a", [1, 1]), Series("done", "bar", [1, 1])], plots.SPARK
    )

    xs = [float(point.split(",")[0]) for point in plot.lines[0].points.split()]
    middles = [float(bar.x) + float(bar.width) / 2 for bar in plot.bars]
    assert xs == pytest.approx(middles, abs=0.2)


def test_the_words_under_a_plot_stand_apart() -> None:
    hours = [f"mon {hour:02}:00" for hour in range(49)]
    series = Series("up", "a", [1] * len(hours))

    far, near = (plots.draw(WORDS, labels, [series]) for labels in (["1"] * 49, hours))

    assert len(far.x_ticks) == len(near.x_ticks) + 1 == 5
    assert near.x_ticks[-1].label == hours[-1]
