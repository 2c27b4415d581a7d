"""Create the two tables, and bring them up to what a batch brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import Column, Connection, Index, Table, select
from sqlalchemy.dialects.mysql import TINYINT
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn, CreateIndex, ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import Boolean, DateTime, Integer, Numeric, TypeEngine

from clicksession.arrow import is_text
from clicksession.errors import WriteError
from clicksession.sql.dialects import spelling
from clicksession.sql.tables import Instant, Key, Tables, Words, session_columns
from clicksession.writers.access import Access
from clicksession.writers.storable import INSTANT, sql_type

__all__ = ["Target", "arrow_type", "fitted", "index_target", "open_target", "stored_target"]


@dataclass(frozen=True)
class Target:
    """The tables of a target as they are in the database, and whether they are still empty."""

    events: Table
    sessions: Table
    is_empty: bool


def open_target(access: Access, rows: pa.Table) -> Target:
    """Return the tables, created or widened so that these rows fit.

    Raises
    ------
    WriteError
        A column of the rows does not fit the type that the table has for it.
    """
    connection, tables = access.connection, access.tables
    types = {field.name: sql_type(field.name, field.type) for field in rows.schema}
    there = spelling(connection.dialect.name).columns(connection, tables.events)
    if there is None:
        return _created(access, types)
    _check_types(tables.events.name, there, rows)
    known = {name: _as_written(name, kind) for name, kind in there.items()}
    added = {name: kind for name, kind in types.items() if name not in there}
    events = _events_table(tables, {**known, **added})
    for name in added:
        connection.execute(_AddColumn(events, events.c[name]))
    sessions = _sessions_table(tables, known["user_id"])
    is_empty = not connection.execute(select(events.c.event_id).limit(1)).all()
    return Target(events, sessions, is_empty)


def stored_target(connection: Connection, tables: Tables) -> Target | None:
    """Return the tables as they are in the database, or None where they are not."""
    there = spelling(connection.dialect.name).columns(connection, tables.events)
    if there is None:
        return None
    known = {name: _as_written(name, kind) for name, kind in there.items()}
    sessions = _sessions_table(tables, known["user_id"])
    return Target(_events_table(tables, known), sessions, is_empty=False)


def fitted(rows: pa.Table, target: Target) -> pa.Table:
    """Return rows in the types of the table: nulls in any, numbers as text where it holds text."""
    for position, field in enumerate(rows.schema):
        kind = arrow_type(target.events.c[field.name].type)
        column = rows.column(position)
        if (is_text(kind) and is_text(field.type)) or kind == field.type:
            continue
        nothing = column.null_count == len(column)
        column = pa.chunked_array([pa.nulls(len(column), kind)]) if nothing else column.cast(kind)
        rows = rows.set_column(position, field.name, column)
    return rows


def arrow_type(kind: TypeEngine[Any]) -> pa.DataType:
    """Return the Arrow type of a column of a table."""
    return _ARROW[_family(kind)]


def index_target(access: Access, target: Target) -> None:
    """Create the indexes of tables that were just filled: sorting once beats a million inserts.

    They are there already where the tables were emptied and filled again.
    """
    if access.loader.wants_indexes and access.loader.indexes_after_load:
        for index in _indexes(target):
            access.connection.execute(CreateIndex(index, if_not_exists=True))


def _created(access: Access, types: Mapping[str, TypeEngine[Any]]) -> Target:
    tables, connection, loader = access.tables, access.connection, access.loader
    target = Target(_events_table(tables, types), _sessions_table(tables, types["user_id"]), True)
    target.events.create(connection)
    target.sessions.create(connection)
    if loader.wants_indexes and not loader.indexes_after_load:
        for index in _indexes(target):
            index.create(connection)
    return target


def _indexes(target: Target) -> tuple[Index, ...]:
    events, sessions = target.events, target.sessions
    return (
        Index(f"{events.name}_event_id", events.c.event_id, unique=True),
        Index(f"{events.name}_user_time", events.c.user_id, events.c.timestamp),
        Index(f"{sessions.name}_session_id", sessions.c.session_id, unique=True),
        Index(f"{sessions.name}_user_start", sessions.c.user_id, sessions.c.started_at),
    )


class _AddColumn(ExecutableDDLElement):
    """``ALTER TABLE … ADD COLUMN …``, which SQLAlchemy leaves to migration tools."""

    def __init__(self, table: Table, column: Column[Any]) -> None:
        self.table, self.column = table, column


@compiles(_AddColumn)
def _add_column(element: _AddColumn, compiler: DDLCompiler, **options: Any) -> str:
    table = compiler.preparer.format_table(element.table)
    return f"ALTER TABLE {table} ADD COLUMN {compiler.process(CreateColumn(element.column))}"


def _events_table(tables: Tables, types: Mapping[str, TypeEngine[Any]]) -> Table:
    # Metrics ask for the type of an event, also where a log has none.
    types = {**types, "event_type": types.get("event_type", Words())}
    columns = [
        Column(name, kind, nullable=name != "event_id")
        for name, kind in types.items()
        if name != "session_id"
    ]
    return tables.table("events", *columns, Column("session_id", Key()))


def _sessions_table(tables: Tables, user_type: TypeEngine[Any]) -> Table:
    return tables.table("sessions", *session_columns(user_type))


def _as_written(name: str, there: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return our own type for a column, which knows how to hand over instants and keys."""
    family = _family(there)
    if family == "text":
        return Key() if name in ("event_id", "user_id") else Words()
    return Instant() if family == "time" else there


def _check_types(table: str, there: Mapping[str, TypeEngine[Any]], rows: pa.Table) -> None:
    for field in rows.schema:
        kind = sql_type(field.name, field.type)
        nothing = rows[field.name].null_count == rows.num_rows
        if field.name in there and not nothing and not _fits(kind, there[field.name]):
            raise WriteError(
                table,
                f"column {field.name!r} is {there[field.name]}, and the batch brings {kind}",
                "Convert the column of the batch, or write to other tables (Tables(prefix=…)).",
            )


def _fits(new: TypeEngine[Any], there: TypeEngine[Any]) -> bool:
    if _family(there) in ("text", _family(new)):
        return True
    return _family(there) == "decimal" and _family(new) == "whole"


def _family(kind: TypeEngine[Any]) -> str:
    families: tuple[tuple[type | tuple[type, ...], str], ...] = (
        ((Boolean, TINYINT), "boolean"),
        (Integer, "whole"),
        (Numeric, "decimal"),
        (DateTime, "time"),
    )
    generic = getattr(kind, "impl_instance", kind)
    return next((family for base, family in families if isinstance(generic, base)), "text")


_ARROW = {
    "boolean": pa.bool_(),
    "whole": pa.int64(),
    "decimal": pa.float64(),
    "time": INSTANT,
    "text": pa.large_string(),
}
