"""Join new events to stored sessions without their events.

Where only a pause ends a session, new events can make stored sessions longer or
join them, and never split one. So a stored session is as good as the stretch of
time that it covers, and none of its events need be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import in_one
from clicksession.engines.arrays import reasons_by_ordinal
from clicksession.engines.summarizing import seconds_between
from clicksession.writers.tables.columns import INSTANT

__all__ = ["Joined", "join_sessions"]

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Joined:
    """What becomes of stored sessions and of those of new events by themselves.

    Attributes
    ----------
    sessions
        The rows of the sessions table that they are together.
    stored_ids
        The id that each stored session has now.
    new_ids
        The id that each session of the new events has now.
    """

    sessions: pa.Table
    stored_ids: pa.Array
    new_ids: pa.Array


def join_sessions(
    stored: pa.Table, new: pa.Table, longest_gap: int, count_columns: Sequence[str] = ()
) -> Joined:
    """Join sessions of one user between which no gap is longer than this, in microseconds.

    `stored` holds all sessions within this reach of the new ones, and the first of each user. What
    a session counts of its events, in ``event_count`` and `count_columns`, is added up.
    """
    both = _beside(stored, new, ("event_count", *count_columns))
    order = np.lexsort((both.started_at, both.users))
    users, started, ended = both.users[order], both.started_at[order], both.ended_at[order]
    begins = np.ones(len(order), dtype=bool)
    if len(order):
        reached = _latest_so_far(users, ended)
        begins[1:] = (users[1:] != users[:-1]) | (started[1:] - reached[:-1] > longest_gap)
    opens = np.flatnonzero(begins)
    groups = np.empty(len(order), dtype=np.int64)
    groups[order] = np.cumsum(begins) - 1
    ids = both.ids.take(pa.array(order[opens]))
    is_first = np.ones(len(opens), dtype=bool)
    is_first[1:] = users[opens][1:] != users[opens][:-1]
    until = np.maximum.reduceat(ended, opens) if len(opens) else ended
    sessions = pa.table(
        {
            "session_id": ids,
            "user_id": both.names.take(pa.array(order[opens])),
            "started_at": pa.array(started[opens]).cast(INSTANT),
            "ended_at": pa.array(until).cast(INSTANT),
            "duration_seconds": pa.array(seconds_between(started[opens], until, "us")),
            "start_reason": reasons_by_ordinal(np.where(is_first, 1, 2)),
            **{
                name: pa.array(_added_up(counts[order], opens))
                for name, counts in both.counts.items()
            },
        }
    )
    now = ids.take(pa.array(groups))
    return Joined(sessions, now.slice(0, stored.num_rows), now.slice(stored.num_rows))


@dataclass(frozen=True)
class _Stretches:
    """Stored and new sessions, one below the other, with a code for each user."""

    ids: pa.Array
    names: pa.Array
    users: Integers
    started_at: Integers
    ended_at: Integers
    counts: dict[str, Integers]


def _beside(stored: pa.Table, new: pa.Table, counts: Sequence[str]) -> _Stretches:
    both = pa.concat_tables([stored, new.cast(stored.schema)])
    names = in_one(both["user_id"])
    return _Stretches(
        ids=in_one(both["session_id"]),
        names=names,
        users=np.asarray(names.dictionary_encode().indices, dtype=np.int64),
        started_at=_numbers(both["started_at"]),
        ended_at=_numbers(both["ended_at"]),
        counts={name: _numbers(both[name]) for name in counts},
    )


def _added_up(counts: Integers, opens: Integers) -> Integers:
    return np.add.reduceat(counts, opens) if len(opens) else counts


def _latest_so_far(users: Integers, ended: Integers) -> Integers:
    """Return for each row the latest end among its user's rows up to it; rows come by user."""
    # Ranks instead of times: the largest rank of one user is below the smallest of the next.
    by_end = np.lexsort((ended, users))
    ranks = np.empty(len(ended), dtype=np.int64)
    ranks[by_end] = np.arange(len(ended))
    latest: Integers = ended[by_end[np.maximum.accumulate(ranks)]]
    return latest


def _numbers(column: pa.ChunkedArray) -> Integers:
    return np.asarray(pc.cast(column, pa.int64()), dtype=np.int64)
