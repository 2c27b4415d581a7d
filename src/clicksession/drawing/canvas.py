"""The axes that a picture is drawn on: those that are given, or new ones.

Nothing here or in its neighbours sets a parameter of matplotlib for others (``rcParams``): whatever
is particular to a picture is said of its own parts, and the rest is as the user has it.
"""

from typing import TYPE_CHECKING, Any

from clicksession.drawing.texts import wrapped
from clicksession.drawing.writing import characters, ink, literal
from clicksession.errors import MissingExtraError, ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["axes_of", "finish", "key"]


def axes_of(ax: "Axes | None", who: str, *, height: float = 4.0) -> "Axes":
    """Return the axes to draw on; new ones are as wide as a notebook, and so many inches high.

    Raises
    ------
    MissingExtraError
        Matplotlib is not installed.
    ParameterError
        `ax` are no axes.
    """
    try:
        from matplotlib.axes import Axes
    except ImportError as error:
        raise MissingExtraError("drawing", "matplotlib", "plots") from error
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.subplots(figsize=(7.0, height), layout="constrained")[1]
    if not isinstance(ax, Axes):
        hint = "`figure, ax = matplotlib.pyplot.subplots()` gives them."
        raise ParameterError(who, "ax", "one Axes of matplotlib, or left out", ax, hint)
    return ax


def finish(ax: "Axes", title: str | None, *, grid: str | None = "y") -> "Axes":
    """Take away what says nothing, and set a title in as many lines as it needs."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.set_axisbelow(True)
    if grid is not None:
        ax.grid(visible=True, axis=grid, color=ink(), alpha=0.15, linewidth=0.8)  # type: ignore[arg-type]
    if title:
        _entitle(ax, title)
    return ax


def key(ax: "Axes", handles: list[Any], labels: list[str], **options: Any) -> None:
    """Say what is what, in a key; labels stand as they are.

    They are given beside what they are of: as labels of lines, those that begin with ``_`` would be
    left out.
    """
    legend = ax.legend(handles, labels, fontsize="small", **options)
    legend.get_frame().set_alpha(0.85)
    literal(*legend.get_texts())


def _entitle(ax: "Axes", title: str) -> None:
    text = ax.set_title("", loc="left", fontsize="medium")
    literal(text)
    if ax.figure.get_layout_engine() is not None:
        # How wide the axes are, a layout says only once it was made; a title is no part of that.
        ax.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    text.set_text(wrapped(title, characters(ax, "medium")))
