"""What a statistic is of: how often each value occurs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from clicksession.drawing.canvas import axes_of, finish, note, write
from clicksession.drawing.style import ACCENT, MAIN, PALE
from clicksession.drawing.texts import amount, on_axis
from clicksession.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["distribution"]

# So many bars at most; what lies beyond so large a part of the values is one bar.
_BARS, _MOST = 40, 0.99


def distribution(
    values: Any,
    *,
    times: Any = None,
    marked: float | None = None,
    called: str = "median",
    unit: str = "value",
    of: str = "observations",
    title: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how often each value occurs, with one of them marked.

    Whole numbers have a bar each, up to 40 of them; else, bars are of equal width. What lies beyond
    99 % of the values and would take more bars is one hatched bar, which says how many that are.

    Parameters
    ----------
    values
        Numbers; a NaN does not count.
    times
        How often each of them occurs; left out: once.
    marked
        The value of a statistic, which a line marks.
    called
        What the statistic is called.
    unit
        What the values are, for the axis below: ``"visits"``.
    of
        What there is one value of each, for the axis at the side: ``"orders"``.
    title, ax
        As for `bars`.

    Returns
    -------
    Axes
        Those that it is drawn on.

    Raises
    ------
    ParameterError
        There are not as many `times` as `values`.
    MissingExtraError
        Matplotlib is not installed.

    Examples
    --------
    >>> distribution([0, 1, 1, 3], marked=1, unit="visits before order").get_xlabel()
    'visits before order'
    """
    numbers, counts = _arrays(values, times)
    ax = axes_of(ax, "distribution")
    if len(numbers):
        bins = _bins(numbers, counts)
        # The last of these bars would take in its upper edge, which is beyond.
        is_beyond = numbers >= bins.edges[-1]
        inside, times_inside = numbers[~is_beyond], counts[~is_beyond]
        _draw(ax, bins, np.histogram(inside, bins.edges, weights=times_inside)[0])
        _beyond(ax, bins, int(counts[is_beyond].sum()))
    else:
        note(ax, "nothing to count")
        ax.set_xticks([])
    if marked is not None:
        _mark(ax, marked, called)
    ax.set_xlabel(unit, parse_math=False)
    _mark_counts(ax, of)
    return finish(ax, title)


@dataclass(frozen=True)
class _Bins:
    edges: np.ndarray
    is_whole: bool

    @property
    def step(self) -> float:
        return float(self.edges[1] - self.edges[0])


def _arrays(values: Any, times: Any) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.asarray(values, dtype=float)
    counts = np.ones(len(numbers), np.int64) if times is None else np.asarray(times, np.int64)
    if len(counts) != len(numbers):
        must = "as many numbers as there are values"
        raise ParameterError("distribution", "times", must, len(counts))
    known = np.isfinite(numbers)
    order = np.argsort(numbers[known], kind="stable")
    return numbers[known][order], counts[known][order]


def _bins(numbers: np.ndarray, counts: np.ndarray) -> _Bins:
    """Return the edges of bars of equal width, from the least value up to most of them."""
    low, high = numbers[0], numbers[-1]
    is_whole = bool((numbers == np.floor(numbers)).all())
    if high - low >= _BARS or not is_whole:
        share = np.cumsum(counts) / counts.sum()
        high = numbers[min(int(np.searchsorted(share, _MOST)), len(numbers) - 1)]
    step = _step(high - low, is_whole=is_whole)
    start = np.floor(low / step) * step
    number = int((high - start) // step) + 1
    edges = start + step * np.arange(number + 1)
    return _Bins(edges - 0.5 if is_whole and step == 1 else edges, is_whole and step == 1)


def _step(width: float, *, is_whole: bool) -> float:
    """Return the least width of a bar that people count in: 1, 2, 5, 10 and so on."""
    least = max(width / _BARS, 1.0 if is_whole else 0.0)
    if least <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(power * times for times in (1, 2, 5, 10) if power * times >= least * 0.999))


def _draw(ax: "Axes", bins: _Bins, heights: np.ndarray) -> None:
    width = bins.step * (0.8 if bins.is_whole else 1.0)
    left = bins.edges[:-1] + (bins.step - width) / 2
    edge = {} if bins.is_whole else {"edgecolor": "white", "linewidth": 0.5}
    from matplotlib.ticker import MaxNLocator

    ax.bar(left, heights, width=width, align="edge", color=MAIN, **edge)  # type: ignore[arg-type]
    if bins.is_whole:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=12))


def _mark_counts(ax: "Axes", of: str) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.set_ylabel(of, parse_math=False)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(on_axis)


def _beyond(ax: "Axes", bins: _Bins, number: int) -> None:
    if not number:
        return
    width = 1.6 * bins.step
    left = bins.edges[-1] + 0.8 * bins.step
    ax.bar(left, number, width=width, align="edge", color=PALE, hatch="///", edgecolor="white")
    start = np.ceil(bins.edges[-1]) if bins.is_whole else bins.edges[-1]
    write(ax, left + width, number, f"{number:,} from {amount(start)} up", ha="right", va="bottom")


def _mark(ax: "Axes", marked: float, called: str) -> None:
    ax.axvline(marked, color=ACCENT, linewidth=2)
    across: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "fontsize": "medium"}
    write(ax, marked, 0.99, f" {called}: {amount(marked)}", va="top", **across)
