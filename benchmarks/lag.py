"""What a `LAG` query gets wrong on a log, and what we do: ``python -m benchmarks.lag``.

Not about speed. The query is the one that most people write: a session opens where
the pause since the user's last event is longer than 30 minutes. It runs in DuckDB;
the sessions that are right come from a plain loop over the distinct events of known
users. The log is the made-up webshop of the README. Its events arrive by the night,
each with those of its own day, but for one in fifty, which arrives a night late.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd

import clicksession as cs

__all__ = ["Wrong", "main", "measure"]

# A session is told by the events that it holds; two that hold the same are there twice.
Session = tuple[int, ...]

_TIMEOUT = timedelta(minutes=30)
_LATE = 50
_AGAIN = 14
_LAG = """
SELECT event_id, user_id, sum(opens) OVER (PARTITION BY user_id ORDER BY timestamp) AS number
FROM (
    SELECT *, CASE WHEN before IS NULL OR timestamp - before > INTERVAL 30 MINUTE
        THEN 1 ELSE 0 END AS opens
    FROM (
        SELECT *, lag(timestamp) OVER (PARTITION BY user_id ORDER BY timestamp) AS before
        FROM load
    )
)
"""


@dataclass(frozen=True)
class Wrong:
    """How many sessions are wrong, for one way to cut them.

    Attributes
    ----------
    right
        How many sessions there are.
    of_nobody
        Made of events without a user, which belong to no one visitor.
    torn
        Sessions that are not there as a whole once all nights have come in.
    twice
        Sessions that are there twice after one night was loaded again.
    """

    right: int
    of_nobody: int
    torn: int
    twice: int


def measure() -> dict[str, Wrong]:
    """Return what is wrong with the sessions of the query, and with ours."""
    events = _log()
    right = set(_right(events))
    nights = _nights(events)
    with TemporaryDirectory() as folder:
        return {
            "LAG": _wrong_with_lag(events, nights, right),
            "clicksession": _wrong_with_ours(nights, right, Path(folder)),
        }


def main() -> None:
    """Print the table."""
    found = measure()
    print(f"{found['LAG'].right:,} sessions\n")
    for name, wrong in found.items():
        print(f"{name}: {wrong.of_nobody} of nobody, {wrong.torn} torn, {wrong.twice} twice")


def _log() -> pd.DataFrame:
    events = cs.datasets.webshop_events(customers=500, seed=42)
    return cs.read_events(list(events), schema=cs.EventSchema.preset("webshop"))


def _nights(events: pd.DataFrame) -> list[pd.DataFrame]:
    day = timedelta(days=1)
    arrived = events["timestamp"].where(events["event_id"] % _LATE != 0, events["timestamp"] + day)
    return [load for _, load in events.groupby(arrived.dt.floor("D"))]


def _right(events: pd.DataFrame) -> Iterator[Session]:
    known = events.dropna(subset=["user_id"]).drop_duplicates("event_id")
    ordered = known.sort_values(["user_id", "timestamp", "event_id"])
    session: list[int] = []
    last_user, last_time = None, None
    for user, time, event in ordered[["user_id", "timestamp", "event_id"]].itertuples(index=False):
        if session and (user != last_user or time - last_time > _TIMEOUT):
            yield tuple(sorted(session))
            session = []
        session.append(event)
        last_user, last_time = user, time
    yield tuple(sorted(session))


def _wrong_with_lag(events: pd.DataFrame, nights: list[pd.DataFrame], right: set[Session]) -> Wrong:
    at_once = list(_by_lag(events))
    by_night = [session for load in nights for session in _by_lag(load)]
    again = [*by_night, *_by_lag(nights[_AGAIN])]
    return _wrong(right, at_once, by_night, again)


def _by_lag(load: pd.DataFrame) -> Iterator[Session]:
    with duckdb.connect() as connection:
        connection.register("load", load)
        return _together(connection.sql(_LAG).fetchall())


def _wrong_with_ours(nights: list[pd.DataFrame], right: set[Session], folder: Path) -> Wrong:
    target = f"sqlite:///{folder / 'shop.db'}"
    writer = cs.SQLWriter(target, timeout=_TIMEOUT)
    for load in nights:
        writer.write(load)
    by_night = list(_stored(target))
    writer.write(nights[_AGAIN])
    return _wrong(right, by_night, by_night, list(_stored(target)))


def _stored(target: str) -> Iterator[Session]:
    stored = cs.load_events(target).dropna(subset=["session_id"])
    rows = stored[["event_id", "user_id", "session_id"]]
    return _together(rows.itertuples(index=False, name=None))


def _together(rows: Iterable[tuple[int, object, object]]) -> Iterator[Session]:
    events: dict[tuple[object, object], list[int]] = defaultdict(list)
    for event, user, session in rows:
        events[user, session].append(event)
    return (tuple(sorted(session)) for session in events.values())


def _wrong(
    right: set[Session], at_once: list[Session], by_night: list[Session], again: list[Session]
) -> Wrong:
    return Wrong(
        right=len(right),
        of_nobody=len(set(at_once) - right),
        torn=len(right - set(by_night)),
        twice=len(again) - len(by_night),
    )


if __name__ == "__main__":
    main()
