"""What another timeout would change."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from clicksession.drawing.answers import columns_of
from clicksession.drawing.canvas import axes_of, finish, ink, key, note
from clicksession.drawing.durations import said, scale
from clicksession.drawing.gaps import Suggestion
from clicksession.drawing.style import ACCENT, series
from clicksession.drawing.texts import amount, percent, percent_on_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["sensitivity"]

_LINES = {
    "sessions": ("sessions", amount),
    "conversion_rate": ("conversion rate", percent),
    "median_visits_before_order": ("median visits before an order", amount),
}


def sensitivity(
    suggestion: Suggestion, *, title: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw what other timeouts would change: the flatter the lines, the less it matters.

    Each line is a number by that timeout, as a percentage of what it is by the one of the table
    that is nearest to the suggested, or to half an hour where none is suggested; what that is, the
    key says. A number that is 0 or null there has no line.

    Parameters
    ----------
    suggestion
        What `suggest_timeout` gives.
    title, ax
        As for `bars`; without a title, the verdict of the suggestion stands there.

    Returns
    -------
    Axes
        Those that it is drawn on.

    Raises
    ------
    MissingExtraError
        Matplotlib is not installed.

    Examples
    --------
    >>> import clicksession as cs
    >>> log = list(cs.datasets.webshop_events(customers=30, seed=1))
    >>> events = cs.read_events(log, schema=cs.EventSchema.preset("webshop"))
    >>> ax = cs.plots.sensitivity(cs.suggest_timeout(events))
    >>> ax.get_xlabel()
    'timeout'
    """
    columns = columns_of(suggestion.sensitivity, "sensitivity", "timeout", parameter="suggestion")
    timeouts = np.array([one.total_seconds() for one in columns["timeout"]])
    ax = axes_of(ax, "sensitivity")
    if len(timeouts):
        usual = _usual(suggestion, timeouts)
        scale(ax, timeouts.min() / 1.15, timeouts.max() * 1.15)
        _draw(ax, columns, timeouts, usual, suggestion.timeout)
        ax.set_ylabel(f"relative to {said(timeouts[usual])}")
    else:
        note(ax, "no timeouts to compare")
        ax.set_xticks([])
    ax.set_xlabel("timeout")
    ax.yaxis.set_major_formatter(percent_on_axis)
    return finish(ax, suggestion.verdict if title is None else title)


def _usual(suggestion: Suggestion, timeouts: np.ndarray) -> int:
    """Return the place of the timeout that is suggested, or else of the usual half hour."""
    meant = suggestion.timeout.total_seconds() if suggestion.timeout is not None else 1800.0
    return int(np.abs(np.log(timeouts / meant)).argmin())


def _draw(
    ax: "Axes",
    columns: dict[str, list[Any]],
    timeouts: np.ndarray,
    usual: int,
    suggested: timedelta | None,
) -> None:
    handles: list[Any] = []
    labels: list[str] = []
    for number, (name, (called, say)) in enumerate(_LINES.items()):
        values = columns.get(name, [])
        there = values[usual] if values else None
        if values:
            labels.append(f"{called} (100 % = {say(there)})")
        if there:
            look = series(number)
            shares = [np.nan if one is None else one / there for one in values]
            marks: dict[str, Any] = {"color": look.color, "linestyle": look.line}
            handles += ax.plot(timeouts, shares, marker=look.marker, markersize=5, **marks)
        elif values:
            handles.append(ax.plot([], [], color="none")[0])
            labels[-1] = f"{called}: {say(there)} by this timeout"
    if suggested is not None:
        seconds = suggested.total_seconds()
        handles.append(ax.axvline(seconds, color=ACCENT, linewidth=2))
        labels.append(f"suggested: {said(seconds)}")
    ax.axhline(1, color=ink(), linewidth=0.8, alpha=0.6)
    key(ax, handles, labels)
