"""Any log, its sessions and its answers by the oracle, for databases that are given text."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.sql.tables import Instant, Key, Tables, Words
from clicksession.testing import RunningDatabase
from tests.logs import THIRTY_MINUTES, as_lists
from tests.oracle import Session, before_orders, session_of_each, sessions_of, statistic

TABLES = Tables(prefix="any_")
COUNTING = Tables(prefix="any_", counted_events=("placed_order",))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATISTICS = ("median", "mean")
EVENTS = TABLES.table(
    "events",
    sa.Column("event_id", sa.BigInteger, autoincrement=False),
    sa.Column("user_id", Key()),
    sa.Column("timestamp", Instant()),
    sa.Column("event_type", Words()),
    sa.Column("session_id", Key()),
)
SESSIONIZED = cs.sql.sessionize(EVENTS)
SESSIONS = TABLES.table(
    "sessions",
    sa.Column("session_id", Key()),
    sa.Column("user_id", Key()),
    sa.Column("started_at", Instant()),
    sa.Column("ended_at", Instant()),
    sa.Column("duration_seconds", sa.Double()),
    sa.Column("event_count", sa.BigInteger),
    sa.Column("placed_order_count", sa.BigInteger),
)


def load(database: RunningDatabase, events: pd.DataFrame) -> None:
    """Load a log and its sessions."""
    users, times = as_lists(events)
    found = session_of_each(users, times, THIRTY_MINUTES)
    ids = [session and session[0] for session in found]
    columns = (events["event_id"], users, map(_moment, times), events["event_type"], ids)
    rows = [(int(row[0]), *row[1:]) for row in zip(*columns, strict=True)]
    database.load(EVENTS, rows)
    database.load(SESSIONS, list(map(_stored, _sessions(events))))


def _stored(session: Session) -> tuple[Any, ...]:
    times = (_moment(session.start), _moment(session.end), (session.end - session.start) / 1e6)
    counts = (session.count, session.event_types.count("placed_order"))
    return (session.id, session.user, *times, *counts)


def sessionized(events: pd.DataFrame) -> dict[int, tuple[Any, ...]]:
    """Return each event's session and its number."""
    users, times = as_lists(events)
    found = session_of_each(users, times, THIRTY_MINUTES)
    return {
        int(number): session or (None, None)
        for number, session in zip(events["event_id"], found, strict=True)
    }


def check_sessions(found: list[tuple[Any, ...]], events: pd.DataFrame) -> None:
    """Compare with the rows that `sessionize` gives, whose last two columns say the session."""
    assert {row[0]: tuple(row[-2:]) for row in found} == sessionized(events)


@cache
def selecting(metric: Any, statistic: str, tables: Tables) -> Any:
    """Return the statement of a metric: the same one each time, so that its text is made once."""
    return metric(statistic=statistic).select(tables)


@cache
def text_of(statement: Any, dialect: str) -> str:
    """Return the text of a statement that is asked of one log after another."""
    return cs.to_sql(statement, dialect)


def answers(events: pd.DataFrame) -> list[tuple[Any, float | None]]:
    """Return the statements of metrics, and what they come to."""
    sessions = _sessions(events)
    ends = {(session.user, session.index): session.end for session in sessions}
    values = {
        cs.metrics.SessionDuration: [(s.end - s.start) / 60e6 for s in sessions],
        cs.metrics.TimeBetweenSessions: [
            (s.start - ends[s.user, s.index - 1]) / 60e6 for s in sessions if s.index > 1
        ],
        cs.metrics.VisitsBeforeOrder: [visits for visits, _ in before_orders(sessions)],
        cs.metrics.MinutesBeforeOrder: [micros / 60e6 for _, micros in before_orders(sessions)],
    }
    found = [
        (metric, name, statistic(observed, name))
        for metric, observed in values.items()
        for name in _STATISTICS
    ] + [
        (metric, name, percentile_of(observed, fraction))
        for metric, observed in values.items()
        for name, fraction in (("p90", 0.9), ("p12.5", 0.125))
    ]
    return [
        (selecting(metric, name, tables), expected)
        for metric, name, expected in found
        for tables in (TABLES, COUNTING)[: 2 if hasattr(metric(), "order_events") else 1]
    ]


def percentile_of(values: list[Any], fraction: float) -> float | None:
    """Return the percentile by its definition, in plain Python."""
    if not values:
        return None
    ordered, place = sorted(values), fraction * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))


def check_answer(found: list[tuple[Any, ...]], expected: float | None, what: object) -> None:
    """Compare one number."""
    ((value,),) = found
    value = None if value is None else float(value)
    nearly = None if expected is None else pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert value == nearly, what


def _sessions(events: pd.DataFrame) -> list[Session]:
    users, times = as_lists(events)
    return sessions_of(users, times, THIRTY_MINUTES, events["event_type"].tolist())


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
