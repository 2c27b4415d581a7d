"""Numbers over time: a line for each group."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from clicksession.drawing.answers import choose, columns_of, instant_of, require
from clicksession.drawing.canvas import axes_of, finish, key, note
from clicksession.drawing.style import series
from clicksession.drawing.texts import clean, on_axis, percent_on_axis, shortened
from clicksession.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["line"]

Unit = Literal["hour", "day", "week", "month"]
Points = dict[Any, float | None]

# More lines than this cannot be told apart.
_LINES = 6


def line(
    answer: Any,
    *,
    time: str | None = None,
    value: str | Sequence[str] | None = None,
    unit: Unit | None = None,
    missing: Literal["gap", "zero"] = "gap",
    is_share: bool = False,
    title: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw numbers over time: one line, or one for each group of an answer.

    Parameters
    ----------
    answer
        A frame with a row for each period, such as a metric gives with ``by="day"``, and for each
        group in it, where there are groups.
    time
        The column of dates or times; left out: the first of such.
    value
        The column of numbers, or several; left out: the last one. All other columns say which group
        a row is of. The six groups with the highest numbers in all are drawn, and the key says how
        many are left out.
    unit
        The period that a row is of: ``"hour"``, ``"day"``, ``"week"`` or ``"month"``. With it,
        periods that have no row are seen as `missing`; without it, lines go straight past them.
    missing
        What a period without a row is: a ``"gap"``, or ``"zero"``, as is right for counts.
    is_share
        Whether numbers are shares from 0 to 1, to be shown as percentages.
    title, ax
        As for `bars`.

    Returns
    -------
    Axes
        Those that it is drawn on. Times are shown in their own zone; dates as they are.

    Raises
    ------
    ParameterError
        `answer` is no frame, or has not these columns.
    MissingExtraError
        Matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2024-05-01", "2024-05-02"])
    >>> answer = pd.DataFrame({"day": days, "sessions": [3, 5]})
    >>> line(answer, unit="day").get_ylabel()
    'sessions'
    """
    choose(missing, "line", "missing", "gap", "zero")
    choose(unit, "line", "unit", None, "hour", "day", "week", "month")
    columns = columns_of(answer, "line")
    time = _time(columns, time)
    values = (
        [list(columns)[-1]] if value is None else [value] if isinstance(value, str) else [*value]
    )
    for name in values:
        require(name, list(columns), "line", "value")
    groups = _groups(columns, time, values)
    times = _filled(sorted({one for points in groups.values() for one in points}), unit)
    ax = axes_of(ax, "line")
    _draw(ax, groups, times, 0.0 if missing == "zero" else None)
    _mark(ax, time, columns[time])
    ax.set_ylabel(" and ".join(values).replace("_", " "), parse_math=False)
    ax.yaxis.set_major_formatter(percent_on_axis if is_share else on_axis)
    heights = [one for points in groups.values() for one in points.values() if one is not None]
    ax.set_ylim(min([0, *heights]), max([0, *heights]) * 1.08 or 1)
    return finish(ax, title)


def _time(columns: dict[str, list[Any]], time: str | None) -> str:
    if time is not None:
        require(time, list(columns), "line", "time")
        return time
    for name, values in columns.items():
        if any(isinstance(one, date) for one in values):
            return name
    if any(columns.values()) or not columns:
        must = "a frame with a column of dates or times"
        raise ParameterError("line", "answer", must, f"the columns {', '.join(columns)}")
    return next(iter(columns))


def _groups(columns: dict[str, list[Any]], time: str, values: list[str]) -> dict[str, Points]:
    """Return the points of each line, by its name; rows without a time have no place."""
    groups: dict[str, Points] = {}
    others = [name for name in columns if name != time and name not in values]
    others = [name for name in others if not _follows(columns, name, values)]
    for row, when in enumerate(map(instant_of, columns[time])):
        if when is None:
            continue
        group = [clean(columns[name][row]) for name in others]
        for name in values:
            said = [*group, *([name.replace("_", " ")] if len(values) > 1 or not group else [])]
            groups.setdefault(" · ".join(said), {})[when] = columns[name][row]
    return groups


def _follows(columns: dict[str, list[Any]], name: str, values: list[str]) -> bool:
    """Whether a column stands behind the numbers: then it is a further number, and no group."""
    names = list(columns)
    return names.index(name) > min(map(names.index, values))


def _filled(times: list[Any], unit: Unit | None) -> list[Any]:
    """Return the times with those of periods between them that have no row."""
    if unit is None or not times:
        return times
    filled = times[:1]
    for when in times[1:]:
        filled += [*_between(filled[-1], when, unit), when]
    return filled


def _between(start: Any, end: Any, unit: Unit) -> Iterator[Any]:
    following = _next(start, unit)
    while following < end:
        yield following
        following = _next(following, unit)


def _next(when: Any, unit: Unit) -> Any:
    if unit == "month":
        month = when.month % 12 + 1
        return when.replace(year=when.year + (month == 1), month=month)
    if unit == "hour":
        return when + timedelta(hours=1)
    return when + timedelta(days=7 if unit == "week" else 1)


def _draw(ax: "Axes", groups: dict[str, Points], times: list[Any], missing: float | None) -> None:
    ranked = sorted(groups, key=lambda name: -sum(one or 0 for one in groups[name].values()))
    handles: list[Any] = []
    for number, name in enumerate(ranked[:_LINES]):
        look, points = series(number), groups[name]
        known = [points.get(when, missing) for when in times]
        heights = [float("nan") if one is None else one for one in known]
        is_sparse = len(times) <= 40 or _has_lone(known)
        marker = {"marker": look.marker, "markersize": 4} if is_sparse else {}
        handles += ax.plot(times, heights, color=look.color, linestyle=look.line, **marker)  # type: ignore[arg-type]
    labels = [shortened(name, 40) for name in ranked[:_LINES]]
    if len(labels) > 1:
        key(ax, handles, labels, more=len(ranked) - len(labels))
    if not times:
        note(ax, "no rows")


def _mark(ax: "Axes", time: str, times: list[Any]) -> None:
    """Have the x axis say times as the clocks of their zone show them, or dates as they are."""
    from matplotlib import dates

    zone = next((one.tzinfo for one in times if getattr(one, "tzinfo", None)), None)
    untyped: Any = dates
    locator = untyped.AutoDateLocator(tz=zone, minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(untyped.ConciseDateFormatter(locator, tz=zone))
    called = time.replace("_", " ")
    ax.set_xlabel(called if zone is None else f"{called} ({zone})", parse_math=False)
    if not times:
        ax.set_xticks([])


def _has_lone(heights: list[float | None]) -> bool:
    """Whether a point has no neighbour to draw a line to, and would not be seen."""
    padded = [None, *heights, None]
    around = zip(padded, heights, padded[2:], strict=False)
    return any(
        one is not None and before is None and after is None for before, one, after in around
    )
