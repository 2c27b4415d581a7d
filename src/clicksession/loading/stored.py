"""Open a target to read what is in it, some rows at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import URL, Connection, Engine, Select

from clicksession.errors import ParameterError, WriteError
from clicksession.loading.asked import Asked
from clicksession.sql.tables import Tables
from clicksession.sql.urls import connected, shown_url
from clicksession.writers.bulk.rows import loader_of
from clicksession.writers.tables.ownership import require_own
from clicksession.writers.tables.target import Target, stored_target

__all__ = ["Place", "Stored", "opened"]

Place = Engine | Connection | str | URL

_MUST = "an Engine, a Connection, or a database URL, such as 'duckdb:///shop.duckdb'"


@dataclass(frozen=True)
class Stored:
    """The rows of a target that were asked for.

    Attributes
    ----------
    schema
        The types of what comes out.
    counts
        The columns that are whole numbers and never null.
    """

    connection: Connection
    statement: Select[Any]
    schema: pa.Schema
    counts: tuple[str, ...]

    def batches(self, rows: int) -> Iterator[pa.Table]:
        """Yield the rows, at most so many at a time."""
        on_the_way = pa.schema(
            [(f.name, pa.int64() if pa.types.is_timestamp(f.type) else f.type) for f in self.schema]
        )
        loader = loader_of(self.connection.dialect.name)
        for part in loader.stream(self.connection, self.statement, on_the_way, rows):
            yield part.cast(self.schema)


@contextmanager
def opened(target: Place, tables: Tables | None, asked: Asked) -> Iterator[Stored]:
    """Open a target for as long as it is read from.

    Raises
    ------
    ParameterError
        It is no target of this library, or has not the columns that are asked for.
    """
    tables = Tables.given(tables, who=asked.who)
    with connected(target, who=asked.who, parameter="target", must=_MUST) as connection:
        tables = tables.as_stored(connection)
        found = _target(connection, tables, asked.who)
        counts = ("event_count", *tables.count_columns) if asked.table == "sessions" else ()
        yield Stored(connection, asked.statement(found), asked.schema(found), counts)


def _target(connection: Connection, tables: Tables, who: str) -> Target:
    """Return the tables, if they are there and the library's."""
    try:
        require_own(connection, tables)
    except WriteError as error:
        must = f"a target of this library (table {error.table!r}: {error.reason})"
        raise ParameterError(who, "target", must, shown_url(connection.engine.url)) from None
    found = stored_target(connection, tables)
    if found is None:
        names = f"{tables.table('events').name!r} and {tables.table('sessions').name!r}"
        must = f"a database with the tables {names}, which run() or SQLWriter makes"
        raise ParameterError(who, "target", must, shown_url(connection.engine.url))
    return found
