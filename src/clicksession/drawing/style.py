"""How pictures look: colours, marks and hatches that differ in print too.

The colours of series are those of Okabe and Ito, "Color Universal Design" (2008,
https://jfly.uni-koeln.de/color/), which people with any kind of colour vision tell apart. In grey
some of them come near each other, so each also has a line, a marker and a hatch of its own. Areas
of more and less are drawn in one hue from light to dark: ColorBrewer's "Blues", whose lightness
only falls.
"""

from dataclasses import dataclass

__all__ = ["ACCENT", "MAIN", "PALE", "SEQUENTIAL", "Series", "series"]

#: Blue, for what a picture is of; vermilion, for what is marked in it; a grey behind both.
MAIN, ACCENT, PALE = "#0072B2", "#D55E00", "#999999"
#: The map of colours of a grid, by its name in matplotlib.
SEQUENTIAL = "Blues"


@dataclass(frozen=True)
class Series:
    """How one of several series is drawn."""

    color: str
    line: str
    marker: str
    hatch: str


_SERIES = (
    Series(MAIN, "-", "o", ""),
    Series("#E69F00", "--", "s", "///"),
    Series("#009E73", "-.", "^", "..."),
    Series("#CC79A7", ":", "D", "xxx"),
    Series("#56B4E9", (0, (5, 1, 1, 1, 1, 1)), "v", "\\\\\\"),  # type: ignore[arg-type]
    Series(ACCENT, (0, (8, 2)), "P", "++"),  # type: ignore[arg-type]
)


def series(number: int) -> Series:
    """Return how the series of this number is drawn, from 0; there are six."""
    return _SERIES[number % len(_SERIES)]
