"""How many get through each step of a way."""

from typing import TYPE_CHECKING, Any

from clicksession.drawing.answers import columns_of
from clicksession.drawing.canvas import axes_of, finish, key, literal, make_room, note, write
from clicksession.drawing.style import series
from clicksession.drawing.texts import amount, clean, on_axis, percent, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["funnel"]

_COLUMNS = ("step", "event_type", "reached", "share_of_first", "share_of_previous")
# More groups than this cannot be told apart.
_GROUPS = 6


def funnel(
    answer: Any, *, of: str = "reached", title: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw how many get to each step of a funnel, the first on top.

    Beside each bar stand the number, its share of the first step, and of the step before.

    Parameters
    ----------
    answer
        What `Funnel` gives. With `by`, each step has a bar for each group, with its share of the
        first step: the six groups that most begin, while the key says how many more there are.
    of
        Who is counted, for the axis below: ``"sessions"`` or ``"users"``.
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
    ...         "step": [1, 2],
    ...         "event_type": ["page_view", "placed_order"],
    ...         "reached": [200, 50],
    ...         "share_of_first": [1.0, 0.25],
    ...         "share_of_previous": [None, 0.25],
    ...     }
    ... )
    >>> [text.get_text().strip() for text in funnel(answer).texts]
    ['200', '50  (25 % of the first)']
    """
    columns = columns_of(answer, "funnel", *_COLUMNS)
    keys = [name for name in columns if name not in _COLUMNS]
    steps = {
        step: clean(name) for step, name in zip(columns["step"], columns["event_type"], strict=True)
    }
    groups = _groups(columns, keys)
    shown = sorted(groups, key=lambda name: -groups[name].get(1, (0, None, None))[0])[:_GROUPS]
    rows = len(steps) * (1 if len(shown) < 2 else len(shown) * 0.45)
    ax = axes_of(ax, "funnel", height=1.3 + 0.5 * max(rows, 2))
    handles = [
        _draw(ax, groups[name], list(steps), place, len(shown)) for place, name in enumerate(shown)
    ]
    _name(ax, steps)
    if keys and shown:
        labels = [shortened(name, 40) for name in shown]
        key(ax, handles, labels, more=len(groups) - len(shown), loc="lower right")
    ax.set_xlabel(of)
    ax.xaxis.set_major_formatter(on_axis)
    return finish(ax, title, grid="x")


Steps = dict[int, tuple[int, float | None, float | None]]


def _groups(columns: dict[str, list[Any]], keys: list[str]) -> dict[str, Steps]:
    groups: dict[str, Steps] = {}
    for row, step in enumerate(columns["step"]):
        name = " · ".join(clean(columns[each][row]) for each in keys)
        said = (columns[each][row] for each in ("reached", "share_of_first", "share_of_previous"))
        groups.setdefault(name, {})[step] = tuple(said)
    return groups


def _draw(ax: "Axes", group: Steps, steps: list[int], place: int, among: int) -> Any:
    look, height = series(place), 0.8 / among
    tops = [number - 0.4 + height * (place + 0.5) for number in range(len(steps))]
    reached = [group.get(step, (0, None, None)) for step in steps]
    numbers = [number for number, _, _ in reached]
    drawn = ax.barh(
        tops, numbers, height=height * 0.92, color=look.color, hatch=look.hatch, edgecolor="white"
    )
    for step, top, one in zip(steps, tops, reached, strict=True):
        text = _said(step, *one) if among == 1 else f"{amount(one[0])}  ({percent(one[1])})"
        write(ax, one[0], top, f" {text}", va="center")
    return drawn


def _said(step: int, reached: int, of_first: float | None, of_previous: float | None) -> str:
    """Return what stands beside a bar; of the second step, the one before is the first."""
    if step == 1:
        return amount(reached)
    parts = [f"{percent(of_first)} of the first"]
    if step > 2:
        parts.append(f"{percent(of_previous)} of the one before")
    return f"{amount(reached)}  ({', '.join(parts)})"


def _name(ax: "Axes", steps: dict[int, str]) -> None:
    names = [f"{step}  {shortened(name, 34)}" for step, name in steps.items()]
    ax.set_yticks(range(len(names)), names)
    literal(*ax.get_yticklabels())
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(max(len(names), 1) - 0.45, -0.55)
    make_room(ax, [(text.get_position()[0], text.get_text()) for text in ax.texts])
    if not names:
        note(ax, "no steps")
        ax.set_xticks([])
