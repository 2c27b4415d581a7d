"""Make a column hold what a batch brings: in a wider type, with every value kept.

Whole numbers become numbers with fractions where these hold all of them exactly;
everything else that disagrees becomes text. Which type and which values result
does not depend on what came first.
"""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    Column,
    Double,
    Index,
    MetaData,
    String,
    Table,
    case,
    cast,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.engine.interfaces import ReflectedIndex
from sqlalchemy.schema import CreateIndex, DropIndex
from sqlalchemy.types import TypeEngine

from clicksession.arrow import as_text, floats_hold
from clicksession.sql.tables import Words
from clicksession.writers.bulk.alter import AddColumn
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.columns import family_of, sql_type
from clicksession.writers.tables.target import Target

__all__ = ["WIDENED", "indexes_there", "widen"]

WIDENED = "clicksession_widened"


def widen(
    access: Access, target: Target, rows: pa.Table, *, narrows: bool
) -> dict[str, TypeEngine[Any]]:
    """Change the columns that do not fit the rows, and return their types."""
    changed = {}
    for name in rows.column_names:
        if name in target.events.c and rows[name].null_count < rows.num_rows:
            kind = _needed(access, target.events.c[name], rows[name], narrows=narrows)
            if kind is not None:
                changed[name] = kind
                _change(access, target, target.events, name, kind)
                if name == "user_id":
                    _change(access, target, target.sessions, name, kind)
    return changed


def _needed(
    access: Access, column: Column[Any], values: pa.ChunkedArray, *, narrows: bool
) -> TypeEngine[Any] | None:
    """Return the type that holds what is stored and what comes, or None where it is there."""
    new = sql_type(column.name, values.type)
    there, coming = family_of(column.type), family_of(new)
    if there == coming:
        return None
    if narrows and _holds_nothing(access, column):
        return new
    if {there, coming} == {"whole", "decimal"}:
        held = _bounds(access, column) if there == "whole" else values
        if floats_hold(held):
            return Double() if there == "whole" else None
    return None if there == "text" else sql_type(column.name, pa.string())


def _holds_nothing(access: Access, column: Column[Any]) -> bool:
    """Say whether no event has a value: then nothing has said yet of what type they are."""
    some = select(column).where(column.is_not(None)).limit(1)
    return not access.connection.execute(some).all()


def _bounds(access: Access, column: Column[Any]) -> pa.ChunkedArray:
    bounds = access.connection.execute(select(func.min(column), func.max(column))).one()
    return pa.chunked_array([pa.array(bounds, pa.int64())])


def indexes_there(access: Access, table: Table) -> list[ReflectedIndex]:
    """Return the indexes that a table has in the database, if it is to have any."""
    if not access.loader.wants_indexes:
        return []
    return inspect(access.connection).get_indexes(table.name, schema=table.schema)


def _change(access: Access, target: Target, table: Table, name: str, kind: TypeEngine[Any]) -> None:
    """Put a column of another type in the place of one, with the same values."""
    run = access.connection.execute
    columns = [Column(column.name, column.type) for column in table.c]
    wider = Table(table.name, MetaData(), *columns, Column(WIDENED, kind), schema=table.schema)
    run(AddColumn(wider, wider.c[WIDENED]))
    _fill(access, wider, wider.c[name])
    # Where they come after the load, they are not there yet.
    there = {index["name"] for index in indexes_there(access, table)}
    indexes = target.indexes(partial=access.loader.has_partial_indexes)
    known = _of_column((*indexes, *target.former_indexes()), table, name)
    dropped = [index for index in known if index.name in there]
    for index in dropped:
        run(DropIndex(index))
    access.loader.replace_column(access.connection, wider, wider.c[name], wider.c[WIDENED])
    for index in _of_column(indexes, table, name) if dropped else []:
        run(CreateIndex(index))


def _of_column(indexes: Iterable[Index], table: Table, name: str) -> list[Index]:
    """Return those of the indexes that a column of a table is in."""
    return [index for index in indexes if index.table is table and name in index.columns]


def _fill(access: Access, table: Table, old: Column[Any]) -> None:
    """Give the new column the values of the old one."""
    new, family = table.c[WIDENED], family_of(old.type)
    if family == "text":
        # Nothing is wider: it was changed because it holds nothing.
        return
    fill = update(table).where(old.is_not(None))
    if family == "whole":
        is_number = family_of(new.type) == "decimal"
        access.connection.execute(fill.values({new: old if is_number else cast(old, String())}))
    elif family == "boolean":
        access.connection.execute(fill.values({new: case((old, "true"), else_="false")}))
    else:
        # Each database writes these in a way of its own.
        values = access.fetch(select(old.label("value")).where(old.is_not(None)).distinct())
        rows = values.append_column("shown", as_text(values["value"]))
        with access.staged("widened", rows, value=old.type, shown=Words()) as texts:
            said = fill.where(old == texts.c.value).values({new: texts.c.shown})
            access.connection.execute(said)
