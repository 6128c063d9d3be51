"""Plots as plain values that `c-plot` draws: lines, bars, ticks and the table behind them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_BAR_SHARE: Final = 0.7
_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_BAR: Final = "bar"
_PAIR: Final = 2
# How wide a character of the ticks is at most, in SVG units.
_CHARACTER: Final = 6.2


@dataclass(frozen=True, slots=True)
class Frame:
    """The paper of a plot in SVG units, its margins, and into how many parts its axes are cut."""

    width: int
    height: int
    left: int
    right: int = 8
    top: int = 10
    bottom: int = 24
    y_parts: int = 4
    x_parts: int = 4


WIDE: Final = Frame(400, 190, left=58)
# For a narrow card: a spark line with both ends of its axes named.
SPARK: Final = Frame(280, 92, left=26, right=4, top=8, bottom=20, y_parts=1, x_parts=1)


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
    """One stretch of a series as an SVG `points` attribute; `tone` is a class of the styles."""

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
    """What to draw: a name and one number for each x label, None where nobody counted.

    Tone `bar` draws bars, any other a line.
    """

    label: str
    tone: str
    values: Sequence[float | None]

    @property
    def largest(self) -> float:
        """The largest number, 0 for none."""
        return max((value for value in self.values if value is not None), default=0)


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
    """Everything `c-plot` needs, in SVG units; `keys` are the series to tell apart."""

    name: str
    title: str
    description: str
    keys: Sequence[Series]
    lines: Sequence[Line]
    bars: Sequence[Bar]
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    table_head: Sequence[str]
    table_rows: Sequence[Sequence[str]]
    frame: Frame

    @property
    def right(self) -> int:
        """Where the drawing ends."""
        return self.frame.width - self.frame.right

    @property
    def text_left(self) -> int:
        """Where the words of the y axis end."""
        return self.frame.left - 8

    @property
    def text_bottom(self) -> int:
        """Where the words of the x axis stand."""
        return self.frame.height - 6


def nice_top(largest: float) -> float:
    """Return the smallest 1, 2, 2.5, 5 × 10ⁿ that is not below `largest`; 1 for nothing."""
    if largest <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= largest:
        power *= 10
    return next(step * power for step in _NICE if step * power >= largest)


def draw(
    words: Words, labels: Sequence[str], series: Sequence[Series], frame: Frame = WIDE
) -> Plot:
    """Draw the series over the same x labels, on one y axis of whole numbers."""
    largest = max((one.largest for one in series), default=0)
    step = math.ceil(nice_top(largest / frame.y_parts))
    y_values = [step * part for part in range(max(1, math.ceil(largest / step)) + 1)]
    has_bars = any(one.tone == _BAR for one in series)
    paper = _Paper(frame, len(labels), y_values[-1], has_slots=has_bars)
    return Plot(
        name=words.name,
        title=words.title,
        description=words.description,
        keys=series if len(series) > 1 else (),
        lines=[line for one in series if one.tone != _BAR for line in paper.lines(one)],
        bars=[bar for one in series if one.tone == _BAR for bar in paper.bars(one)],
        x_ticks=paper.x_ticks(labels),
        y_ticks=[paper.y_tick(value, words.write(value)) for value in y_values],
        table_head=[words.x_head, *(one.label for one in series)],
        table_rows=[
            [label, *(_cell(one.values[index], words.write) for one in series)]
            for index, label in enumerate(labels)
        ],
        frame=frame,
    )


@dataclass(frozen=True, slots=True)
class _Paper:
    """Where things stand: `count` places across, up to `top`; bars need places with room."""

    frame: Frame
    count: int
    top: float
    has_slots: bool

    @property
    def _slot(self) -> float:
        across = self.frame.width - self.frame.left - self.frame.right
        return across / max(1, self.count if self.has_slots else self.count - 1)

    def _x(self, index: int) -> float:
        return self.frame.left + self._slot * (index + 0.5 * self.has_slots)

    def _y(self, value: float) -> float:
        down = self.frame.height - self.frame.bottom
        return down - value / self.top * (down - self.frame.top)

    def lines(self, series: Series) -> list[Line]:
        """Draw a line for each stretch without gaps; a lone value is a dot."""
        stretches: list[list[str]] = [[]]
        for index, value in enumerate(series.values):
            if value is None:
                stretches.append([])
            else:
                stretches[-1].append(f"{_svg(self._x(index))},{_svg(self._y(value))}")
        return [
            Line(series.label, series.tone, " ".join(points if points[1:] else points * 2))
            for points in stretches
            if points
        ]

    def bars(self, series: Series) -> list[Bar]:
        """Draw a bar for each value above zero."""
        width = self._slot * _BAR_SHARE
        return [
            Bar(
                _svg(self._x(index) - width / 2),
                _svg(self._y(value)),
                _svg(width),
                _svg(self._y(0) - self._y(value)),
            )
            for index, value in enumerate(series.values)
            if value
        ]

    def y_tick(self, value: float, label: str) -> Tick:
        """Draw a line across at a value."""
        at = self._y(value)
        return Tick(at=_svg(at), label=label, text_at=_svg(at + 4), is_base=not value)

    def x_ticks(self, labels: Sequence[str]) -> list[Tick]:
        """Name a few of the places, the first and the last among them."""
        if not labels:
            return []
        last, parts = self.count - 1, self.frame.x_parts
        chosen = sorted({round(last * part / parts) for part in range(parts + 1)})
        ticks = [
            Tick(
                at=_svg(self._x(index)),
                label=labels[index],
                anchor="end" if index == last and last else "middle",
            )
            for index in chosen
        ]
        return ticks[:-2] + ticks[-1:] if _touch(ticks[-2:]) else ticks


def _touch(ticks: Sequence[Tick]) -> bool:
    """Whether the words of the last tick, which end where it stands, reach into those before."""
    if len(ticks) < _PAIR:
        return False
    before, last = ticks
    words = len(before.label) / 2 + len(last.label)
    return float(last.at) - float(before.at) < (words + 1) * _CHARACTER


def _cell(value: float | None, write: Callable[[float], str]) -> str:
    return "–" if value is None else write(value)


def _svg(number: float) -> str:
    # Text, because templates write a float in the reader's form, which SVG does not read.
    return f"{number:.1f}"
