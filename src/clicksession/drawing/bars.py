"""A bar for each row of an answer: pages, campaigns, groups."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from clicksession.drawing.answers import choose, columns_of, require
from clicksession.drawing.canvas import axes_of, finish, literal, make_room, note, write
from clicksession.drawing.style import MAIN, PALE
from clicksession.drawing.texts import amount, clean, on_axis, percent, percent_on_axis, shortened
from clicksession.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["bars"]

Bar = tuple[str, float | None]


def bars(
    answer: Any,
    *,
    value: str | None = None,
    label: str | Sequence[str] | None = None,
    most: int = 20,
    others: Literal["sum", "leave"] = "leave",
    is_share: bool = False,
    title: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a bar for each row of an answer, the longest first.

    Rows without a value have no bar, and say so; labels stand as they are, without their middle
    where they are long.

    Parameters
    ----------
    answer
        A frame, such as a metric gives with `by`, or `LandingPages` and `Attribution` give.
    value
        The column of numbers; left out: the last one.
    label
        The column or columns that say what a row is of; left out: all before `value`.
    most
        How many bars; the rest are one more.
    others
        What the bar of the rest is: their ``"sum"``, where numbers add up as counts of sessions do;
        or ``"leave"`` it out, and say how many there are.
    is_share
        Whether numbers are shares from 0 to 1, to be shown as percentages.
    title
        What stands above it, in as many lines as it needs.
    ax
        Where to draw; left out: on a new figure.

    Returns
    -------
    Axes
        Those that it is drawn on.

    Raises
    ------
    ParameterError
        `answer` is no frame, or has not these columns, or numbers in them.
    MissingExtraError
        Matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> pages = pd.DataFrame({"page": ["/", "/shoes"], "sessions": [70, 30]})
    >>> bars(pages).get_xlabel()
    'sessions'
    """
    choose(others, "bars", "others", "sum", "leave")
    columns = columns_of(answer, "bars")
    value, labels = _chosen(columns, value, label)
    rows = _rows(columns, value, labels)
    shown, rest = rows[:most], rows[most:]
    if len(rest) == 1 or others == "sum":
        shown, rest = [*shown, *_summed(rest)], []
    ax = axes_of(ax, "bars", height=1.4 + 0.26 * max(len(shown), 3))
    say = percent if is_share else amount
    _draw(ax, shown, say, has_rest=len(shown) > most and len(rows) > most + 1)
    if rest:
        ax.set_ylabel(f"{len(rest):,} more are not shown", fontsize="small")
    ax.set_xlabel(value.replace("_", " "), parse_math=False)
    ax.xaxis.set_major_formatter(percent_on_axis if is_share else on_axis)
    return finish(ax, title, grid="x")


def _chosen(
    columns: dict[str, list[Any]], value: str | None, label: str | Sequence[str] | None
) -> tuple[str, list[str]]:
    names = list(columns)
    if not names:
        raise ParameterError("bars", "answer", "a frame with columns", "none")
    value = names[-1] if value is None else value
    require(value, names, "bars", "value")
    if label is None:
        labels = names[: names.index(value)] or [name for name in names if name != value]
    else:
        labels = [label] if isinstance(label, str) else list(label)
    for name in labels:
        require(name, names, "bars", "label")
    if not all(one is None or isinstance(one, int | float) for one in columns[value]):
        raise ParameterError("bars", "value", "a column of numbers", value)
    return value, labels


def _rows(columns: dict[str, list[Any]], value: str, labels: list[str]) -> list[Bar]:
    """Return the bars, the longest first, those of one length as they come, nulls last."""
    said = zip(*(columns[name] for name in labels), strict=True) if labels else ()
    texts = [" · ".join(map(clean, parts)) for parts in said]
    rows = list(zip(texts, columns[value], strict=True))
    return sorted(rows, key=lambda row: (row[1] is None, -(row[1] or 0)))


def _summed(rest: list[Bar]) -> list[Bar]:
    """Return one bar for several; one alone stays what it is."""
    if len(rest) < 2:
        return rest
    total = sum(number for _, number in rest if number is not None)
    return [(f"{len(rest):,} others", total)]


def _draw(ax: "Axes", shown: list[Bar], say: Any, *, has_rest: bool) -> None:
    places = range(len(shown))
    drawn = ax.barh(places, [number or 0 for _, number in shown], color=MAIN, height=0.72)
    if has_rest:
        drawn[-1].set(facecolor=PALE, hatch="///", edgecolor="white")
    texts = [(number or 0, f" {say(number)}") for _, number in shown]
    for place, (length, text) in enumerate(texts):
        write(ax, max(length, 0), place, text, va="center")
    make_room(ax, texts)
    ax.set_yticks(places, [shortened(name) for name, _ in shown], fontsize="small")
    literal(*ax.get_yticklabels())
    ax.tick_params(axis="y", length=0)
    ax.margins(y=0.02)
    ax.invert_yaxis()
    if not shown:
        note(ax, "no rows")
        ax.set_xticks([])
