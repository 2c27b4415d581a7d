"""Texts in a picture: they stand as they are, and there is room for them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = ["characters", "ink", "literal", "make_room", "note", "write"]

# The mean width of a character, in parts of the size of its font.
_WIDTH = 0.54
# At most so large a part of the width is for the texts beside bars.
_MOST = 0.6


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
