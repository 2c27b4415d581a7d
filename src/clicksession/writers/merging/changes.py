"""Which sessions differ from one state to the next, and which id became which."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Column, Table

from clicksession.arrow import in_one
from clicksession.sql.tables import Key, Tables
from clicksession.writers.tables.access import Access

__all__ = [
    "Changes",
    "all_new",
    "changes_between",
    "changes_table",
    "record_changes",
]

# What follows from the rest: the id tells the user, and the times how long a session lasted.
_DERIVED = ("session_id", "user_id", "duration_seconds")


@dataclass(frozen=True)
class Changes:
    """How to get from some stored sessions to what they are now.

    Attributes
    ----------
    came, changed
        The sessions that are new, and those that differ, as they are now.
    gone
        The ids of those that are no more.
    log
        A row per id that became another: ``old_session_id``, ``new_session_id``; null on one side
        for a session that came from nothing or went to nothing.
    """

    came: pa.Table
    changed: pa.Table
    gone: pa.Array
    log: pa.Table


def changes_between(
    before: pa.Table, after: pa.Table, old_ids: pa.Array, new_ids: pa.Array, *, logged: bool
) -> Changes:
    """Compare sessions before and after; the ids are those of the same stored events, in turn.

    The log costs some time, and is empty unless it is wanted.
    """
    old, new = in_one(before["session_id"]), in_one(after["session_id"])
    at = pc.index_in(new, value_set=old)
    known = pc.is_valid(at)
    same = known
    for name in (name for name in after.column_names if name not in _DERIVED):
        same = pc.and_(same, _equal(in_one(after[name]), in_one(before[name]).take(at)))
    changed = pc.and_(known, pc.invert(same))
    gone = old.filter(pc.invert(pc.is_in(old, value_set=new)))
    came = after.filter(pc.invert(known))
    nothing = old.slice(0, 0)
    moved = (gone, in_one(came["session_id"]), old_ids, new_ids) if logged else (nothing,) * 4
    return Changes(came, after.filter(changed), gone, _log(*moved))


def _equal(after: pa.Array, before: pa.Array) -> pa.Array:
    """Say of each value whether it is the one before: two nulls are."""
    both_null = pc.and_(pc.is_null(after), pc.is_null(before))
    return pc.or_(both_null, pc.fill_null(pc.equal(after, before), False))


def all_new(sessions: pa.Table) -> pa.Table:
    """Return the log of sessions that all came from nothing."""
    names = in_one(sessions["session_id"])
    nothing = pa.nulls(len(names), names.type)
    return pa.table({"old_session_id": nothing, "new_session_id": names})


def record_changes(access: Access, logs: Iterable[pa.Table], run: int) -> None:
    """Add what became of which session to the change log, which is made where there is none."""
    table = access.made(changes_table(access.tables))
    for log in logs:
        runs = pa.array(np.full(log.num_rows, run, dtype=np.int64))
        access.loader.load(access.connection, table, log.append_column("run_id", runs))


def changes_table(tables: Tables) -> Table:
    """Return the change log: which session id became which, by which run."""
    return tables.table(
        "session_changes",
        Column("run_id", BigInteger(), nullable=False),
        Column("old_session_id", Key()),
        Column("new_session_id", Key()),
    )


def _log(gone: pa.Array, came: pa.Array, old_ids: pa.Array, new_ids: pa.Array) -> pa.Table:
    moved = pd.DataFrame({"old": old_ids.to_pandas(), "new": new_ids.to_pandas()})
    moved = moved[moved["old"] != moved["new"]].dropna().drop_duplicates()
    vanished = np.setdiff1d(gone.to_pandas().to_numpy(object), moved["old"].to_numpy(object))
    appeared = np.setdiff1d(came.to_pandas().to_numpy(object), moved["new"].to_numpy(object))
    nothing = [None] * (len(vanished) + len(appeared))
    text = pa.large_string()
    return pa.table(
        {
            "old_session_id": pa.array([*moved["old"], *vanished, *nothing[: len(appeared)]], text),
            "new_session_id": pa.array([*moved["new"], *nothing[: len(vanished)], *appeared], text),
        }
    )
