"""One user's events, with their sessions."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from clicksession.drawing.canvas import axes_of, finish, ink, key, literal, note, write
from clicksession.drawing.durations import said
from clicksession.drawing.style import ACCENT, MAIN, PALE, series
from clicksession.drawing.texts import clean, shortened
from clicksession.drawing.visits import Session, Visits, visits_of
from clicksession.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["timeline"]

# So many event types have a lane of their own, so many sessions have a text, so many a mark.
_LANES, _TOLD, _MARKS = 8, 12, 9
# A pause is as wide as so large a part of the mean session; a session of one event, a tenth of it.
_PAUSE, _EDGE = 0.45, 0.1
_UNEXPLAINED = "for a reason that the frame does not have"
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
    "change:": "{} changed",
    "event:": "an event {!r}",
    "column:": "an event marked by {}",
    "after_event:": "after an event {!r}",
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
    r"""Draw one user's events over time, with sessions shaded and the start of each marked.

    Sessions are as wide as they are long. Pauses between them are cut short, all alike, since a
    session of minutes would not be seen among days; in each stands how long it was, unless there
    are more than twelve sessions. A mark at its upper edge says why a session began, where the
    frame has a ``start_reason``. Each event type has a lane, the eight most frequent ones; all
    others share one. An event that is in no session is a cross.

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

    Examples
    --------
    >>> import pandas as pd
    >>> import clicksession as cs
    >>> times = pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:20", "2024-05-02 09:00"])
    >>> visits = cs.sessionize(pd.DataFrame({"user_id": ["ann"] * 3, "timestamp": times}))
    >>> [mark.get_text() for mark in timeline(visits, "ann").get_xticklabels()]
    ['2024-05-01\n10:00', '2024-05-02\n09:00']
    """
    zoned = _zone(zone)
    found = visits_of(visits, user, user_column, time)
    sessions, lanes = found.sessions, _lanes(found.kinds)
    ax = axes_of(ax, "timeline", height=2.3 + 0.28 * (max(lanes.values(), default=0) + 1))
    knots, places = _places(sessions, found.times)
    _draw_sessions(ax, sessions, knots, places)
    _draw_events(ax, found, lanes, np.interp(_seconds(found.times), knots, places))
    _mark_times(ax, [each.start for each in sessions], zoned, knots, places)
    ax.set_xlabel(f"starts of sessions ({zone}); pauses are cut short", parse_math=False)
    named = f"User {clean(user)}: {len(found.times):,} events, {len(sessions):,} sessions"
    return finish(ax, named if title is None else title, grid=None)


def _zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError, TypeError):
        must = "the name of a time zone, such as 'Europe/Amsterdam'"
        raise ParameterError("timeline", "zone", must, zone) from None


def _seconds(times: Any) -> np.ndarray:
    return np.asarray(times, dtype="datetime64[us]").astype(np.int64) / 1e6


def _places(sessions: Sequence[Session], times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return times, and where they are along the axis, on which pauses are cut short."""
    if not sessions:
        around = _seconds(times)[[0, -1]] if len(times) else np.zeros(2)
        return around, around - around[0]
    blocks = _blocks(sessions)
    width = sum(end - start for start, end in blocks) / len(blocks) or 60.0
    knots, places, place, before = [], [], 0.0, blocks[0][0]
    for start, end in blocks:
        place += min(start - before, _PAUSE * width)
        knots += [start, end]
        places += [place, place + end - start]
        place, before = places[-1], end
    return np.array(knots), np.array(places)


def _blocks(sessions: Sequence[Session]) -> list[tuple[float, float]]:
    """Return from when to when there were sessions: those that a tracker gave may interleave."""
    blocks: list[tuple[float, float]] = []
    for session in sessions:
        start, end = _seconds([session.start, session.end])
        if blocks and start <= blocks[-1][1]:
            blocks[-1] = (blocks[-1][0], max(end, blocks[-1][1]))
        else:
            blocks.append((float(start), float(end)))
    return blocks


