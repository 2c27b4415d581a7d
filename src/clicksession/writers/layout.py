"""Create the two tables, and bring them up to what a batch brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import Column, Connection, Index, Table, Text, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn, ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import Boolean, DateTime, Integer, Numeric, TypeEngine

from clicksession.errors import WriteError
from clicksession.sql.dialects import spelling
from clicksession.sql.tables import Instant, Tables, session_columns
from clicksession.writers.storable import sql_type

__all__ = ["Target", "index_target", "open_target"]


@dataclass(frozen=True)
class Target:
    """The tables of a target as they are in the database, and whether they are still empty."""

    events: Table
    sessions: Table
    is_empty: bool


def open_target(connection: Connection, tables: Tables, batch: pa.Schema) -> Target:
    """Return the tables, created or widened so that a batch with these columns fits.

    Raises
    ------
    WriteError
        A column of the batch does not fit the type that the table has for it.
    """
    types = {field.name: sql_type(field.type) for field in batch}
    there = spelling(connection.dialect.name).columns(connection, tables.events)
    if there is None:
        return _created(connection, tables, types)
    _check_types(tables.events.name, there, types)
    known = {name: _as_written(name, kind, types) for name, kind in there.items()}
    added = {name: kind for name, kind in types.items() if name not in there}
    events = _events_table(tables, {**known, **added})
    for name in added:
        connection.execute(_AddColumn(events, events.c[name]))
    sessions = _sessions_table(tables, known["user_id"])
    is_empty = connection.execute(select(events.c.event_id).limit(1)).first() is None
    return Target(events, sessions, is_empty)


def _created(
    connection: Connection, tables: Tables, types: Mapping[str, TypeEngine[Any]]
) -> Target:
    events = _events_table(tables, types)
    sessions = _sessions_table(tables, types["user_id"])
    events.create(connection)
    sessions.create(connection)
    return Target(events, sessions, is_empty=True)


def index_target(connection: Connection, target: Target) -> None:
    """Create the indexes of tables that were just filled: sorting once beats a million inserts."""
    events, sessions = target.events, target.sessions
    indexes = (
        Index(f"{events.name}_event_id", events.c.event_id, unique=True),
        Index(f"{events.name}_user_time", events.c.user_id, events.c.timestamp),
        Index(f"{sessions.name}_session_id", sessions.c.session_id, unique=True),
        Index(f"{sessions.name}_user_start", sessions.c.user_id, sessions.c.started_at),
    )
    for index in indexes:
        index.create(connection, checkfirst=True)


class _AddColumn(ExecutableDDLElement):
    """``ALTER TABLE … ADD COLUMN …``, which SQLAlchemy leaves to migration tools."""

    def __init__(self, table: Table, column: Column[Any]) -> None:
        self.table, self.column = table, column


@compiles(_AddColumn)
def _add_column(element: _AddColumn, compiler: DDLCompiler, **options: Any) -> str:
    table = compiler.preparer.format_table(element.table)
    return f"ALTER TABLE {table} ADD COLUMN {compiler.process(CreateColumn(element.column))}"


def _events_table(tables: Tables, types: Mapping[str, TypeEngine[Any]]) -> Table:
    columns = [
        Column(name, kind, nullable=name != "event_id")
        for name, kind in types.items()
        if name != "session_id"
    ]
    return tables.table("events", *columns, Column("session_id", Text()))


def _sessions_table(tables: Tables, user_type: TypeEngine[Any]) -> Table:
    return tables.table("sessions", *session_columns(user_type))


def _as_written(
    name: str, there: TypeEngine[Any], types: Mapping[str, TypeEngine[Any]]
) -> TypeEngine[Any]:
    """Return our own type for a column, which knows how to hand over instants."""
    if name in types and not isinstance(there, Text):
        return types[name]
    return Instant() if isinstance(there, DateTime) else there


def _check_types(
    table: str, there: Mapping[str, TypeEngine[Any]], types: Mapping[str, TypeEngine[Any]]
) -> None:
    for name, kind in types.items():
        if name in there and not _fits(kind, there[name]):
            raise WriteError(
                table,
                f"column {name!r} is {there[name]}, and the batch brings {kind}",
                "Convert the column of the batch, or write to other tables (prefix=…).",
            )


def _fits(new: TypeEngine[Any], there: TypeEngine[Any]) -> bool:
    if _family(there) in ("text", _family(new)):
        return True
    return _family(there) == "decimal" and _family(new) == "whole"


def _family(kind: TypeEngine[Any]) -> str:
    families: tuple[tuple[type, str], ...] = (
        (Boolean, "boolean"),
        (Integer, "whole"),
        (Numeric, "decimal"),
        (DateTime, "time"),
    )
    generic = getattr(kind, "impl_instance", kind)
    return next((family for base, family in families if isinstance(generic, base)), "text")
