"""Count in each session the events of some types.

Which types a target counts stands in a table of its own, so that each writer goes on with them, and
no column of somebody else's is taken for one. There a type is marked as counted once it is: a
process that is killed before that, on a database where adding a column commits, leaves what the
next one counts anew.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pyarrow as pa
from sqlalchemy import Table, delete, func, insert, select, true, update
from sqlalchemy.schema import DropIndex

from clicksession.arrow import in_one
from clicksession.engines.arrays import Split
from clicksession.engines.edges import counts_of
from clicksession.errors import WriteError
from clicksession.schema import event_types
from clicksession.sql.conversions import conversion_column
from clicksession.sql.dialects import spelling
from clicksession.sql.tables import counting_column
from clicksession.writers.bulk.alter import AddColumn, DropColumn
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.target import Target, stored_target

__all__ = ["conversion_counts", "counting", "stop_counting"]


def conversion_counts(
    split: Split, events: pa.Table, counted_events: tuple[str, ...]
) -> dict[str, pa.Array]:
    """Return for each session of a split how many events of these types it has, by column."""
    nothing = np.zeros(len(split.starts), dtype=np.int64)
    counts = {conversion_column(event_type): pa.array(nothing) for event_type in counted_events}
    if not len(split.starts) or "event_type" not in events.column_names:
        return counts
    types = in_one(events["event_type"])
    for event_type in counted_events:
        found = counts_of(types, event_type, split.rows, split.starts)
        counts[conversion_column(event_type)] = pa.array(found)
    return counts


def counting(access: Access) -> Access:
    """Return access to tables that count what they are to count, beside what they count already.

    Raises
    ------
    ParameterError
        A type that would have the column of one that is counted already.
    WriteError
        The sessions have a column of such a name that is not the library's.
    """
    known = _known(access)
    counted = tuple(sorted({*known, *access.tables.kept.counted_events}))
    if not counted:
        return access
    access = access.of(replace(access.tables, counted_events=counted))
    target = stored_target(access.connection, access.tables)
    there = [] if target is None else _columns(access, target.sessions)
    new = [event_type for event_type in counted if event_type not in known]
    if new:
        _begin(access, new, [*there, *(target.events.c.keys() if target is not None else ())])
    for event_type in counted:
        # One of which somebody dropped the column is counted anew, too.
        is_gone = target is not None and conversion_column(event_type) not in there
        if is_gone or not known.get(event_type):
            _count_stored(access, target, event_type, there)
    return access


def stop_counting(access: Access, counted_events: Collection[str | int]) -> None:
    """Count some types no more: their columns go."""
    connection, counted = access.connection, access.tables.counted
    there = replace(access.tables, counted_events=tuple(_known(access)))
    target = stored_target(connection, there)
    for event_type in set(event_types(counted_events) or ()) & set(there.kept.counted_events):
        connection.execute(delete(counted).where(counted.c.event_type == event_type))
        column = conversion_column(event_type)
        if target is not None and column in _columns(access, target.sessions):
            if _has_index(access):
                connection.execute(DropIndex(target.index_of_users(event_type), if_exists=True))
            connection.execute(DropColumn(target.sessions, target.sessions.c[column]))


def _known(access: Access) -> dict[str, bool]:
    """Return the types that a target is to count, and whether they are counted."""
    connection, counted = access.connection, access.tables.counted
    if not access.tables.holds(connection, counted):
        return {}
    rows = connection.execute(select(counted.c.event_type, counted.c.is_counted)).all()
    return {row.event_type: row.is_counted for row in rows}


def _columns(access: Access, table: Table) -> list[str]:
    return list(spelling(access.connection.dialect.name).columns(access.connection, table) or ())


def _begin(access: Access, new: list[str], there: list[str]) -> None:
    """Remember types that are to be counted, where nothing of that name is there."""
    connection, tables = access.connection, access.tables
    taken = {name.lower() for name in there}
    for column in map(conversion_column, new):
        if column in taken:
            problem = f"events or sessions have a column {column!r} that does not count events"
            name = tables.table("sessions").name
            raise WriteError(name, problem, "Rename or drop that column.")
    access.made(tables.counted)
    rows = [{"event_type": event_type, "is_counted": False} for event_type in new]
    connection.execute(insert(tables.counted), rows)


def _count_stored(access: Access, target: Target | None, event_type: str, there: list[str]) -> None:
    """Count a type in all stored events."""
    connection, counted = access.connection, access.tables.counted
    if target is not None:
        if conversion_column(event_type) not in there:
            connection.execute(AddColumn(target.sessions, counting_column(event_type)))
        _fill(access, target, event_type)
        if _has_index(access):
            target.index_of_users(event_type).create(connection, checkfirst=True)
    is_this = counted.c.event_type == event_type
    connection.execute(update(counted).where(is_this).values(is_counted=true()))


def _has_index(access: Access) -> bool:
    return access.loader.wants_indexes and access.loader.has_partial_indexes


def _fill(access: Access, target: Target, event_type: str) -> None:
    events, sessions = target.events, target.sessions
    count = sessions.c[conversion_column(event_type)]
    found = (
        select(events.c.session_id, func.count().label("conversions"))
        .where(events.c.event_type == event_type, events.c.session_id.is_not(None))
        .group_by(events.c.session_id)
        .subquery("found")
    )
    is_same = sessions.c.session_id == found.c.session_id
    filled = update(sessions).where(is_same).values({count: found.c.conversions})
    access.connection.execute(filled)
