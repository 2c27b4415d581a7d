"""A bar for each row of an answer: pages, campaigns, groups."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from clicksession.drawing.answers import columns_of, require
from clicksession.drawing.canvas import axes_of, finish, literal, note
from clicksession.drawing.style import MAIN, PALE
from clicksession.drawing.texts import amount, clean, percent, shortened
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
    columns = columns_of(answer, "bars")
    value, labels = _chosen(columns, value, label)
    rows = _rows(columns, value, labels)
    shown = _bounded(rows, most, others)
    ax = axes_of(ax, "bars", height=1.4 + 0.26 * max(len(shown), 3))
    say = percent if is_share else amount
    _draw(ax, shown, say, _left_out(rows, shown, most, others))
    ax.set_xlabel(value.replace("_", " "), parse_math=False)
    ax.xaxis.set_major_formatter(lambda number, _: say(number))
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


def _bounded(rows: list[Bar], most: int, others: str) -> list[Bar]:
    rest = rows[most:]
    if len(rest) == 1:
        return rows
    if not rest or others == "leave":
        return rows[:most]
    total = sum(number for _, number in rest if number is not None)
    return [*rows[:most], (f"{len(rest):,} others", total)]


def _left_out(rows: list[Bar], shown: list[Bar], most: int, others: str) -> int:
    return len(rows) - len(shown) if others == "leave" else 0


def _draw(ax: "Axes", shown: list[Bar], say: Any, left_out: int) -> None:
    places = range(len(shown))
    lengths = [number or 0 for _, number in shown]
    drawn = ax.barh(places, lengths, color=MAIN, height=0.72)
    for (name, number), bar in zip(shown, drawn, strict=True):
        if name.endswith(" others") and bar is drawn[-1]:
            bar.set(facecolor=PALE, hatch="///")
        ends = (number or 0, bar.get_y() + bar.get_height() / 2)
        literal(ax.annotate(f" {say(number)}", ends, va="center", fontsize="small"))
    ax.set_yticks(places, [shortened(name) for name, _ in shown], fontsize="small")
    literal(*ax.get_yticklabels())
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.12, y=0.02)
    ax.invert_yaxis()
    if not shown:
        note(ax, "no rows")
        ax.set_xticks([])
    if left_out:
        ax.set_ylabel(f"{left_out:,} more are not shown", fontsize="small")
