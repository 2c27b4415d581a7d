"""An axis of durations on a logarithmic scale, marked at those that people say."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["said", "scale"]

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
# The first of two that would stand too near each other is shown.
_MARKS = {
    1: "1 s",
    _MINUTE: "1 min",
    _DAY: "1 day",
    30 * _MINUTE: "30 min",
    _HOUR: "1 h",
    7 * _DAY: "1 week",
    365 * _DAY: "1 year",
    10: "10 s",
    10 * _MINUTE: "10 min",
    30 * _DAY: "30 days",
    6 * _HOUR: "6 h",
    0.001: "1 ms",
    3650 * _DAY: "10 years",
    0.1: "0.1 s",
    0.01: "10 ms",
    5 * _MINUTE: "5 min",
    20 * _MINUTE: "20 min",
    45 * _MINUTE: "45 min",
    2 * _HOUR: "2 h",
    3 * _HOUR: "3 h",
    12 * _HOUR: "12 h",
    15 * _MINUTE: "15 min",
}
_UNITS = ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s"))
# How many points a mark takes, with some air.
_ROOM = 44.0


def scale(ax: "Axes", low: float, high: float) -> None:
    """Give the x axis a logarithmic scale from so many seconds to so many, and marks."""
    from math import log10

    from matplotlib.ticker import NullLocator

    ax.set_xscale("log")
    ax.set_xlim(low, high)
    points = ax.bbox.width * 72 / ax.figure.dpi
    room = _ROOM / points * log10(high / low)
    taken: list[float] = []
    for mark in _MARKS:
        if low <= mark <= high and all(abs(log10(mark / other)) >= room for other in taken):
            taken.append(mark)
    ax.set_xticks(sorted(taken), [_MARKS[mark] for mark in sorted(taken)])
    ax.xaxis.set_minor_locator(NullLocator())


def said(seconds: float) -> str:
    """Return a duration in its two largest units, rounded to the second of them.

    Examples
    --------
    >>> said(1800), said(5400), said(90_061), said(0.25)
    ('30 min', '1 h 30 min', '1 d 1 h', '0.25 s')
    """
    if seconds < 1:
        return f"{seconds:.2g} s"
    for place, (length, unit) in enumerate(_UNITS):
        if seconds < length:
            continue
        finer, finer_unit = _UNITS[min(place + 1, len(_UNITS) - 1)]
        whole, rest = divmod(round(seconds / finer), max(length // finer, 1))
        if rest == 0 or length == 1:
            return f"{whole} {unit}" if length > 1 else f"{seconds:.2g} s"
        return f"{whole} {unit} {rest} {finer_unit}"
    return "0 s"
