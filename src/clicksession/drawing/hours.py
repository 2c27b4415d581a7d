"""When in the week sessions begin."""

from typing import TYPE_CHECKING, Any

import numpy as np

from clicksession.drawing.answers import columns_of
from clicksession.drawing.canvas import axes_of, finish, note
from clicksession.drawing.grid import shade
from clicksession.drawing.texts import on_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["week"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def week(
    answer: Any, *, of: str = "sessions", title: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw how many there are in each hour of the week, added up over all weeks.

    Hours are those that clocks show in the zone of the answer: the hour that comes twice when
    clocks are set back counts as one, and the one that is left out has less.

    Parameters
    ----------
    answer
        What ``Count(by=Period("hour", zone=…))`` gives: times in a zone, and numbers that add up.
    of
        The column of numbers.
    title, ax
        As for `bars`.
    """
    columns = columns_of(answer, "hours", "hour", of)
    numbers = np.zeros((7, 24), dtype=np.int64)
    known = [hour for hour in columns["hour"] if hour is not None]
    for hour, number in zip(columns["hour"], columns[of], strict=True):
        if hour is not None:
            numbers[hour.weekday(), hour.hour] += number or 0
    ax = axes_of(ax, "hours", height=3.2)
    image = shade(ax, numbers.astype(float), float(numbers.max()))
    ax.set_yticks(range(7), _DAYS)
    ax.set_xticks(range(0, 24, 3), [f"{hour}:00" for hour in range(0, 24, 3)])
    ax.set_xlabel(f"hour ({known[0].tzinfo})" if known else "hour")
    if known:
        bar = ax.get_figure(root=False).colorbar(image, ax=ax)  # type: ignore[union-attr]
        bar.ax.yaxis.set_major_formatter(on_axis)
        bar.set_label(of.replace("_", " "), parse_math=False)
    else:
        note(ax, f"no {of}")
    return finish(ax, title, grid=None)
