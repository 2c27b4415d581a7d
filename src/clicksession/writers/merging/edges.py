"""The first and last values that sessions keep, as events come.

Of a session that is cut with all of its events at hand, they give the values. One that new events
join has stored events that nobody has read: those are read again, together with the new ones, which
are stored by then.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from clicksession.arrow import in_one
from clicksession.engines.arrays import Split
from clicksession.engines.boundaries import order_ties
from clicksession.engines.edges import edge_rows
from clicksession.engines.ordering import by_key_and_time
from clicksession.windows.kept import Edge
from clicksession.writers.merging.joining import Joined
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.columns import arrow_type
from clicksession.writers.tables.target import Target

__all__ = ["edge_values", "parts_of", "with_edges"]

Integers = npt.NDArray[np.int64]

# So many events are in memory at a time, unless one session or user has more.
_EVENTS_PER_PART = 1_000_000


def edge_values(target: Target, split: Split, events: pa.Table) -> dict[str, pa.Array]:
    """Return for each session of a split the values that it keeps, by column."""
    if not target.kept.edges:
        return {}
    # By session, not by user: sessions that were given may meet in one moment.
    codes = np.zeros(events.num_rows, dtype=np.int64)
    codes[split.rows] = np.repeat(np.arange(len(split.starts)), split.event_counts)
    rows = _in_order(events, split.rows.copy(), codes, split.times.counts)
    return {
        edge.name: _values(target, edge, events, rows, split.starts) for edge in target.kept.edges
    }


def with_edges(
    access: Access, target: Target, joined: Joined, stored: pa.Table, coming: pa.Table
) -> pa.Table:
    """Return joined sessions with the values that they keep.

    Parameters
    ----------
    joined
        What became of the stored sessions and of those of new events, which are stored by now.
    stored, coming
        These sessions as they were, with their values.
    """
    if not target.kept.edges:
        return joined.sessions
    ids = in_one(joined.sessions["session_id"])
    now = pa.concat_arrays([joined.stored_ids, joined.new_ids])
    sizes = np.bincount(np.asarray(pc.index_in(now, value_set=ids)), minlength=len(ids))
    is_joined = pa.array(sizes > 1)
    anew = _read_again(access, target, joined.sessions.filter(is_joined))
    in_anew, before = pc.index_in(ids, in_one(anew["session_id"])), pc.index_in(ids, now)
    sessions = joined.sessions
    for name in (edge.name for edge in target.kept.edges):
        new = coming[name].cast(stored[name].type)
        both = in_one(pa.chunked_array([*stored[name].chunks, *new.chunks]))
        values = pc.if_else(is_joined, in_one(anew[name]).take(in_anew), both.take(before))
        sessions = sessions.append_column(name, values)
    return sessions


def _read_again(access: Access, target: Target, sessions: pa.Table) -> pa.Table:
    """Return the ids of stored sessions with the values that they keep, from their events."""
    types = {edge.name: arrow_type(target.sessions.c[edge.name].type) for edge in target.kept.edges}
    parts = [pa.schema({"session_id": pa.large_string(), **types}).empty_table()]
    for part in parts_of(sessions, "event_count"):
        events = _events(access, target, part)
        codes = in_one(events["session_id"]).dictionary_encode()
        numbers = np.asarray(codes.indices, dtype=np.int64)
        times = np.asarray(events["timestamp"].cast(pa.int64()), dtype=np.int64)
        rows = _in_order(events, by_key_and_time(numbers, times), numbers, times)
        in_turn = numbers[rows]
        starts = np.flatnonzero(np.append(True, in_turn[1:] != in_turn[:-1])[: len(rows)])
        values = {e.name: _values(target, e, events, rows, starts) for e in target.kept.edges}
        ids = codes.dictionary.take(pa.array(in_turn[starts]))
        parts.append(pa.table({"session_id": ids, **values}).cast(parts[0].schema))
    return pa.concat_tables(parts)


def parts_of(rows: pa.Table, counts: str) -> Iterator[pa.Table]:
    """Cut sessions or users into parts of which memory can hold all events.

    Parameters
    ----------
    counts
        The column that says how many events each has.
    """
    numbers = np.cumsum(np.asarray(rows[counts], dtype=np.int64)) // _EVENTS_PER_PART
    for number in np.unique(numbers):
        yield rows.filter(pa.array(numbers == number))


def _events(access: Access, target: Target, sessions: pa.Table) -> pa.Table:
    """Return the stored events of sessions, as far as what is kept looks at them."""
    events = target.events
    names = dict.fromkeys(
        ("session_id", "event_id", "timestamp", *(edge.source for edge in target.kept.edges))
    )
    columns = [events.c[name] for name in names if name in events.c]
    stretches = sessions.select(list(target.stretch))
    with access.staged("touched", stretches, **target.stretch) as touched:
        return access.fetch(select(*columns).join(touched, target.are_in(touched)))


def _in_order(events: pa.Table, rows: Integers, codes: Integers, times: Integers) -> Integers:
    """Put rows that are in order of a code and of time also in order of their ids."""
    ids = in_one(events["event_id"])
    order_ties(rows, codes, times, lambda tied: ids.take(pa.array(tied)))
    return rows


def _values(
    target: Target, edge: Edge, events: pa.Table, rows: Integers, starts: Integers
) -> pa.Array:
    if edge.source not in events.column_names:
        # No event at hand has a value.
        return pa.nulls(len(starts), arrow_type(target.sessions.c[edge.name].type))
    values = in_one(events[edge.source])
    present = np.asarray(values.is_valid())
    found = edge_rows(present, rows, starts, is_last=edge.is_last)
    return values.take(pa.array(found, mask=found < 0))
