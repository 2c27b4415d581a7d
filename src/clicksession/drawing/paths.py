"""The ways through sessions, each with how many go it."""

from typing import TYPE_CHECKING, Any

from clicksession.drawing.answers import columns_of
from clicksession.drawing.canvas import axes_of, characters, finish, make_room, note, write
from clicksession.drawing.style import MAIN
from clicksession.drawing.texts import amount, clean, on_axis, percent, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["paths"]


def paths(
    answer: Any, *, most: int = 12, title: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw the most common ways through sessions: a bar for each, the way written over it.

    Parameters
    ----------
    answer
        What `CommonPaths` gives. With `by`, the group stands before the way.
    most
        How many ways; how many more the answer has is said below.
    title, ax
        As for `bars`.

    Returns
    -------
    Axes
        Those that it is drawn on.

    Raises
    ------
    ParameterError
        `answer` has not these columns.
    MissingExtraError
        Matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> answer = pd.DataFrame(
    ...     {
    ...         "step_1": ["home", "home"],
    ...         "step_2": ["shoes", None],
    ...         "sessions": [3, 2],
    ...         "share": [0.6, 0.4],
    ...     }
    ... )
    >>> [text.get_text() for text in paths(answer).texts]
    ['home → shoes', ' 3  (60 %)', 'home', ' 2  (40 %)']
    """
    columns = columns_of(answer, "paths", "step_1", "sessions", "share")
    ways = list(zip(_said(columns), columns["sessions"], columns["share"], strict=True))
    ways.sort(key=lambda way: -way[1])
    shown = ways[:most]
    ax = axes_of(ax, "paths", height=1.3 + 0.42 * max(len(shown), 3))
    there = characters(ax)
    for place, (way, sessions, share) in enumerate(shown):
        ax.barh(place, sessions, height=0.34, color=MAIN)
        write(ax, 0, place - 0.22, shortened(way, there), va="bottom")
        write(ax, sessions, place, f" {amount(sessions)}  ({percent(share)})", va="center")
    make_room(ax, [(text.get_position()[0], text.get_text()) for text in ax.texts[1::2]])
    ax.set_ylim(max(len(shown), 1) - 0.6, -0.75)
    ax.set_yticks([])
    more = len(ways) - len(shown)
    ax.set_xlabel(f"sessions; {more:,} more paths are not shown" if more else "sessions")
    if not shown:
        note(ax, "no paths")
        ax.set_xticks([])
    ax.xaxis.set_major_formatter(on_axis)
    return finish(ax, title, grid="x")


def _said(columns: dict[str, list[Any]]) -> list[str]:
    steps = [name for name in columns if name.startswith("step_")]
    groups = [name for name in columns if name not in (*steps, "sessions", "share")]
    said = []
    for row in range(len(columns["sessions"])):
        way = [columns[name][row] for name in steps]
        # Behind a session's end there is nothing, and within it no step is null.
        text = " → ".join(shortened(clean(step), 28) for step in way if step is not None)
        group = " · ".join(clean(columns[name][row]) for name in groups)
        said.append(f"{group}:  {text}" if groups else text)
    return said
