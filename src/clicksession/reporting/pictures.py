"""Where the parts of a picture are: across in percent of its width, and down in pixels.

A picture so drawn takes any width, and its texts keep their size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import ClassVar

__all__ = ["HEIGHT", "Bar", "Chart", "Line", "Mark", "bars_of", "lines_of"]

#: The height of a picture, and where in it values stand.
HEIGHT, _TOP, _BOTTOM = 220, 44, 190
_WIDEST = 8
# The least width of a picture in pixels, of one that shows what is minor, and of a letter.
_NARROW, _WIDE, _LETTER = 220, 480, 7


@dataclass(frozen=True)
class Bar:
    """A bar: its left side and width in percent, its upper end and height in pixels."""

    left: float
    width: float
    top: float
    height: float
    title: str


@dataclass(frozen=True)
class Line:
    """A line across, with what its height stands for."""

    top: float
    label: str


@dataclass(frozen=True)
class Mark:
    """A place along the lower edge, or one that a line goes down at, with its name."""

    left: float
    label: str
    # On narrow screens there is room for few.
    is_minor: bool = False
    # Which end of the name is at the place; left out, the one by which it stays in the picture.
    side: str = ""
    # Of a line that is suggested, the name stands lower, clear of the name of the other.
    is_suggested: bool = False

    @property
    def top(self) -> int:
        """Where its line begins; its name stands right above."""
        return 36 if self.is_suggested else 20

    @property
    def anchor(self) -> str:
        """Which end of the text is at the place, so that it stays within the picture."""
        if self.side:
            return self.side
        narrowest = _NARROW if not self.is_minor else _WIDE
        half = len(self.label) * _LETTER / 2 / narrowest * 100
        if self.left < half:
            return "start"
        return "end" if self.left > 100 - half else "middle"


@dataclass(frozen=True)
class Chart:
    """Bars over an axis; the numbers of all of them stand in a table beside.

    Attributes
    ----------
    description
        What one sees, in words.
    lines
        Lines down, each with its name: timeouts.
    columns, rows
        The table.
    """

    description: str
    bars: Sequence[Bar]
    scale: Sequence[Line]
    ticks: Sequence[Mark]
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    lines: Sequence[Mark] = ()
    kind: ClassVar[str] = "chart"
    height: ClassVar[int] = HEIGHT
    bottom: ClassVar[int] = _BOTTOM


def bars_of(values: Sequence[tuple[float, float, int, str]]) -> list[Bar]:
    """Return a bar for each value: from where to where in percent, how many, and its title."""
    most = max((count for _, _, count, _ in values), default=0)
    return [
        _bar(left, right, count / _ceiling(most), title) for left, right, count, title in values
    ]


def lines_of(most: int) -> list[Line]:
    """Return the lines of a scale for values up to one."""
    top = _ceiling(most)
    values = [top] if top == 1 else [top // 2, top] if top % 2 == 0 else [top]
    return [Line(_height(value / top), _short(value)) for value in values]


def _short(value: int) -> str:
    """Return a number so short that it fits beside a picture.

    Examples
    --------
    >>> [_short(value) for value in (5, 800_000, 3_000_000)]
    ['5', '800,000', '3 M']
    """
    return f"{value:,}" if value < 1_000_000 else f"{value / 1_000_000:g} M"


def _bar(left: float, right: float, share: float, title: str) -> Bar:
    top = _height(share)
    # Something is seen where there is something.
    top = min(top, _BOTTOM - 1) if share else top
    # A little air between two; of few, none is a wall.
    width = min((right - left) * 0.86, _WIDEST)
    left = (left + right - width) / 2
    return Bar(round(left, 2), round(width, 2), top, round(_BOTTOM - top, 2), title)


def _height(share: float) -> float:
    return round(_BOTTOM - share * (_BOTTOM - _TOP), 2)


def _ceiling(most: int) -> int:
    """Return the nearest round number that is not less.

    Examples
    --------
    >>> [_ceiling(most) for most in (0, 7, 11, 230, 9999)]
    [1, 8, 20, 400, 10000]
    """
    if most < 1:
        return 1
    power: int = 10 ** floor(log10(most))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= most)
