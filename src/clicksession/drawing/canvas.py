"""The axes that a picture is drawn on: those that are given, or new ones.

Nothing here or in its neighbours sets a parameter of matplotlib for others (``rcParams``): whatever
is particular to a picture is said of its own parts, and the rest is as the user has it.
"""

from typing import TYPE_CHECKING, Any

from clicksession.drawing.texts import wrapped
from clicksession.errors import MissingExtraError, ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = ["axes_of", "finish", "ink", "key", "literal", "note"]

# The mean width of a character, in parts of the size of its font.
_WIDTH = 0.54


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


def ink() -> str:
    """Return the colour that the user has texts in: dark on a light page, light on a dark one."""
    import matplotlib

    return str(matplotlib.rcParams["text.color"])


def literal(*texts: "Text") -> None:
    """Have texts stand as they are: matplotlib takes what is between two dollars for a formula."""
    for text in texts:
        text.set_parse_math(False)
        text.set_usetex(False)


def key(ax: "Axes", handles: list[Any], labels: list[str], **options: Any) -> None:
    """Say what is what, in a key; labels stand as they are.

    A key leaves out what is called something that begins with ``_``, so the texts are set behind
    its back.
    """
    legend = ax.legend(handles, [str(number) for number in range(len(labels))], **options)
    legend.get_frame().set_alpha(0.85)
    for text, label in zip(legend.get_texts(), labels, strict=True):
        literal(text)
        text.set_text(label)
        text.set_fontsize("small")


def note(ax: "Axes", text: str) -> None:
    """Say something in the middle of the picture: that there is nothing to see, and why."""
    middle: dict[str, Any] = {"ha": "center", "va": "center", "transform": ax.transAxes}
    literal(ax.text(0.5, 0.5, text, color=ink(), **middle))


def _entitle(ax: "Axes", title: str) -> None:
    text = ax.set_title("", loc="left", fontsize="medium")
    literal(text)
    if ax.figure.get_layout_engine() is not None:
        # How wide the axes are, a layout says only once it was made; a title is no part of that.
        ax.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    points = ax.bbox.width * 72 / ax.figure.dpi
    text.set_text(wrapped(title, int(points / (float(text.get_fontsize()) * _WIDTH))))
