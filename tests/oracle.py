"""The definitions once more, as plain loops over plain values: what every engine must equal."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean, median
from typing import Any


@dataclass(frozen=True)
class Session:
    """One session: whose, when in microseconds, and its events."""

    user: Any
    start: int
    end: int
    count: int
    index: int
    event_types: tuple[Any, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.user}:{self.start}"


def session_of_each(
    users: Sequence[Any], times: Sequence[int | None], longest_gap: int
) -> list[tuple[str, int] | None]:
    """Return id and index of each row's session, or None; times in microseconds."""
    by_user: dict[Any, list[int]] = defaultdict(list)
    for row, (user, time) in enumerate(zip(users, times, strict=True)):
        if user is not None and time is not None:
            by_user[user].append(row)
    result: list[tuple[str, int] | None] = [None] * len(users)
    for user, rows in by_user.items():
        rows.sort(key=lambda row: (times[row], row))
        index, start, previous = 0, 0, None
        for row in rows:
            now = times[row]
            assert now is not None
            if previous is None or now - previous > longest_gap:
                index, start = index + 1, now
            previous = now
            result[row] = (f"{user}:{start}", index)
    return result


def sessions_of(
    users: Sequence[Any],
    times: Sequence[int | None],
    longest_gap: int,
    event_types: Sequence[Any] | None = None,
) -> list[Session]:
    """Return all sessions, by user and start."""
    found = session_of_each(users, times, longest_gap)
    kinds = event_types if event_types is not None else [None] * len(users)
    rows = [
        (users[row], session[1], times[row], kinds[row])
        for row, session in enumerate(found)
        if session is not None
    ]
    rows.sort(key=lambda row: (str(row[0]), row[1]))
    sessions = []
    for (user, index), group in groupby(rows, key=lambda row: (row[0], row[1])):
        members = list(group)
        moments = [time for _, _, time, _ in members if time is not None]
        types = tuple(kind for *_, kind in members)
        session = Session(user, min(moments), max(moments), len(members), index, types)
        sessions.append(session)
    return sessions


def before_orders(sessions: list[Session], order: str = "placed_order") -> list[tuple[int, int]]:
    """Return the visits and microseconds before each order session."""
    observations = []
    for _, group in groupby(sessions, key=lambda session: session.user):
        visits, microseconds = 0, 0
        for session in sorted(group, key=lambda session: session.index):
            if order in session.event_types:
                observations.append((visits, microseconds))
                visits, microseconds = 0, 0
            else:
                visits, microseconds = visits + 1, microseconds + session.end - session.start
    return observations


def statistic(values: Sequence[float], name: str) -> float | None:
    """Return the median or the mean, or None of nothing."""
    if not values:
        return None
    return float({"median": median, "mean": mean}[name](values))
