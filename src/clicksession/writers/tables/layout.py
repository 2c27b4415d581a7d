"""Create the two tables, bring them up to what a batch brings, and fill them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
from sqlalchemy import Column, Index, Table, quoted_name, select
from sqlalchemy.engine.interfaces import ReflectedIndex
from sqlalchemy.schema import DropTable
from sqlalchemy.types import TypeEngine

from clicksession.arrow import as_text, is_text, with_fields
from clicksession.errors import WriteError
from clicksession.schema import LONGEST_NAME, SYSTEM, column_name
from clicksession.sql.tables import Tables
from clicksession.writers.bulk.alter import AddColumn, DropColumn
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.columns import arrow_type, sql_type
from clicksession.writers.tables.keeping import fit_edges
from clicksession.writers.tables.target import Target, column_types, is_partial
from clicksession.writers.tables.widening import WIDENED, indexes_there, widen

__all__ = [
    "fits",
    "fitted",
    "index_target",
    "load_in_one",
    "open_target",
    "restore_indexes",
]


def open_target(access: Access, rows: pa.Table, *, narrows: bool) -> Target:
    """Return the tables, created or widened so that these rows fit.

    With `narrows`, a column that holds nothing takes the type of what comes.
    """
    connection, tables = access.connection, access.tables
    types = {field.name: sql_type(field.name, field.type) for field in rows.schema}
    known = column_types(connection, tables)
    _check_names(tables, known or (), types)
    if known is None:
        return _created(access, types)
    if WIDENED in known:
        # Left by a process that was killed while it widened a column.
        del known[WIDENED]
        events = Target.of(tables, known).events
        connection.execute(DropColumn(events, Column(quoted_name(WIDENED, quote=True))))
    widened = widen(access, Target.of(tables, known), rows, narrows=narrows)
    known.update(widened)
    added = {name: kind for name, kind in types.items() if name not in known}
    target = Target.of(tables, {**known, **added})
    for name in added:
        connection.execute(AddColumn(target.events, target.events.c[name]))
    if widened or added:
        fit_edges(access, target)
    is_empty = not connection.execute(select(target.events.c.event_id).limit(1)).all()
    return replace(target, is_empty=is_empty)


def _check_names(tables: Tables, known: Collection[str], coming: Collection[str]) -> None:
    """Refuse new columns that some database would take for another one, or would cut short.

    On every database, so that tables and queries can move from one to the other.
    """
    table = tables.events.name
    spelled = {name.lower(): name for name in ("session_id", "event_type", *known)}
    for name in coming:
        if name in known:
            continue
        if name.lower() in tables.count_columns:
            problem = f"sessions have a column {name!r}, which counts events"
            raise WriteError(table, problem, "Rename the field, or use SQLWriter.stop_counting().")
        other = spelled.setdefault(name.lower(), name)
        if other != name:
            problem = f"columns {other!r} and {name!r} differ in nothing but the case of letters"
            raise WriteError(table, problem, "Rename one of them: many databases know no case.")
        if name in SYSTEM:
            problem = f"PostgreSQL has a column {name!r} in every table"
            raise WriteError(table, problem, f"Rename it: a reader calls it {column_name(name)!r}.")
        if "\x00" in name:
            problem = f"the name of column {name!r} has a NUL"
            raise WriteError(table, problem, "Rename it: PostgreSQL keeps no such character.")
        if len(name.encode()) > LONGEST_NAME:
            problem = f"the name of column {name!r} has more than {LONGEST_NAME} bytes"
            raise WriteError(table, problem, "Rename it: PostgreSQL would cut it short.")


def fits(rows: pa.Table, table: Table) -> bool:
    """Say whether rows go into a table as they are: it has all of their columns, in their types."""
    columns = table.c
    return all(
        field.name in columns and _is_alike(arrow_type(columns[field.name].type), field.type)
        for field in rows.schema
    )


def fitted(rows: pa.Table, target: Target) -> pa.Table:
    """Return rows in the types of the table: nulls in any, numbers as text where it holds text.

    A column that the table does not have yet stays as it is.
    """
    for position, field in enumerate(rows.schema):
        if field.name not in target.events.c:
            continue
        kind = arrow_type(target.events.c[field.name].type)
        column = rows.column(position)
        if _is_alike(kind, field.type):
            continue
        if column.null_count == len(column):
            column = pa.chunked_array([pa.nulls(len(column), kind)])
        else:
            column = as_text(column) if is_text(kind) else column.cast(kind)
        rows = rows.set_column(position, field.name, column)
    return rows


def _is_alike(there: pa.DataType, coming: pa.DataType) -> bool:
    return there == coming or (is_text(there) and is_text(coming))


def load_in_one(
    access: Access, table: Table, parts: Iterator[pa.Table], *, is_fresh: bool = False
) -> None:
    """Load tables of rows, each with some of the columns, by one statement.

    A columnar store compresses what one statement brings as it comes, and holds what many bring, in
    one transaction, until its end: one is faster, and takes no more memory for a larger log.
    """
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in table.c])
    in_full = (with_fields(rows, schema) for rows in parts)
    access.loader.load_stream(access.connection, table, schema, in_full, is_fresh=is_fresh)


def index_target(access: Access, target: Target) -> None:
    """Create the indexes of tables that were just filled: sorting once beats a million inserts.

    They are there already where the tables were emptied and filled again.
    """
    if not access.loader.wants_indexes or access.loader.ddl_commits:
        return
    if not target.is_made_here:
        restore_indexes(access, target)
        return
    for index in _indexes(access, target):
        index.create(access.connection)


def _indexes(access: Access, target: Target) -> tuple[Index, ...]:
    return target.indexes(partial=access.loader.has_partial_indexes)


def restore_indexes(access: Access, target: Target) -> None:
    """Create the indexes that are not there.

    A process that was killed while it altered a table may have left some out. Where another one
    begins with the same columns, as one of an earlier version may, it does as well.
    """
    for table in (target.events, target.sessions):
        there = indexes_there(access, table)
        for index in _indexes(access, target):
            if index.table is table and not any(_serves(other, index) for other in there):
                index.create(access.connection)


def _serves(there: ReflectedIndex, index: Index) -> bool:
    """Say whether an index of the database does what this one would do."""
    names, wanted = there["column_names"], list(index.columns.keys())
    if is_partial(index):
        return there["name"] == index.name
    if any(option.endswith("_where") for option in there.get("dialect_options", {})):
        # It holds a part of the rows.
        return False
    if index.unique:
        return bool(there["unique"]) and names == wanted
    return names[: len(wanted)] == wanted


def _created(access: Access, types: Mapping[str, TypeEngine[Any]]) -> Target:
    target, loader = Target.of(access.tables, types, is_made_here=True), access.loader
    # Left by a process that was killed before it had made the sessions: nothing is in it.
    access.connection.execute(DropTable(target.events, if_exists=True))
    target.events.create(access.connection)
    target.sessions.create(access.connection)
    loader.leave_room(access.connection, target.sessions)
    if loader.wants_indexes and loader.ddl_commits:
        for index in _indexes(access, target):
            index.create(access.connection)
    return target
