"""Which stored sessions a batch can change, and what they become.

A new event can change only sessions of its own user that lie within one timeout
of it. All sessions that overlap the stretch from a user's earliest new event to
their latest, widened by the timeout on both sides, are taken out, cut anew
together with the new events, and put back. The user's first session is taken
along, since only it starts for the reason ``first``.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select

from clicksession.engines.arrays import Split
from clicksession.rules import Rules
from clicksession.sessions import seconds_between, split_frame
from clicksession.sql.tables import Instant
from clicksession.writers.bulk.rows import RowLoader
from clicksession.writers.layout import Target, arrow_type
from clicksession.writers.storable import INSTANT

# The years 1 and 9999, in microseconds from 1970: databases know no dates beyond them.
_FIRST_DATE, _LAST_DATE = -62_135_596_800_000_000, 253_402_300_799_999_999

__all__ = ["Stored", "session_rows", "split_rows", "stored_around", "stored_of_users"]


@dataclass(frozen=True)
class Stored:
    """Sessions of the database, and their events."""

    sessions: pa.Table
    events: pa.Table


def stored_around(
    connection: Connection, loader: RowLoader, target: Target, rows: pa.Table, rules: Rules
) -> Stored:
    """Return the stored sessions that new rows can change, with their events."""
    stretches = _stretches(rows, rules)
    sessions = target.sessions
    user_type = target.events.c.user_id.type
    with loader.staged(
        connection, "stretches", stretches, user_id=user_type, since=Instant(), until=Instant()
    ) as near:
        overlaps = and_(sessions.c.ended_at >= near.c.since, sessions.c.started_at <= near.c.until)
        reached = and_(
            sessions.c.user_id == near.c.user_id,
            or_(overlaps, sessions.c.start_reason == "first"),
        )
        return _stored(connection, loader, target, near, reached)


def stored_of_users(
    connection: Connection, loader: RowLoader, target: Target, users: pa.Table
) -> Stored:
    """Return all stored sessions of some users, with their events."""
    user_type = target.events.c.user_id.type
    with loader.staged(connection, "users", users, user_id=user_type) as chosen:
        reached = target.sessions.c.user_id == chosen.c.user_id
        return _stored(connection, loader, target, chosen, reached)


def _stored(
    connection: Connection,
    loader: RowLoader,
    target: Target,
    chosen: Table,
    reached: ColumnElement[bool],
) -> Stored:
    events, sessions = target.events, target.sessions
    inside = and_(
        events.c.user_id == sessions.c.user_id,
        events.c.timestamp.between(sessions.c.started_at, sessions.c.ended_at),
    )
    members = (
        select(events.c.event_id, events.c.user_id, events.c.timestamp, events.c.session_id)
        .join(sessions, inside)
        .join(chosen, reached)
    )
    near = select(*sessions.c).join(chosen, reached)
    user, event = arrow_type(events.c.user_id.type), arrow_type(events.c.event_id.type)
    return Stored(
        loader.fetch(connection, near, _sessions_schema(user)),
        loader.fetch(connection, members, _events_schema(event, user)),
    )


def session_rows(split: Split) -> pa.Table:
    """Return the rows of the sessions table for a split of stored events."""
    started, ended = split.started_at, split.ended_at
    return pa.table(
        {
            "session_id": split.ids,
            "user_id": split.users.names(split.user_codes),
            "started_at": pa.array(started).cast(INSTANT),
            "ended_at": pa.array(ended).cast(INSTANT),
            "duration_seconds": pa.array(seconds_between(started, ended, "us")),
            "event_count": pa.array(split.event_counts),
            "start_reason": split.reasons,
        }
    )


def split_rows(rows: pa.Table, rules: Rules) -> Split:
    """Return where the sessions of stored events begin."""
    frame = pd.DataFrame(
        {
            # Text stays Arrow's; whole numbers with nulls must not pass through floats.
            "user_id": pd.array(
                rows["user_id"].combine_chunks(), dtype=pd.ArrowDtype(rows["user_id"].type)
            ),
            "timestamp": rows["timestamp"].to_pandas(),
        }
    )
    return split_frame(frame, rules, who="SQLWriter.write")


def _stretches(rows: pa.Table, rules: Rules) -> pa.Table:
    """Return for each user of the rows how far around them a stored session can be touched."""
    split = split_rows(rows, rules)
    opens = np.flatnonzero(split.indexes == 1)
    closes = np.append(opens[1:], len(split.indexes))[: len(opens)] - 1
    reach = min(rules.longest_gap(1000), _LAST_DATE - _FIRST_DATE)
    return pa.table(
        {
            "user_id": split.users.names(split.user_codes[opens]),
            "since": pa.array(np.maximum(split.started_at[opens] - reach, _FIRST_DATE)).cast(
                INSTANT
            ),
            "until": pa.array(np.minimum(split.ended_at[closes] + reach, _LAST_DATE)).cast(INSTANT),
        }
    )


def _events_schema(event_type: pa.DataType, user_type: pa.DataType) -> pa.Schema:
    return pa.schema(
        {
            "event_id": event_type,
            "user_id": user_type,
            "timestamp": INSTANT,
            "session_id": pa.large_string(),
        }
    )


def _sessions_schema(user_type: pa.DataType) -> pa.Schema:
    return pa.schema(
        {
            "session_id": pa.large_string(),
            "user_id": user_type,
            "started_at": INSTANT,
            "ended_at": INSTANT,
            "duration_seconds": pa.float64(),
            "event_count": pa.int64(),
            "start_reason": pa.large_string(),
        }
    )
