"""An axis of times, as the clocks of a zone show them."""

from datetime import tzinfo
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["mark_times"]


def mark_times(ax: "Axes", zone: tzinfo | None = None) -> None:
    """Have the x axis say times in a zone, or dates as they are."""
    from matplotlib import dates

    untyped: Any = dates
    locator = untyped.AutoDateLocator(tz=zone, minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(untyped.ConciseDateFormatter(locator, tz=zone))
