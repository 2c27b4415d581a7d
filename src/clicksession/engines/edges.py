"""What sessions keep of their events, where arrays cut the sessions."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import as_text
from clicksession.engines.boundaries import IdsOf, order_ties
from clicksession.engines.columns import as_arrow
from clicksession.engines.ordering import by_key_and_time
from clicksession.errors import NotFoundWarning, did_you_mean
from clicksession.keywords import warn_caller
from clicksession.windows.kept import Edge, Kept, conversion_column

__all__ = ["counts_of", "edge_rows", "kept_columns", "warn_of_none"]

# Among how many event types the nearest name is looked for.
_NEAR = 1_000

Integers = npt.NDArray[np.int64]


def kept_columns(
    events: pd.DataFrame,
    times: Integers,
    rows: Integers,
    starts: Integers,
    kept: Kept,
    ids_of: IdsOf,
) -> dict[str, Any]:
    """Return the columns that sessions keep of the events of a frame.

    Parameters
    ----------
    events
        The frame, with the columns that are looked at.
    times
        When each of its rows happened, as counts.
    rows
        The numbers of the rows that have a session, session by session.
    starts
        The positions in `rows` at which a session begins.
    ids_of
        Gives the ids of rows, by which events of one moment are in order.
    """
    codes = np.zeros(len(events), dtype=np.int64)
    codes[rows] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(rows)))
    rows = rows[by_key_and_time(codes[rows], times[rows])]
    if kept.edges:
        order_ties(rows, codes, times, ids_of)
    columns = {edge.name: _edge(events[edge.source], edge, rows, starts) for edge in kept.edges}
    if not kept.counted_events:
        return columns
    texts = _types_of(events)
    return {
        **columns,
        **{
            conversion_column(event_type): counts_of(texts, event_type, rows, starts)
            for event_type in kept.counted_events
        },
    }


def warn_of_none(
    counted_events: Iterable[str], sessions: pd.DataFrame, events: pd.DataFrame, who: str
) -> None:
    """Warn the caller of `who` of types that no event of a session is of; nothing of no sessions.

    Parameters
    ----------
    sessions
        With their counts.
    events
        What they are of, with ``event_type``.
    """
    gone = [each for each in counted_events if not sessions[conversion_column(each)].any()]
    if not gone or not len(sessions):
        return
    known = _types_of(events).filter(pa.array(events["session_id"].notna())).unique()
    for event_type in gone:
        counts = f"{who}: `counted_events` counts {event_type!r} events"
        near = did_you_mean(event_type, known[:_NEAR].drop_null().to_pylist())
        sentence = f"{counts}, and no event in a session is one. {near}"
        warn_caller(sentence.rstrip(), NotFoundWarning)


def _types_of(events: pd.DataFrame) -> pa.ChunkedArray:
    """Return the types of events as texts."""
    types = as_arrow(events["event_type"])
    if pa.types.is_dictionary(types.type):
        types = types.dictionary_decode()
    return as_text(pa.chunked_array([types]))


def counts_of(
    types: pa.Array | pa.ChunkedArray, event_type: str, rows: Integers, starts: Integers
) -> Integers:
    """Return for each session how many of its events are of a type; of texts."""
    if not len(starts):
        return np.zeros(0, dtype=np.int64)
    is_this = np.asarray(pc.fill_null(pc.equal(types, event_type), False))
    counts: Integers = np.add.reduceat(is_this[rows], starts, dtype=np.int64)
    return counts


def _edge(values: pd.Series, edge: Edge, rows: Integers, starts: Integers) -> Any:
    found = edge_rows(values.notna().to_numpy(), rows, starts, is_last=edge.is_last)
    # A type without nulls has none to take: then each session has a value.
    return values.array.take(found, allow_fill=bool((found < 0).any()))


def edge_rows(
    present: npt.NDArray[np.bool_], rows: Integers, starts: Integers, *, is_last: bool
) -> Integers:
    """Return the row of each session that has its first or its last value; -1 where none has one.

    Parameters
    ----------
    present
        Whether each row of the frame has a value.
    rows
        The numbers of the rows that have a session: session by session, in the order of events.
    starts
        The positions in `rows` at which a session begins.
    is_last
        Whether the last value is wanted.
    """
    ends = np.append(starts[1:], len(rows))[: len(starts)]
    places = np.flatnonzero(present[rows])
    if not len(places):
        return np.full(len(starts), -1, dtype=np.int64)
    if is_last:
        # The last one that comes before the end.
        at = np.searchsorted(places, ends) - 1
        found = (at >= 0) & (places[at] >= starts)
    else:
        at = np.minimum(np.searchsorted(places, starts), len(places) - 1)
        found = (places[at] >= starts) & (places[at] < ends)
    return np.where(found, rows[places[at]], -1)
