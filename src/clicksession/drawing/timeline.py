"""One user's events, with their sessions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.drawing.answers import require
from clicksession.drawing.calendar import mark_times
from clicksession.drawing.canvas import axes_of, finish, ink, key, literal, note
from clicksession.drawing.durations import said
from clicksession.drawing.style import ACCENT, MAIN, PALE, series
from clicksession.drawing.texts import clean, shortened
from clicksession.errors import ParameterError, did_you_mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["timeline"]

# So many event types have a lane of their own, and so many sessions a text at their start.
_LANES, _TOLD = 8, 12
_REASONS = {
    "first": "the user's first session",
    "given": "as the tracker gave it",
    "timeout": "after a pause",
    "midnight": "at midnight",
    "max_duration": "the longest duration was reached",
    "max_events": "the most events were reached",
    "max_rate": "the highest rate was reached",
}
_PARTS = {
    "change:": "a change of {}",
    "event:": "an event '{}'",
    "column:": "an event marked by {}",
    "after_event:": "after an event '{}'",
    "after_column:": "after an event marked by {}",
}


def timeline(
    visits: Any,
    user: Any,
    *,
    zone: str = "UTC",
    user_column: str = "user_id",
    time: str = "timestamp",
    title: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw one user's events over time, with sessions shaded and the start of each marked.

    Each event type has a lane, the eight most frequent ones; all others share one. Above the start
    of a session stands how long the user had paused before it, unless there are more than twelve. A
    mark says why it began, where the frame has a ``start_reason``.

    Parameters
    ----------
    visits
        Events with ``session_id``, as `sessionize` and `load_events` give them: a frame of pandas,
        Polars or Arrow.
    user
        Whose events.
    zone
        The zone that times are shown in.
    user_column, time
        The columns that say whose event it is, and when it happened; a naive time is one in UTC.
    title, ax
        As for `bars`.

    Returns
    -------
    Axes
        Those that it is drawn on.

    Raises
    ------
    ParameterError
        `visits` is no such frame, it has no event of this user, or there is no such zone.
    MissingExtraError
        Matplotlib is not installed.
    """
    zoned = _zone(zone)
    events = _events(visits, user, user_column, time)
    lanes = _lanes(events.kinds)
    ax = axes_of(ax, "timeline", height=1.9 + 0.28 * len(lanes))
    _draw_sessions(ax, events)
    _draw_events(ax, events, lanes)
    _mark(ax, zoned, zone)
    named = f"User {clean(user)}" if title is None else title
    return finish(ax, named, grid=None)


@dataclass(frozen=True)
class _Events:
    """A user's events in their order, as numbers of days; kinds and sessions may be null."""

    times: np.ndarray
    sessions: list[Any]
    kinds: list[Any]
    reasons: list[Any]


def _zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError, TypeError):
        must = "the name of a time zone, such as 'Europe/Amsterdam'"
        raise ParameterError("timeline", "zone", must, zone) from None


def _events(visits: Any, user: Any, user_column: str, time: str) -> _Events:
    if not hasattr(visits, "__arrow_c_stream__"):
        must = "a frame of pandas, Polars or Arrow with session_id, as sessionize gives"
        raise ParameterError("timeline", "visits", must, type(visits).__name__)
    table = pa.table(visits)
    for name in (user_column, time, "session_id"):
        require(name, table.column_names, "timeline", "visits")
    if not pa.types.is_timestamp(table[time].type):
        must = f"a frame whose {time!r} holds times"
        raise ParameterError("timeline", "visits", must, str(table[time].type))
    own = _of_user(table, user, user_column)
    own = own.filter(pc.is_valid(own[time])).sort_by(time)
    counts = own[time].cast(pa.timestamp("us", own[time].type.tz), safe=False)
    instants = counts.cast(pa.timestamp("us")).to_numpy().astype("datetime64[us]")
    nulls = [None] * own.num_rows
    rest = [
        own[name].to_pylist() if name in own.column_names else nulls
        for name in ("session_id", "event_type", "start_reason")
    ]
    return _Events(instants, *rest)


