"""Numbers in rows and columns: the darker, the more."""

from typing import TYPE_CHECKING, Any

import numpy as np

from clicksession.drawing.canvas import ink, write
from clicksession.drawing.style import SEQUENTIAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

__all__ = ["numbers_in", "shade", "thinned"]

# Up to so many rows and columns have lines between them.
_APART = 60


def shade(ax: "Axes", values: np.ndarray, highest: float) -> "QuadMesh":
    """Fill a cell for each number, the lighter the nearer to 0; a NaN is left empty."""
    import matplotlib

    rows, columns = values.shape
    cells = ax.pcolormesh(
        np.arange(columns + 1) - 0.5,
        np.arange(rows + 1) - 0.5,
        np.ma.masked_invalid(values),
        cmap=matplotlib.colormaps[SEQUENTIAL],
        vmin=0,
        vmax=highest or 1,
        edgecolors=matplotlib.rcParams["axes.facecolor"],
        linewidth=1.2 if max(rows, columns) <= _APART else 0,
    )
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
    for side in ax.spines.values():
        side.set_visible(False)
    ax.tick_params(length=0)
    return cells


def numbers_in(ax: "Axes", values: np.ndarray, is_dark: np.ndarray, say: Any) -> None:
    """Write each number into its cell, in white where the cell is dark."""
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        color = "white" if is_dark[row, column] else ink()
        write(ax, column, row, say(float(value)), color=color, ha="center", va="center")


def thinned(number: int, most: int) -> range:
    """Return at most so many places of a number of them, evenly.

    Examples
    --------
    >>> list(thinned(10, 4))
    [0, 3, 6, 9]
    """
    return range(0, number, max(-(-number // most), 1))
