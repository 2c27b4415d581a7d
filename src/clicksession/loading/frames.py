"""`load_events` and `load_sessions`: frames back out of a target."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, Unpack, overload

import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement

from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.loading.asked import Asked, Filters, Moment
from clicksession.loading.stored import Place, Stored, opened
from clicksession.readers.rows.frames import Library, checked_library, to_frame
from clicksession.sql.tables import Tables

__all__ = ["ROWS", "Library", "checked_rows", "load_events", "load_sessions"]

#: So many rows are on their way at a time where nobody says how many.
ROWS = 100_000


@overload
def load_sessions(
    target: Place,
    *,
    frame: Literal["pandas"] = "pandas",
    batch_rows: None = None,
    **asked: Unpack[Filters],
) -> pd.DataFrame: ...
@overload
def load_sessions(
    target: Place,
    *,
    frame: Library = "pandas",
    batch_rows: int | None = None,
    **asked: Unpack[Filters],
) -> Any: ...
@keywords()
def load_sessions(
    target: Place,
    *,
    columns: Iterable[str] | None = None,
    where: ColumnElement[bool] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    session_index: bool = False,
    zone: str = "UTC",
    in_order: bool = True,
    frame: Library = "pandas",
    batch_rows: int | None = None,
    tables: Tables | None = None,
) -> Any:
    """Return the sessions of a target, as `clicksession.summarize` would give them.

    They come in order of their start, then of their id. The target is only read: a file that is
    not there is not made, and others may read a file of DuckDB or SQLite at the same time.

    Parameters
    ----------
    target
        A SQLAlchemy `Engine`, a `Connection`, or a database URL.
    columns
        Which columns, in this order; left out, all that the library keeps of a session.
    where
        Which sessions: a SQLAlchemy expression over the columns of the table, such as
        ``column("event_count") > 1``.
    since, until
        Sessions that began at or after the one moment, and before the other; naive times are read
        as UTC.
    session_index
        Whether to add ``session_index``, the ordinal of each session within its user. It counts
        all of the user's sessions, also those that are not asked for.
    zone
        The time zone of the times that come out; the moments are the same in each.
    in_order
        Whether the rows are to be in order. Without, they come as the database has them, which
        takes less time, and of DuckDB and SQLite less memory.
    frame
        What comes out: a frame of ``"pandas"``, of ``"polars"``, or a table of ``"arrow"``.
    batch_rows
        Gives an iterator of frames of at most so many rows, of which one is in memory at a time.
        The connection stays open until the iterator ends, and may not be used beside it.
    tables
        Where the tables are, as for `clicksession.SQLWriter`.

    Returns
    -------
    DataFrame
        ``session_id`` (text), ``user_id`` (text or Int64), ``session_index`` (Int64, where asked
        for), ``started_at`` and ``ended_at`` (times in `zone`, to the microsecond),
        ``duration_seconds`` (float), ``event_count`` (int64), ``start_reason`` (text), and what
        `Tables` was asked to keep beside.

    Raises
    ------
    ParameterError
        It is no target of this library, lacks a column that is asked for, or cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> from sqlalchemy import create_engine
    >>> from clicksession import SQLWriter
    >>> events = pd.DataFrame({
    ...     "event_id": [1, 2],
    ...     "user_id": ["ann", "ann"],
    ...     "timestamp": pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:10"], utc=True),
    ... })
    >>> engine = create_engine("duckdb:///:memory:")
    >>> report = SQLWriter(engine).write(events)
    >>> load_sessions(engine, columns=("session_id", "started_at"), zone="Europe/Amsterdam")
                 session_id                started_at
    0  ann:1714557600000000 2024-05-01 12:00:00+02:00
    """
    who = "load_sessions"
    asked = Asked(who, "sessions", columns, where, since, until, session_index, zone, in_order)
    return _loaded(target, tables, asked, frame, batch_rows)


@overload
def load_events(
    target: Place,
    *,
    frame: Literal["pandas"] = "pandas",
    batch_rows: None = None,
    **asked: Unpack[Filters],
) -> pd.DataFrame: ...
@overload
def load_events(
    target: Place,
    *,
    frame: Library = "pandas",
    batch_rows: int | None = None,
    **asked: Unpack[Filters],
) -> Any: ...
@keywords()
def load_events(
    target: Place,
    *,
    columns: Iterable[str] | None = None,
    where: ColumnElement[bool] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    session_index: bool = False,
    zone: str = "UTC",
    in_order: bool = True,
    frame: Library = "pandas",
    batch_rows: int | None = None,
    tables: Tables | None = None,
) -> Any:
    """Return the events of a target, each with the id of its session.

    They come in order of time, then of ``event_id``; those without a time come last. The target is
    only read, as by `load_sessions`.

    Parameters
    ----------
    target, zone, in_order, frame, batch_rows, tables
        As for `load_sessions`.
    columns
        Which columns, in this order; left out, all: the canonical ones, the others as they are
        stored, and ``session_id``.
    where
        Which events: a SQLAlchemy expression over the columns of the table, such as
        ``column("event_type") == "placed_order"``.
    since, until
        Events at or after the one moment, and before the other; naive times are read as UTC.
    session_index
        Whether to add ``session_index``, the ordinal of the event's session within its user, as
        `clicksession.sessionize` does.

    Returns
    -------
    DataFrame
        ``event_id`` (text or Int64), ``user_id`` (text or Int64), ``timestamp`` (times in `zone`,
        to the microsecond), ``event_type`` (text), whatever else was stored (text, Int64, float,
        boolean or times), and ``session_id`` (text; null for an event without a session).

    Raises
    ------
    ParameterError
        It is no target of this library, lacks a column that is asked for, or cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> from sqlalchemy import create_engine
    >>> from clicksession import SQLWriter
    >>> events = pd.DataFrame({
    ...     "event_id": [1, 2],
    ...     "user_id": ["ann", "ann"],
    ...     "timestamp": pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:10"], utc=True),
    ... })
    >>> engine = create_engine("duckdb:///:memory:")
    >>> report = SQLWriter(engine).write(events)
    >>> load_events(engine, columns=("event_id", "session_id"), since="2024-05-01 10:05")
       event_id            session_id
    0         2  ann:1714557600000000
    """
    who = "load_events"
    asked = Asked(who, "events", columns, where, since, until, session_index, zone, in_order)
    return _loaded(target, tables, asked, frame, batch_rows)


def checked_rows(who: str, batch_rows: object) -> int:
    """Return how many rows to take at a time.

    Raises
    ------
    ParameterError
        It is no whole number from 1 on.
    """
    if isinstance(batch_rows, bool) or not isinstance(batch_rows, int) or batch_rows < 1:
        raise ParameterError(who, "batch_rows", "a whole number of rows, from 1 on", batch_rows)
    return batch_rows


def _loaded(
    target: Place, tables: Tables | None, asked: Asked, frame: Library, batch_rows: int | None
) -> Any:
    library = checked_library(asked.who, frame)

    def make(table: pa.Table, stored: Stored) -> Any:
        made = to_frame(table, library)
        if library != "pandas":
            return made
        # As `summarize` gives them: no session is without one.
        return made.astype({name: "int64" for name in stored.counts if name in made})

    if batch_rows is not None:
        return _in_batches(target, tables, asked, make, checked_rows(asked.who, batch_rows))
    with opened(target, tables, asked) as stored:
        parts = list(stored.batches(ROWS))
        table = pa.concat_tables(parts) if parts else stored.schema.empty_table()
        return make(table, stored)


def _in_batches(
    target: Place,
    tables: Tables | None,
    asked: Asked,
    make: Callable[[pa.Table, Stored], Any],
    rows: int,
) -> Iterator[Any]:
    """Yield frames; what is wrong with the target is said at once, and not at the first frame."""

    def frames() -> Iterator[Any]:
        with opened(target, tables, asked) as stored:
            yield None
            for part in stored.batches(rows):
                yield make(part, stored)

    made = frames()
    next(made)
    return made