def _of_user(table: pa.Table, user: Any, column: str) -> pa.Table:
    values = table[column]
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    try:
        own = table.filter(pc.equal(values, pa.scalar(user, values.type)))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        own = table.slice(0, 0)
    if own.num_rows == 0:
        known = [
            str(one) for one in pc.unique(values).slice(0, 10_000).to_pylist() if one is not None
        ]
        hint = (
            did_you_mean(str(user), known) or f"Users are {values.type} here, such as {known[:3]}."
        )
        raise ParameterError("timeline", "user", "a user of the frame", user, hint)
    return own


def _lanes(kinds: list[Any]) -> dict[Any, int]:
    """Return the lane of each event type, from the most frequent one on top."""
    counts: dict[Any, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    ranked = sorted(counts, key=lambda kind: (-counts[kind], str(kind)))
    most = _LANES if len(ranked) > _LANES + 1 else _LANES + 1
    return {kind: min(place, most) for place, kind in enumerate(ranked)}


def _draw_events(ax: "Axes", events: _Events, lanes: Mapping[Any, int]) -> None:
    places = np.array([lanes[kind] for kind in events.kinds])
    inside = np.array([session is not None for session in events.sessions], dtype=bool)
    if inside.any():
        ax.plot(events.times[inside], places[inside], "|", color=MAIN, markersize=11, mew=1.6)
    if not inside.all():
        ax.plot(events.times[~inside], places[~inside], "x", color=PALE, markersize=5)
    names = [shortened(clean(kind), 28) if kind is not None else "events" for kind in lanes]
    number = max(lanes.values(), default=0) + 1
    if len(lanes) > number:
        names = [*names[: number - 1], f"{len(lanes) - number + 1} other types"]
    ax.set_yticks(range(number), names, fontsize="small")
    literal(*ax.get_yticklabels())
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(number - 0.4, -0.6)
    if not len(events.times):
        note(ax, "no events with a time")


def _draw_sessions(ax: "Axes", events: _Events) -> None:
    rows: dict[Any, list[int]] = {}
    for row, session in enumerate(events.sessions):
        if session is not None:
            rows.setdefault(session, []).append(row)
    marks: dict[str, list[np.datetime64]] = {}
    for number, of_session in enumerate(rows.values()):
        first, last = of_session[0], of_session[-1]
        start, end = events.times[first], events.times[last]
        ax.axvspan(start, end, color=MAIN, alpha=(0.14, 0.26)[number % 2], linewidth=0)
        ax.axvline(start, color=MAIN, alpha=0.5, linewidth=0.8)
        marks.setdefault(_in_words(events.reasons[first]), []).append(start)
        if len(rows) <= _TOLD and first > 0:
            _tell_pause(ax, start, (start - events.times[first - 1]) / np.timedelta64(1, "s"))
    _mark_starts(ax, marks)


def _tell_pause(ax: "Axes", start: np.datetime64, seconds: float) -> None:
    away: dict[str, Any] = {"xytext": (0, 9), "textcoords": "offset points", "rotation": 30}
    text = f"after {said(seconds)}"
    across = ax.get_xaxis_transform()
    ax.annotate(text, (start, 1), xycoords=across, fontsize="x-small", color=ink(), **away)


def _mark_starts(ax: "Axes", marks: dict[str, list[np.datetime64]]) -> None:
    """Mark the start of each session at the upper edge, by its reason."""
    handles: list[Any] = []
    for number, starts in enumerate(marks.values()):
        look = series(number)
        color = ACCENT if number == 0 else look.color
        edge: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "clip_on": False}
        marker: dict[str, Any] = {"marker": look.marker, "markersize": 6, "linestyle": ""}
        handles += ax.plot(starts, np.ones(len(starts)), color=color, **marker, **edge)
    if handles:
        below: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.22)}
        labels = [shortened(f"{reason} ({len(marks[reason])})", 48) for reason in marks]
        key(ax, handles, labels, ncols=min(len(labels), 3), frameon=False, **below)


def _in_words(reason: Any) -> str:
    if reason is None:
        return "start of a session"
    if reason in _REASONS:
        return _REASONS[reason]
    for front, words in _PARTS.items():
        if str(reason).startswith(front):
            return words.format(clean(str(reason).removeprefix(front)))
    return clean(reason)


def _mark(ax: "Axes", zone: ZoneInfo, name: str) -> None:
    mark_times(ax, zone)
    ax.set_xlabel(f"time ({name})", parse_math=False)
    ax.margins(x=0.03)
