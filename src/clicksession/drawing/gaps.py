"""The pauses between events, with the timeout that they suggest; and what a timeout changes."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from clicksession.drawing.answers import columns_of
from clicksession.drawing.canvas import axes_of, finish, ink, key, note
from clicksession.drawing.durations import said, scale
from clicksession.drawing.style import ACCENT, PALE, series
from clicksession.drawing.texts import on_axis, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Suggestion", "gaps"]


class Suggestion(Protocol):
    """What is drawn of a suggestion."""

    @property
    def timeout(self) -> timedelta | None:
        """What is suggested."""
        ...

    @property
    def low(self) -> timedelta | None:
        """Where it may begin."""
        ...

    @property
    def high(self) -> timedelta | None:
        """How far it may go."""
        ...

    @property
    def is_clear(self) -> bool:
        """Whether there is a valley."""
        ...

    @property
    def verdict(self) -> str:
        """What to make of it."""
        ...

    @property
    def gaps(self) -> Any:
        """How many gaps there are of each length."""
        ...

    @property
    def components(self) -> Any:
        """The components fitted to them."""
        ...

    @property
    def sensitivity(self) -> Any:
        """What other timeouts would change."""
        ...


def gaps(suggestion: Suggestion, *, title: str | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw how long users pause between events, and where within ends and between begins.

    Bars are of equal width on the logarithmic axis, so that what looks as much is as much. Lines
    are the components fitted to them, and their sum. The band is the interval that the timeout lies
    in with 95 % confidence; the line in it is the timeout, dashed where no valley is clear.

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
    >>> ax = cs.plots.gaps(cs.suggest_timeout(events))
    >>> ax.get_xlabel()
    'time from one event of a user to the next'
    """
    columns = columns_of(
        suggestion.gaps, "gaps", "from_seconds", "to_seconds", "gaps", parameter="suggestion"
    )
    edges, counts = _histogram(columns)
    ax = axes_of(ax, "gaps")
    if counts.sum():
        ax.bar(
            *(edges[:-1], counts),
            width=np.diff(edges),
            align="edge",
            color=PALE,
            alpha=0.55,
            edgecolor=PALE,
            linewidth=0.4,
        )
        scale(ax, edges[0], edges[-1])
        _draw_fit(ax, suggestion, edges, counts)
    else:
        note(ax, "no gaps: no user has two events")
        ax.set_xticks([])
    ax.set_xlabel("time from one event of a user to the next")
    ax.set_ylabel("gaps")
    ax.yaxis.set_major_formatter(on_axis)
    return finish(ax, suggestion.verdict if title is None else title)


def _histogram(columns: dict[str, list[Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges and heights of the bars, without empty ones at both ends."""
    starts, ends = (np.array(columns[name], float) for name in ("from_seconds", "to_seconds"))
    counts = np.array(columns["gaps"], float)
    used = np.flatnonzero((counts > 0) & (starts > 0))
    if not len(used):
        return np.array([1.0, 2.0]), np.zeros(1)
    first, last = used[0], used[-1] + 1
    return np.append(starts[first:last], ends[last - 1]), counts[first:last]


def _draw_fit(ax: "Axes", suggestion: Suggestion, edges: np.ndarray, counts: np.ndarray) -> None:
    handles, labels = _components(ax, suggestion, edges, counts)
    timeout, low, high = suggestion.timeout, suggestion.low, suggestion.high
    if low is not None and high is not None:
        span = (low.total_seconds(), high.total_seconds())
        handles.append(ax.axvspan(*span, color=ACCENT, alpha=0.2, linewidth=0))
        labels.append(f"95 % interval: {said(span[0])} to {said(span[1])}")
    if timeout is not None:
        style = "-" if suggestion.is_clear else "--"
        seconds = timeout.total_seconds()
        handles.append(ax.axvline(seconds, color=ACCENT, linewidth=2, linestyle=style))
        labels.append(f"timeout: {said(seconds)}")
    if labels:
        key(ax, handles, labels, loc="best")


def _components(
    ax: "Axes", suggestion: Suggestion, edges: np.ndarray, counts: np.ndarray
) -> tuple[list[Any], list[str]]:
    """Draw the components as so many gaps in a bar; return what they are called."""
    columns = columns_of(suggestion.components, "gaps", parameter="suggestion")
    if not columns.get("weight"):
        return [], []
    fine = np.linspace(np.log2(edges[0]), np.log2(edges[-1]), 400)
    width = float(np.median(np.diff(np.log2(edges))))
    total = np.zeros_like(fine)
    handles, labels = [], []
    of_each = zip(*(columns[name] for name in ("weight", "median_seconds", "spread")), strict=True)
    for number, (weight, median, spread) in enumerate(of_each):
        look = series(number)
        heights = weight * counts.sum() * width * _normal(fine, np.log2(median), spread)
        total += heights
        handles += ax.plot(2**fine, heights, color=look.color, linestyle=look.line, linewidth=2.4)
        labels.append(f"{percent(weight)} around {said(median)}")
    handles += ax.plot(2**fine, total, color=ink(), linestyle=":", linewidth=1.4)
    return handles, [*labels, "their sum"]


def _normal(places: np.ndarray, centre: float, spread: float) -> np.ndarray:
    """Return the density of a normal; spreads are in doublings, as the places are."""
    density: np.ndarray = np.exp(-0.5 * ((places - centre) / spread) ** 2)
    return np.asarray(density / (spread * np.sqrt(2 * np.pi)))