def _draw_sessions(
    ax: "Axes", sessions: Sequence[Session], knots: np.ndarray, places: np.ndarray
) -> None:
    marks: dict[str, list[float]] = {}
    edge = _EDGE * _PAUSE * (places[-1] / len(sessions) if len(sessions) else 0)
    before: np.datetime64 | None = None
    for number, each in enumerate(sessions):
        start, end = np.interp(_seconds([each.start, each.end]), knots, places)
        shade: dict[str, Any] = {"alpha": (0.14, 0.28)[number % 2], "linewidth": 0}
        ax.axvspan(start - edge, end + edge, color=MAIN, **shade)
        marks.setdefault(_in_words(each.reason), []).append(start)
        if before is not None and each.start > before and len(sessions) <= _TOLD:
            middle = (start + np.interp(_seconds([before]), knots, places)[0]) / 2
            _tell_pause(ax, middle, (each.start - before) / np.timedelta64(1, "s"))
        before = each.end if before is None else max(before, each.end)
    _mark_starts(ax, marks)


def _tell_pause(ax: "Axes", middle: float, seconds: float) -> None:
    upright: dict[str, Any] = {"rotation": 90, "ha": "center", "va": "center"}
    across = ax.get_xaxis_transform()
    write(ax, middle, 0.5, said(seconds), transform=across, fontsize="x-small", **upright)


def _mark_starts(ax: "Axes", marks: dict[str, list[float]]) -> None:
    """Mark the start of each session at the upper edge, by its reason."""
    handles: list[Any] = []
    for number, starts in enumerate(marks.values()):
        look = series(number)
        color = ACCENT if number == 0 else look.color
        edge: dict[str, Any] = {"transform": ax.get_xaxis_transform()}
        marker: dict[str, Any] = {"marker": look.marker, "markersize": 6, "linestyle": ""}
        handles += ax.plot(starts, np.full(len(starts), 0.95), color=color, **marker, **edge)
    if set(marks) - {_UNEXPLAINED}:
        labels = [shortened(f"{reason} ({len(marks[reason])})", 48) for reason in marks]
        below: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.34)}
        key(ax, handles, labels, ncols=min(len(labels), 3), frameon=False, **below)


def _in_words(reason: str | None) -> str:
    if reason is None:
        return _UNEXPLAINED
    for front, words in _PARTS.items():
        if reason.startswith(front):
            return words.format(clean(reason.removeprefix(front)))
    return _REASONS.get(reason, clean(reason))


def _lanes(kinds: list[Any]) -> dict[Any, int]:
    """Return the lane of each event type, from the most frequent one on top."""
    counts: dict[Any, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    ranked = sorted(counts, key=lambda kind: (-counts[kind], str(kind)))
    most = _LANES if len(ranked) > _LANES + 1 else len(ranked)
    return {kind: min(place, most) for place, kind in enumerate(ranked)}


def _draw_events(ax: "Axes", visits: Visits, lanes: dict[Any, int], places: np.ndarray) -> None:
    heights = np.array([lanes[kind] for kind in visits.kinds])
    inside = np.array([session is not None for session in visits.ids], dtype=bool)
    ax.plot(places[inside], heights[inside], "|", color=ink(), markersize=11, mew=1.6)
    ax.plot(places[~inside], heights[~inside], "x", color=PALE, markersize=5)
    names = ["events" if kind is None else shortened(clean(kind), 28) for kind in lanes]
    number = max(lanes.values(), default=0) + 1
    if len(lanes) > number:
        names = [*names[: number - 1], f"{len(lanes) - number + 1} other types"]
    ax.set_yticks(range(len(names)), names, fontsize="small")
    literal(*ax.get_yticklabels())
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(number - 0.4, -0.6)
    if not len(visits.times):
        note(ax, "no events with a time")


def _mark_times(
    ax: "Axes", starts: list[np.datetime64], zone: ZoneInfo, knots: np.ndarray, places: np.ndarray
) -> None:
    """Have the axis say when sessions began, as the clocks of the zone showed it."""
    chosen: dict[float, str] = {}
    for start, place in zip(starts, np.interp(_seconds(starts), knots, places), strict=True):
        if not chosen or place - max(chosen) >= places[-1] / _MARKS:
            chosen[float(place)] = f"{_shown(start, zone):%Y-%m-%d\n%H:%M}"
    ax.set_xticks(list(chosen), list(chosen.values()), fontsize="x-small")
    ax.margins(x=0.03)


def _shown(start: np.datetime64, zone: ZoneInfo) -> datetime:
    naive: Any = start.item()
    shown: datetime = naive.replace(tzinfo=UTC).astimezone(zone)
    return shown
