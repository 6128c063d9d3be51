"""Plots as plain values that `c-plot` draws: lines, bars, ticks and the table behind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_WIDTH: Final = 400
_HEIGHT: Final = 190
_LEFT: Final = 58
_RIGHT: Final = 8
_TOP: Final = 10
_BOTTOM: Final = 24
_STEPS: Final = 4
_X_TICKS: Final = 4
_BAR_SHARE: Final = 0.7
_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across, or a word under the plot."""

    at: str
    label: str
    text_at: str = "0"
    anchor: str = "middle"
    is_base: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One series as an SVG `points` attribute; `tone` is a class of the style sheet."""

    label: str
    tone: str
    points: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Series:
    """What to draw: a name and one number for each x label."""

    label: str
    tone: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Words:
    """What to say: names of the plot, of its x axis, and how a number is written."""

    name: str
    title: str
    description: str
    x_head: str
    write: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything `c-plot` needs, in SVG units."""

    name: str
    title: str
    description: str
    lines: Sequence[Line]
    bars: Sequence[Bar]
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    table_head: Sequence[str]
    table_rows: Sequence[Sequence[str]]
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    right: int = _WIDTH - _RIGHT
    text_left: int = _LEFT - 8
    text_bottom: int = _HEIGHT - 6


def nice_top(largest: float) -> float:
    """Return the smallest 1, 2, 2.5, 5 × 10ⁿ that is not below `largest`; 1 for nothing."""
    if largest <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= largest:
        power *= 10
    return next(step * power for step in _NICE if step * power >= largest)


def line_plot(words: Words, labels: Sequence[str], series: Sequence[Series]) -> Plot:
    """Draw one line for each series over the same x labels."""
    top = nice_top(max((max(one.values, default=0) for one in series), default=0))
    xs = _spread(len(labels))
    lines = [
        Line(
            one.label,
            one.tone,
            " ".join(
                f"{_svg(x)},{_svg(_y(value, top))}" for x, value in zip(xs, one.values, strict=True)
            ),
        )
        for one in series
    ]
    return _plot(words, labels, series, (lines, [], xs, top))


def bar_plot(words: Words, labels: Sequence[str], series: Series) -> Plot:
    """Draw one bar for each x label."""
    top = nice_top(max(series.values, default=0))
    slot = (_WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    xs = [_LEFT + slot * (index + 0.5) for index in range(len(labels))]
    bars = [
        Bar(
            _svg(x - slot * _BAR_SHARE / 2),
            _svg(_y(value, top)),
            _svg(slot * _BAR_SHARE),
            _svg(_y(0, top) - _y(value, top)),
        )
        for x, value in zip(xs, series.values, strict=True)
        if value > 0
    ]
    return _plot(words, labels, [series], ([], bars, xs, top))


def _plot(
    words: Words,
    labels: Sequence[str],
    series: Sequence[Series],
    drawn: tuple[list[Line], list[Bar], list[float], float],
) -> Plot:
    lines, bars, xs, top = drawn
    return Plot(
        name=words.name,
        title=words.title,
        description=words.description,
        lines=lines,
        bars=bars,
        x_ticks=_x_ticks(labels, xs),
        y_ticks=_y_ticks(top, words.write),
        table_head=[words.x_head, *(one.label for one in series)],
        table_rows=[
            [label, *(words.write(one.values[index]) for one in series)]
            for index, label in enumerate(labels)
        ],
    )


def _svg(number: float) -> str:
    # Text, because templates write a float in the reader's form, which SVG does not read.
    return f"{number:.1f}"


def _spread(count: int) -> list[float]:
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, count - 1)
    return [_LEFT + step * index for index in range(count)]


def _y(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _BOTTOM - _TOP)


def _y_ticks(top: float, write: Callable[[float], str]) -> list[Tick]:
    values = [top * step / _STEPS for step in range(_STEPS + 1)]
    return [
        Tick(
            at=_svg(_y(value, top)),
            label=write(value),
            text_at=_svg(_y(value, top) + 4),
            is_base=not index,
        )
        for index, value in enumerate(values)
    ]


def _x_ticks(labels: Sequence[str], xs: Sequence[float]) -> list[Tick]:
    if not labels:
        return []
    last = len(labels) - 1
    chosen = sorted({round(last * step / _X_TICKS) for step in range(_X_TICKS + 1)})
    return [
        Tick(
            at=_svg(xs[index]),
            label=labels[index],
            anchor="end" if index == last and last else "middle",
        )
        for index in chosen
    ]
