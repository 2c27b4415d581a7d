"""Numbers in rows and columns: the darker, the more."""

from typing import TYPE_CHECKING, Any

import numpy as np

from clicksession.drawing.canvas import ink
from clicksession.drawing.style import SEQUENTIAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

__all__ = ["numbers_in", "shade", "thinned"]


def shade(ax: "Axes", values: np.ndarray, highest: float) -> "AxesImage":
    """Fill a cell for each number, from white for 0 on; a NaN is left empty."""
    import matplotlib

    colors = matplotlib.colormaps[SEQUENTIAL].with_extremes(bad="none")
    image = ax.imshow(
        np.ma.masked_invalid(values),
        cmap=colors,
        vmin=0,
        vmax=highest or 1,
        aspect="auto",
        interpolation="nearest",
    )
    for side in ax.spines.values():
        side.set_visible(False)
    ax.tick_params(length=0)
    rows, columns = values.shape
    ax.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    if max(rows, columns) <= 60:
        ax.grid(visible=True, which="minor", color="white", linewidth=1.2)
    ax.tick_params(which="minor", length=0)
    return image


def numbers_in(ax: "Axes", values: np.ndarray, is_dark: np.ndarray, say: Any) -> None:
    """Write each number into its cell, in white where the cell is dark."""
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        color = "white" if is_dark[row, column] else ink()
        middle: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": "small"}
        ax.text(column, row, say(float(value)), color=color, **middle)


def thinned(number: int, most: int) -> range:
    """Return at most so many places of a number of them, evenly.

    Examples
    --------
    >>> list(thinned(10, 4))
    [0, 3, 6, 9]
    """
    return range(0, number, max(-(-number // most), 1))
