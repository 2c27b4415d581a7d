"""Who comes back, as a grid of cohorts and periods."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from clicksession.drawing.answers import choose, columns_of, instant_of
from clicksession.drawing.canvas import axes_of, finish, note
from clicksession.drawing.grid import numbers_in, shade, thinned
from clicksession.drawing.texts import percent, percent_on_axis
from clicksession.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["retention"]

Unit = Literal["hour", "day", "week", "month"]

_COLUMNS = ("cohort", "period", "users", "returned", "share")
# So many rows and columns have numbers in them, and so many marks beside them.
_TOLD, _MARKS = 16, 24


def retention(
    answer: Any, *, unit: Unit | None = None, title: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw which share of each cohort came back, period by period.

    Parameters
    ----------
    answer
        What `Retention` gives, without `by`.
    unit
        The period of its cohorts: ``"hour"``, ``"day"``, ``"week"`` or ``"month"``. With it,
        periods without a row are 0 % where the log goes on as long, and empty behind that. Without
        it, all of these are empty: nobody came back, or it is too early to say.
    title, ax
        As for `bars`.

    Returns
    -------
    Axes
        Those that it is drawn on. Period 0, in which everybody is there, is left white.

    Raises
    ------
    ParameterError
        `answer` has not these columns, or has several groups.
    MissingExtraError
        Matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> answer = pd.DataFrame(
    ...     {
    ...         "cohort": pd.to_datetime(["2024-05-06", "2024-05-06", "2024-05-13"]),
    ...         "period": [0, 1, 0],
    ...         "users": [20, 20, 10],
    ...         "returned": [20, 5, 10],
    ...         "share": [1.0, 0.25, 1.0],
    ...     }
    ... )
    >>> retention(answer, unit="week").get_xlabel()
    'weeks later'
    """
    choose(unit, "retention", "unit", None, "hour", "day", "week", "month")
    columns = columns_of(answer, "retention", *_COLUMNS)
    names = {instant_of(each): _said(each, unit) for each in columns["cohort"]}
    columns["cohort"] = [instant_of(each) for each in columns["cohort"]]
    groups = [name for name in columns if name not in _COLUMNS]
    if groups:
        hint = "Draw one group at a time: give the metric a `where`, or filter its answer."
        raise ParameterError("retention", "answer", "without groups", f"columns {groups}", hint)
    ax = axes_of(ax, "retention", height=1.6 + 0.32 * min(max(len(set(columns["cohort"])), 3), 16))
    cohorts = _cohorts(columns)
    if cohorts:
        _draw(ax, columns, list(cohorts), unit)
        said = [f"{names[cohort]}  ({users:,})" for cohort, users in cohorts.items()]
        rows = thinned(len(said), _MARKS)
        ax.set_yticks(rows, [said[row] for row in rows], fontsize="small")
    else:
        note(ax, "no cohorts")
        ax.set(xticks=[], yticks=[])
    ax.set_xlabel(f"{unit or 'period'}s later")
    ax.set_ylabel("cohort (users)")
    return finish(ax, title, grid=None)


def _cohorts(columns: dict[str, list[Any]]) -> dict[Any, int]:
    """Return the cohorts in their order, with how many users they have."""
    pairs = sorted(set(zip(columns["cohort"], columns["users"], strict=True)))
    return dict(pairs)


def _draw(ax: "Axes", columns: dict[str, list[Any]], cohorts: list[Any], unit: Unit | None) -> None:
    shares = _grid(columns, cohorts, unit)
    shaded = np.where(np.arange(shares.shape[1]) == 0, np.nan, shares)
    highest = float(np.nanmax(shaded)) if np.isfinite(shaded).any() else 0.0
    image = shade(ax, shaded, highest)
    if max(shares.shape) <= _TOLD:
        numbers_in(ax, shares, shaded > 0.55 * highest, percent)
    else:
        bar = ax.get_figure(root=False).colorbar(image, ax=ax)  # type: ignore[union-attr]
        bar.ax.yaxis.set_major_formatter(percent_on_axis)
        bar.set_label("share that came back")
    ax.set_xticks(thinned(shares.shape[1], _MARKS))


def _grid(columns: dict[str, list[Any]], cohorts: list[Any], unit: Unit | None) -> np.ndarray:
    rows = {cohort: row for row, cohort in enumerate(cohorts)}
    places = np.array([rows[cohort] for cohort in columns["cohort"]])
    periods = np.array(columns["period"])
    shares = np.full((len(cohorts), periods.max() + 1), np.nan)
    if unit is not None:
        starts = np.array([_ordinal(cohort, unit) for cohort in cohorts])
        # Somebody was there in the last period that has a row, so that the log goes on up to it.
        last = (starts[places] + periods).max()
        shares[starts[:, None] + np.arange(shares.shape[1]) <= last] = 0.0
    shares[places, periods] = [np.nan if one is None else one for one in columns["share"]]
    return shares


def _ordinal(cohort: Any, unit: Unit) -> int:
    """Return the number of a period among all of its unit."""
    if unit == "month":
        return int(cohort.year * 12 + cohort.month)
    if unit == "hour":
        return int(cohort.timestamp() // 3600)
    return int(cohort.toordinal() // (7 if unit == "week" else 1))


def _said(cohort: date | datetime, unit: Unit | None) -> str:
    if unit == "month":
        return f"{cohort:%Y-%m}"
    return f"{cohort:%Y-%m-%d %H:%M%z}" if unit == "hour" else f"{cohort:%Y-%m-%d}"
