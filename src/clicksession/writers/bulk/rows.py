"""The portable way: rows through SQLAlchemy. Faster ones derive from it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pyarrow as pa
from sqlalchemy import Column, Connection, MetaData, Select, Table, insert
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from clicksession.writers import LOADERS
from clicksession.writers.bulk.alter import DropColumn, RenameColumn

__all__ = ["Busy", "RowLoader", "loader_of", "naive_in_utc"]

_ROWS_PER_INSERT = 50_000


class Busy(Exception):  # noqa: N818  # a state, told apart from failures, and never shown
    """Somebody else has the target; who, where that is known."""


class RowLoader:
    """Moves Arrow tables into and out of a database, within the caller's transaction."""

    #: Whether key lookups need an index; columnar stores scan faster than they maintain one.
    wants_indexes = True

    #: Whether an index can hold a part of the rows alone.
    has_partial_indexes = False

    #: Whether rows cost less in order of user and time. Where a table keeps its rows in the order
    #: they come in, this sorts them for the index of users and puts those of a session on one page.
    wants_users_together = False

    #: Whether one statement can bring all rows of a load, and costs less than one for each part.
    takes_streams = False

    #: Whether a statement that creates or alters a table ends the transaction. Then all such come
    #: before anything else of a write, and indexes do not wait until the rows are in.
    ddl_commits = False

    #: How to isolate a write, where an engine may be set to something else: to commit each
    #: statement, say, or to look at the state of before another writer's commit.
    isolation_level: ClassVar[IsolationLevel | None] = None

    #: Whether to keep the memory of a database small that runs in this process: where the library
    #: has opened it. One that the user has opened keeps the user's settings.
    bounds_memory = False

    @contextmanager
    def alone(self, connection: Connection, table: Table, *, wait: bool) -> Iterator[None]:
        """Keep other writers out until the transaction has ended.

        Raises
        ------
        Busy
            Another one is in, and `wait` is false.
        """
        yield

    def holder(self, error: DBAPIError) -> str:
        """Return who has the target, where a connection was refused for that; else nothing."""
        return ""

    def advice(self, error: DBAPIError) -> str:
        """Return what to do about an error, where the database does not say it."""
        return ""

    def full(self, error: DBAPIError) -> str:
        """Return which disk is full, where an error says that one is; else nothing."""
        return ""

    def commit(self, connection: Connection, pause: Callable[[str], None]) -> None:
        """Commit; `pause` waits a little for whoever is named, or raises.

        For databases in which a reader can be in the way of that.
        """
        connection.commit()

    def is_lost(self, error: DBAPIError) -> bool:
        """Say whether an error means that there is no connection (any more)."""
        return False

    def load(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows; the columns of the Arrow table are among those of the database's."""
        for batch in rows.to_batches(max_chunksize=_ROWS_PER_INSERT):
            if batch.num_rows:
                connection.execute(insert(table), list(_records(batch)))

    def load_stream(
        self,
        connection: Connection,
        table: Table,
        schema: pa.Schema,
        parts: Iterator[pa.Table],
        *,
        is_fresh: bool = False,
    ) -> None:
        """Insert tables of rows of one schema, each made as it is needed, by one statement.

        Only for databases that take streams. A fresh table is one that this transaction made and
        that will soon be read.
        """
        for rows in parts:
            self.load(connection, table, rows)

    def fill(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Do as `load` for a table that this transaction made and that will soon be read."""
        self.load(connection, table, rows)

    def fetch(self, connection: Connection, statement: Select[Any], schema: pa.Schema) -> pa.Table:
        """Return the rows of a statement as Arrow, in these types."""
        return _as_arrow(connection.execute(statement).all(), schema)

    def stream(
        self, connection: Connection, statement: Select[Any], schema: pa.Schema, rows: int
    ) -> Iterator[pa.Table]:
        """Yield the rows of a statement as `fetch` gives them, so many at a time.

        Neither the server's answer nor ours is held whole. No column is an instant: each database
        has a way of its own to write these, which goes by settings of its own.
        """
        found = connection.execute(statement, execution_options={"yield_per": rows})
        for part in found.partitions():
            yield _as_arrow(part, schema)

    def replace_column(
        self, connection: Connection, table: Table, old: Column[Any], new: Column[Any]
    ) -> None:
        """Drop a column, and give its name to another."""
        connection.execute(DropColumn(table, old))
        connection.execute(RenameColumn(table, new, old.name))

    def leave_room(self, connection: Connection, table: Table) -> None:
        """Prepare a new table for rows that are changed in place."""

    @contextmanager
    def staged(
        self, connection: Connection, name: str, rows: pa.Table, **types: TypeEngine[Any]
    ) -> Iterator[Table]:
        """Put rows into a temporary table that only this connection sees, for a while."""
        columns = [Column(column, kind) for column, kind in types.items()]
        table = Table(f"clicksession_{name}", MetaData(), *columns, prefixes=["TEMPORARY"])
        table.create(connection, checkfirst=False)
        try:
            self.load(connection, table, rows)
            self.describe_staged(connection, table)
            yield table
        except BaseException:
            self.abandon_staged(connection, table)
            raise
        self.drop_staged(connection, table)

    def describe(self, connection: Connection, table: Table) -> None:
        """Tell the database's planner what is in a table, where it did not look by itself."""

    def describe_staged(self, connection: Connection, table: Table) -> None:
        """Do as `describe` for a temporary table that was just filled."""

    def abandon_staged(self, connection: Connection, table: Table) -> None:
        """Leave a temporary table to the end of the transaction, which takes it back."""

    def drop_staged(self, connection: Connection, table: Table) -> None:
        """Drop a temporary table."""
        table.drop(connection, checkfirst=False)


def loader_of(dialect: str) -> RowLoader:
    """Return what moves rows into and out of a database of this SQLAlchemy name."""
    found: RowLoader = LOADERS.find(dialect)() if dialect in LOADERS else RowLoader()
    return found


def _as_arrow(rows: Sequence[Any], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)],
        schema=schema,
    )


def naive_in_utc(rows: pa.Table) -> pa.Table:
    """Return rows with their instants as naive times in UTC."""
    for position, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz:
            naive = rows.column(position).cast(pa.timestamp(field.type.unit))
            rows = rows.set_column(position, field.name, naive)
    return rows


def _records(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    # Columns to Python once each; one record after another would look every cell up by itself.
    columns = [column.to_pylist() for column in batch.columns]
    names = batch.schema.names
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))
