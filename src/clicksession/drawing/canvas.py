"""The axes that a picture is drawn on, given or new, and the texts that are written there.

Nothing here or in its neighbours sets a parameter of matplotlib for others (``rcParams``): whatever
is particular to a picture is said of its own parts, and the rest is as the user has it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from clicksession.drawing.texts import wrapped
from clicksession.errors import MissingExtraError, ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = [
    "axes_of",
    "characters",
    "finish",
    "ink",
    "key",
    "literal",
    "make_room",
    "note",
    "write",
]

# The mean width of a character, in parts of the size of its font.
_WIDTH = 0.54
# At most so large a part of the width is for the texts beside bars.
_MOST = 0.6


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


def key(
    ax: "Axes", handles: list[Any], labels: list[str], *, more: int = 0, **options: Any
) -> None:
    """Say what is what, in a key, and how many more there are; labels stand as they are.

    They are given beside what they are of: as labels of lines, those that begin with ``_`` would be
    left out.
    """
    if more:
        handles = [*handles, ax.plot([], [], color="none")[0]]
        labels = [*labels, f"{more:,} more are not shown"]
    legend = ax.legend(handles, labels, fontsize="small", **options)
    legend.get_frame().set_alpha(0.85)
    literal(*legend.get_texts())


def ink() -> str:
    """Return the colour that the user has texts in: dark on a light page, light on a dark one."""
    import matplotlib

    return str(matplotlib.rcParams["text.color"])


def literal(*texts: "Text") -> None:
    """Have texts stand as they are: matplotlib takes what is between two dollars for a formula."""
    for text in texts:
        text.set_parse_math(False)
        text.set_usetex(False)


def write(ax: "Axes", x: float, y: float, text: str, **options: Any) -> "Text":
    """Write a text into a picture; it takes no room from the axes, however long it is."""
    written = ax.text(x, y, text, **{"fontsize": "small", "color": ink(), **options})
    literal(written)
    written.set_in_layout(False)
    return written


def note(ax: "Axes", text: str) -> None:
    """Say in the middle of the picture that there is nothing to see, and why."""
    write(ax, 0.5, 0.5, text, fontsize="medium", ha="center", va="center", transform=ax.transAxes)


def characters(ax: "Axes", size: str = "small") -> int:
    """Return about how many characters of a font of this size go side by side into the axes."""
    from matplotlib.font_manager import FontProperties

    points = ax.bbox.width * 72 / ax.figure.dpi
    return max(int(points / (FontProperties(size=size).get_size_in_points() * _WIDTH)), 1)


def make_room(ax: "Axes", bars: Iterable[tuple[float, str]]) -> None:
    """Let the x axis go on as far as the texts at the ends of horizontal bars need."""
    there = characters(ax)
    low, high = 0.0, 0.0
    for length, text in bars:
        taken = min((len(text) + 1) / there, _MOST)
        low, high = min(low, length), max(high, max(length, 0) / (1 - taken))
    ax.set_xlim(low * 1.05, high * 1.02 or 1)


def _entitle(ax: "Axes", title: str) -> None:
    text = ax.set_title("", loc="left", fontsize="medium")
    literal(text)
    if ax.figure.get_layout_engine() is not None:
        # How wide the axes are, a layout says only once it was made; a title is no part of that.
        ax.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    text.set_text(wrapped(title, characters(ax, "medium")))
