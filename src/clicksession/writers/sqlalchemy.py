"""`SQLWriter`: events and their sessions into a database, in one transaction, safe to repeat."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import URL, Column, Connection, Engine, Text, create_engine, delete, select, update
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from clicksession.errors import ParameterError, WriteError
from clicksession.rules import Rules, as_rules
from clicksession.sql.tables import Tables
from clicksession.writers import LOADERS
from clicksession.writers.bulk.rows import RowLoader
from clicksession.writers.layout import Target, index_target, open_target
from clicksession.writers.neighbourhood import session_rows, split_rows, stored_around
from clicksession.writers.storable import Storable, storable

__all__ = ["SQLWriter", "WriteReport"]


@dataclass(frozen=True, kw_only=True)
class WriteReport:
    """What a write did.

    Attributes
    ----------
    rows
        Rows of the frame: always `events_added` + `duplicates`.
    events_added
        Events that were not stored yet.
    duplicates
        Rows whose event is stored already, or came earlier in the frame.
    events_without_session
        Of the events added, those without a user or a time.
    sessions_added, sessions_changed, sessions_removed
        What became of the sessions; one that a late event joins to another is removed.
    """

    rows: int
    events_added: int
    duplicates: int
    events_without_session: int
    sessions_added: int
    sessions_changed: int
    sessions_removed: int

    def __add__(self, other: "WriteReport") -> "WriteReport":
        names = self.__dataclass_fields__
        return WriteReport(**{name: getattr(self, name) + getattr(other, name) for name in names})


_NOTHING = WriteReport(
    rows=0,
    events_added=0,
    duplicates=0,
    events_without_session=0,
    sessions_added=0,
    sessions_changed=0,
    sessions_removed=0,
)


class SQLWriter:
    """Keeps the tables ``events`` and ``sessions`` of a database.

    However a log is cut into batches, and in whatever order these come, the tables end up as if
    all had come at once: a late event extends, joins or splits off sessions of its user as it
    must. An event that is stored already is not stored again; events are told apart by
    ``event_id``, or, without one, by their content. Each write is one transaction: all of it
    happens or nothing.

    Parameters
    ----------
    target
        A SQLAlchemy `Engine`, or a database URL. An engine made here from a URL is closed after
        each write.
    timeout
        The longest pause within a session, as in `clicksession.sessionize`.
    rules
        The full form of `timeout`.
    tables
        Where the tables are: a prefix and a database schema.

    Raises
    ------
    ParameterError
        A target that is no engine and no usable URL, or a timeout without a unit.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "event_id": [1, 2],
    ...     "user_id": ["ann", "ann"],
    ...     "timestamp": pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:10"], utc=True),
    ... })
    >>> from sqlalchemy import create_engine
    >>> writer = SQLWriter(create_engine("duckdb:///:memory:"))
    >>> writer.write(events).events_added, writer.write(events).duplicates
    (2, 2)
    """

    def __init__(
        self,
        target: Engine | str | URL,
        *,
        timeout: str | timedelta = "30min",
        rules: Rules | None = None,
        tables: Tables | None = None,
    ) -> None:
        self.rules = as_rules(timeout, rules, who="SQLWriter")
        self.tables = tables or Tables()
        self._owns_engine = not isinstance(target, Engine)
        self._engine = target if isinstance(target, Engine) else _engine(target)
        name = self._engine.dialect.name
        self._loader: RowLoader = LOADERS.find(name)() if name in LOADERS else RowLoader()

    def __repr__(self) -> str:
        return f"SQLWriter({self._engine.url!r}, rules={self.rules!r}, tables={self.tables!r})"

    def write(self, events: pd.DataFrame) -> WriteReport:
        """Store the events of a frame and bring the sessions up to date.

        Parameters
        ----------
        events
            Canonical columns: ``user_id`` and ``timestamp``, ``event_id`` where the log has one,
            and whatever else; columns that the table lacks are added. A frame that was
            sessionized may be given too, if it was by the same rules.

        Returns
        -------
        WriteReport
            What was done.

        Raises
        ------
        ParameterError
            A column is missing, or the frame was sessionized by other rules.
        WriteError
            The database refused; nothing was written.
        """
        if not isinstance(events, pd.DataFrame):
            must = "a pandas.DataFrame"
            raise ParameterError("SQLWriter.write", "events", must, type(events).__name__)
        if not len(events):
            # Without a row nothing says of what type its columns would be.
            return _NOTHING
        batch = storable(events)
        self._check_sessions(events, batch)
        with self._transaction() as connection:
            self._loader.lock(connection, self.tables.events)
            target = open_target(connection, self.tables, batch.rows.schema)
            if target.is_empty:
                return self._first_load(connection, target, batch)
            return self._merge(connection, target, batch)

    def _first_load(self, connection: Connection, target: Target, batch: Storable) -> WriteReport:
        split = split_rows(batch.rows, self.rules)
        ids = split.ids.take(split.per_row())
        self._loader.load(connection, target.events, batch.rows.append_column("session_id", ids))
        sessions = session_rows(split)
        self._loader.load(connection, target.sessions, sessions)
        if self._loader.wants_indexes:
            index_target(connection, target)
        return _report(batch, batch.rows.num_rows, ids, sessions.num_rows)

    def _merge(self, connection: Connection, target: Target, batch: Storable) -> WriteReport:
        new = self._not_stored(connection, target, batch.rows)
        if not new.num_rows:
            return _report(batch, 0, pa.array([], pa.string()), 0)
        stored = stored_around(connection, self._loader, target, new, self.rules)
        keys = ["event_id", "user_id", "timestamp"]
        together = pa.concat_tables([stored.events.select(keys), new.select(keys)])
        split = split_rows(together, self.rules)
        ids = split.ids.take(split.per_row())
        before, after = stored.events.num_rows, new.num_rows
        self._move(connection, target, stored.events, ids.slice(0, before))
        self._loader.load(
            connection, target.events, new.append_column("session_id", ids.slice(before, after))
        )
        changes = _compared(stored.sessions, session_rows(split))
        self._delete(connection, target, changes.outdated)
        self._loader.load(connection, target.sessions, changes.current)
        new_ids = ids.slice(before, after)
        return _report(batch, after, new_ids, changes.added, changes.changed, changes.removed)

    def _not_stored(self, connection: Connection, target: Target, rows: pa.Table) -> pa.Table:
        """Return the rows whose event is not in the table yet."""
        kind = rows.schema.field("event_id").type
        events = target.events
        staging = self._loader.staging_table("incoming", Column("event_id", events.c.event_id.type))
        staging.create(connection)
        self._loader.load(connection, staging, rows.select(["event_id"]))
        known = select(events.c.event_id).join(staging, events.c.event_id == staging.c.event_id)
        found = self._loader.fetch(connection, known, pa.schema({"event_id": kind}))
        staging.drop(connection)
        stored = pc.is_in(rows["event_id"], value_set=found["event_id"].combine_chunks())
        return rows.filter(pc.invert(stored))

    def _move(
        self, connection: Connection, target: Target, stored: pa.Table, ids: pa.Array
    ) -> None:
        """Give stored events the ids of the sessions that they are in now."""
        moved = pc.not_equal(stored["session_id"], ids)
        rows = stored.select(["event_id"]).append_column("session_id", ids).filter(moved)
        if not rows.num_rows:
            return
        events = target.events
        staging = self._loader.staging_table(
            "moved", Column("event_id", events.c.event_id.type), Column("session_id", Text())
        )
        staging.create(connection)
        self._loader.load(connection, staging, rows)
        connection.execute(
            update(events)
            .where(events.c.event_id == staging.c.event_id)
            .values(session_id=staging.c.session_id)
        )
        staging.drop(connection)

    def _delete(self, connection: Connection, target: Target, ids: pa.Array) -> None:
        if not len(ids):
            return
        sessions = target.sessions
        staging = self._loader.staging_table("outdated", Column("session_id", Text()))
        staging.create(connection)
        self._loader.load(connection, staging, pa.table({"session_id": ids}))
        outdated = sessions.c.session_id.in_(select(staging.c.session_id))
        connection.execute(delete(sessions).where(outdated))
        staging.drop(connection)

    def _check_sessions(self, events: pd.DataFrame, batch: Storable) -> None:
        """Refuse a frame whose sessions are not those that this writer would cut."""
        if "session_id" not in events or not len(events):
            return
        split = split_rows(batch.rows, self.rules)
        ours = split.ids.take(split.per_row())
        theirs = events["session_id"].iloc[batch.kept].astype("str").array
        same = pc.equal(
            pc.fill_null(ours, ""), pc.fill_null(pa.array(theirs, pa.large_string()), "")
        )
        if not pc.all(same).as_py():
            raise ParameterError(
                "SQLWriter.write",
                "events",
                f"without sessions, or sessionized by the writer's rules ({self.rules})",
                "sessions cut by other rules",
                "Give SQLWriter the same timeout or rules, or drop the column session_id.",
            )

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            failed = WriteError(self.tables.events.name, _reason(error))
        else:
            return
        finally:
            if self._owns_engine:
                self._engine.dispose()
        # Outside the except block: SQLAlchemy's message shows every value of the statement.
        raise failed


@dataclass(frozen=True)
class _Changes:
    current: pa.Table
    outdated: pa.Array
    added: int
    changed: int
    removed: int


def _compared(before: pa.Table, after: pa.Table) -> _Changes:
    """Return which sessions to delete, and which to insert, to get from one table to the other."""
    old, new = before["session_id"].combine_chunks(), after["session_id"].combine_chunks()
    at = pc.index_in(new, value_set=old)
    known = pc.is_valid(at)
    same = known
    for name in ("started_at", "ended_at", "event_count", "start_reason"):
        same = pc.and_(same, pc.fill_null(pc.equal(after[name], before[name].take(at)), False))
    changed = pc.and_(known, pc.invert(same))
    gone = pc.invert(pc.is_in(old, value_set=new))
    outdated = pa.concat_arrays([old.filter(gone), new.filter(_array(changed))])
    added, removed = pc.sum(pc.invert(known)).as_py() or 0, pc.sum(gone).as_py() or 0
    current = after.filter(pc.invert(same))
    return _Changes(current, outdated, added, pc.sum(changed).as_py() or 0, removed)


def _array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _report(
    batch: Storable,
    stored: int,
    session_ids: pa.Array,
    added: int,
    changed: int = 0,
    removed: int = 0,
) -> WriteReport:
    rows = batch.rows.num_rows + batch.duplicates
    return WriteReport(
        rows=rows,
        events_added=stored,
        duplicates=rows - stored,
        events_without_session=session_ids.null_count,
        sessions_added=added,
        sessions_changed=changed,
        sessions_removed=removed,
    )


def _engine(target: object) -> Engine:
    must = "a SQLAlchemy Engine or a database URL, such as 'duckdb:///shop.duckdb'"
    if not isinstance(target, str | URL):
        raise ParameterError("SQLWriter", "target", must, type(target).__name__)
    try:
        return create_engine(cast(str, target))
    except (ArgumentError, NoSuchModuleError):
        failure = ParameterError("SQLWriter", "target", must, "a text that is no such URL")
    except ImportError as error:
        hint = 'For PostgreSQL, type: pip install "clicksession[postgresql]"'
        failure = ParameterError(
            "SQLWriter", "target", "a URL whose driver is installed", error.name, hint
        )
    # The text is not shown, and not raised from: it may hold a password.
    raise failure


def _reason(error: DBAPIError) -> str:
    """Return what the database said: its own words, without the statement and its values."""
    return f"{type(error.orig).__name__}: {str(error.orig).strip()}"
