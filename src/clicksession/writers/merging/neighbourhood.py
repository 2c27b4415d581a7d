"""Which stored sessions a batch can change, and what they become.

Where only gaps decide, a new event can change only sessions of its own user that
lie within one timeout of it: those that overlap the stretch from a user's earliest
new event to their latest, widened by the timeout on both sides. The user's first
session is taken along, since only it starts for the reason ``first``. By all other
rules the sessions of a user are cut anew as a whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from clicksession.arrow import in_one
from clicksession.engines.arrays import Split
from clicksession.engines.splitting import split_frame
from clicksession.engines.summarizing import seconds_between
from clicksession.rules import Rules
from clicksession.sql.tables import Instant
from clicksession.windows.kept import Kept
from clicksession.writers.merging.edges import edge_values, parts_of
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.columns import INSTANT
from clicksession.writers.tables.conversions import conversion_counts
from clicksession.writers.tables.target import Target

Integers = npt.NDArray[np.int64]

# The years 1 and 9999, in microseconds from 1970: databases know no dates beyond them.
_FIRST_DATE, _LAST_DATE = -62_135_596_800_000_000, 253_402_300_799_999_999

__all__ = [
    "Stored",
    "looked_at",
    "rows_in_order",
    "session_rows",
    "sessions_around",
    "split_rows",
    "stored_of_users",
    "users_of",
]


@dataclass(frozen=True)
class Stored:
    """Some users, with all their sessions and events in the database."""

    users: pa.Table
    sessions: pa.Table
    events: pa.Table


def sessions_around(access: Access, target: Target, new: Split) -> pa.Table:
    """Return the stored sessions that the sessions of new events can touch, and users' first."""
    sessions = target.sessions
    types = {"user_id": target.events.c.user_id.type, "since": Instant(), "until": Instant()}
    with access.staged("stretches", _stretches(new, access.rules), **types) as near:
        overlaps = and_(sessions.c.ended_at >= near.c.since, sessions.c.started_at <= near.c.until)
        reached = or_(overlaps, sessions.c.start_reason == "first")
        theirs = and_(sessions.c.user_id == near.c.user_id, reached)
        return access.fetch(select(*sessions.c).join(near, theirs))


def looked_at(rules: Rules, kept: Kept) -> tuple[str, ...]:
    """Return which columns of events sessions are made of, beside the user and the time."""
    by_ids = rules.order_decides or kept.edges
    names = (
        *rules.columns,
        *(("event_id",) if by_ids else ()),
        *(edge.source for edge in kept.edges),
        *(("event_type",) if kept.counted_events else ()),
    )
    return tuple(dict.fromkeys(names))


def users_of(access: Access, target: Target, where: ColumnElement[bool]) -> pa.Table:
    """Return the users of the stored events that a condition picks."""
    user = target.events.c.user_id
    return access.fetch(select(user).where(where, user.is_not(None)).distinct())


def stored_of_users(access: Access, target: Target, users: pa.Table) -> Iterator[Stored]:
    """Yield all stored sessions of some users with their events, some users at a time."""
    user_type = target.events.c.user_id.type
    for part in _parts(access, target, users):
        with access.staged("users", part, user_id=user_type) as chosen:
            theirs = target.sessions.c.user_id == chosen.c.user_id
            sessions = access.fetch(select(*target.sessions.c).join(chosen, theirs))
            stored = Stored(part, sessions, _events(access, target, chosen))
        yield stored


def _parts(access: Access, target: Target, users: pa.Table) -> Iterator[pa.Table]:
    """Cut users into parts of which memory can hold all events."""
    user = target.events.c.user_id
    with access.staged("users", users, user_id=user.type) as chosen:
        counted = select(user, func.count().label("events")).join(chosen, user == chosen.c.user_id)
        counts = access.fetch(counted.group_by(user))
    # A user without events is one whose events were just deleted: there are sessions to remove.
    gone = users.filter(pc.invert(pc.is_in(users["user_id"], in_one(counts["user_id"]))))
    if gone.num_rows:
        yield gone
    for part in parts_of(counts, "events"):
        yield part.select(["user_id"])


def _events(access: Access, target: Target, chosen: Table) -> pa.Table:
    """Return the users' events that have a time, as far as rules and sessions look at them."""
    events = target.events
    names = dict.fromkeys(
        ("event_id", "user_id", "timestamp", *looked_at(access.rules, target.kept))
    )
    columns = [events.c[name] for name in names if name in events.c]
    return access.fetch(
        select(*columns, events.c.session_id)
        .join(chosen, events.c.user_id == chosen.c.user_id)
        .where(events.c.timestamp.is_not(None))
    )


def session_rows(target: Target, split: Split, events: pa.Table) -> pa.Table:
    """Return the rows of the sessions table for a split of events."""
    started, ended = split.started_at, split.ended_at
    return pa.table(
        {
            "session_id": split.ids,
            "user_id": split.owners,
            "started_at": pa.array(started).cast(INSTANT),
            "ended_at": pa.array(ended).cast(INSTANT),
            "duration_seconds": pa.array(seconds_between(started, ended, "us")),
            "event_count": pa.array(split.event_counts),
            "start_reason": split.reasons,
            **edge_values(target, split, events),
            **conversion_counts(split, events, target.kept.counted_events),
        }
    )


def rows_in_order(split: Split) -> tuple[Integers, pa.Array]:
    """Return the numbers of all rows by user, then time, and the number of the session of each.

    Rows without a session come last, with null for it.
    """
    sessions = pa.array(np.repeat(np.arange(len(split.starts)), split.event_counts))
    rows, count = split.rows, len(split.users.known)
    if len(rows) == count:
        return rows, sessions
    alone = np.ones(count, dtype=bool)
    alone[rows] = False
    others = np.flatnonzero(alone)
    return np.concatenate([rows, others]), pa.concat_arrays(
        [sessions, pa.nulls(len(others), sessions.type)]
    )


def split_rows(rows: pa.Table, rules: Rules) -> Split:
    """Return where the sessions of stored events begin."""
    keys = ("user_id", *rules.columns, *(("event_id",) if rules.order_decides else ()))
    frame = pd.DataFrame({name: _face(rows, name) for name in keys})
    frame["timestamp"] = rows["timestamp"].to_pandas()
    return split_frame(frame, rules, who="SQLWriter.write")


def _face(rows: pa.Table, name: str) -> pd.arrays.ArrowExtensionArray:
    """Return a column as pandas sees it; one that no event has had a value in is empty."""
    if name not in rows.column_names:
        return pd.arrays.ArrowExtensionArray(pa.nulls(rows.num_rows))
    # Text stays Arrow's; whole numbers with nulls must not pass through floats.
    return pd.arrays.ArrowExtensionArray(in_one(rows[name]))


def _stretches(split: Split, rules: Rules) -> pa.Table:
    """Return for each user of new sessions how far around them a stored one can be touched."""
    opens = np.flatnonzero(split.indexes == 1)
    closes = np.append(opens[1:], len(split.indexes))[: len(opens)] - 1
    reach = min(rules.longest_gap(1000), _LAST_DATE - _FIRST_DATE)
    return pa.table(
        {
            "user_id": split.owners.take(pa.array(opens)),
            "since": pa.array(np.maximum(split.started_at[opens] - reach, _FIRST_DATE)).cast(
                INSTANT
            ),
            "until": pa.array(np.minimum(split.ended_at[closes] + reach, _LAST_DATE)).cast(INSTANT),
        }
    )
