"""Set aside the rows whose values the columns of a table cannot keep."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Column, Table, select

from clicksession.arrow import FLOAT_HOLDS, as_text, is_text, text_of
from clicksession.readers.rows.bounding import Beyond
from clicksession.sql.tables import Key, Tables, Words
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.columns import arrow_type
from clicksession.writers.tables.target import Target

__all__ = [
    "Misfits",
    "find_misfits",
    "misfits_of",
    "quarantine_table",
    "record_misfits",
]

# What one statement looks for.
_PART_ROWS = 500
_PART_CHARACTERS = 2**20

_DIGITS = r"^(0|-?[1-9][0-9]{0,17})$"


@dataclass(frozen=True)
class Misfits:
    """Rows with a value that its column cannot keep: the first such column, and why not."""

    rows: npt.NDArray[np.int64]
    columns: list[str]
    reasons: list[str]
    events: list[str]


def find_misfits(rows: pa.Table, target: Target) -> Misfits:
    """Return the rows of which some value is not of the type that its column has."""
    first = np.full(rows.num_rows, -1)
    for number, name in reversed(list(enumerate(rows.column_names))):
        if name in target.events.c:
            kind = arrow_type(target.events.c[name].type)
            first[~_fits(rows[name], kind)] = number
    found = np.flatnonzero(first >= 0)
    columns = [rows.column_names[number] for number in first[found]]
    reasons = [f"it is {target.events.c[name].type}" for name in columns]
    return Misfits(found, columns, reasons, _in_json(rows, found))


def misfits_of(rows: pa.Table, beyond: Beyond) -> Misfits:
    """Return the rows that are beyond the bounds of databases."""
    found = np.array(sorted(beyond), dtype=np.int64)
    each = [beyond[row] for row in found.tolist()]
    columns, reasons = [one.column for one in each], [one.detail for one in each]
    return Misfits(found, columns, reasons, _in_json(rows, found))


def _in_json(rows: pa.Table, found: npt.NDArray[np.int64]) -> list[str]:
    """Return rows as JSON."""
    taken = rows.take(pa.array(found))
    for position, field in enumerate(taken.schema):
        if pa.types.is_timestamp(field.type):
            # Python does not know all that Arrow does.
            taken = taken.set_column(position, field.name, taken[field.name].cast(pa.string()))
    return [
        json.dumps(
            # Which fields it lacks depends on the rows that it came with.
            {name: _plain(value) for name, value in row.items() if value is not None},
            ensure_ascii=False,
            allow_nan=False,
        )
        for row in taken.to_pylist()
    ]


def quarantine_table(tables: Tables) -> Table:
    """Return the table of the rows that were set aside: by which run, from where, and why."""
    return tables.table(
        "clicksession_quarantine",
        Column("run_id", BigInteger(), nullable=False),
        Column("file", Words()),
        Column("column_name", Key(), nullable=False),
        Column("reason", Words(), nullable=False),
        Column("event", Words(), nullable=False),
    )


def record_misfits(access: Access, misfits: Misfits, files: list[str | None], run: int) -> None:
    """Keep rows that were set aside, each with the file that it came from, but none twice."""
    if not files:
        return
    table = access.made(quarantine_table(access.tables))
    text = pa.large_string()
    rows = {
        "run_id": pa.array(np.full(len(files), run, dtype=np.int64)),
        "file": pa.array(files, text),
        "column_name": pa.array(misfits.columns, text),
        "reason": pa.array(misfits.reasons, text),
        "event": pa.array(misfits.events, text),
    }
    there = _kept_before(access, table, misfits)
    places = zip(files, misfits.columns, misfits.events, strict=True)
    new = pa.array([place not in there for place in places], pa.bool_())
    if pc.any(new).as_py():
        access.loader.load(access.connection, table, pa.table(rows).filter(new))


def _kept_before(access: Access, table: Table, misfits: Misfits) -> set[tuple[object, ...]]:
    """Return file, column and event of those rows that an earlier write has set aside."""
    found: set[tuple[object, ...]] = set()
    # What a database takes for equal may differ in case: the rows are compared here again.
    columns = table.c.file, table.c.column_name, table.c.event
    for events in _in_parts(misfits.events):
        statement = select(*columns).where(table.c.event.in_(events))
        found.update(tuple(row) for row in access.connection.execute(statement))
    return found


def _in_parts(texts: list[str]) -> Iterator[list[str]]:
    """Yield texts, so many at a time that a statement can hold them."""
    part: list[str] = []
    size = 0
    for text in texts:
        if part and (len(part) >= _PART_ROWS or size + len(text) > _PART_CHARACTERS):
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    yield part


def _fits(values: pa.ChunkedArray, kind: pa.DataType) -> npt.NDArray[np.bool_]:
    """Say of each value whether a column of this type keeps it, and gives it back as it was."""
    if is_text(kind) or values.type == kind or values.null_count == len(values):
        return np.ones(len(values), dtype=bool)
    fits = pc.or_(pc.is_null(values), pc.fill_null(_kept(values, kind), False))
    return np.asarray(fits, dtype=bool)


def _kept(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    is_number = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    if pa.types.is_integer(kind) and (is_number or is_text(values.type)):
        return pc.match_substring_regex(as_text(values), _DIGITS)
    if pa.types.is_floating(kind) and pa.types.is_integer(values.type):
        return pc.and_(pc.greater_equal(values, -FLOAT_HOLDS), pc.less_equal(values, FLOAT_HOLDS))
    if pa.types.is_floating(kind) and is_text(values.type):
        numbers = pa.chunked_array([[_number(text) for text in values.to_pylist()]], kind)
        return pc.equal(as_text(numbers), values.cast(pa.large_string()))
    if pa.types.is_boolean(kind) and is_text(values.type):
        return pc.is_in(values, pa.array(["true", "false"], values.type))
    return pa.chunked_array([pa.array(np.zeros(len(values), dtype=bool))])


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _plain(value: object) -> object:
    is_json = isinstance(value, int | str | None)
    return (
        value if is_json or (isinstance(value, float) and math.isfinite(value)) else text_of(value)
    )
