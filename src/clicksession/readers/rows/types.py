"""Bring columns of several batches, or values of several types, to one type, losing nothing.

Widening goes: null to anything; whole numbers to floats where floats hold them
exactly; anything else that disagrees to text.
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import FLOAT_HOLDS, as_text, floats_hold, is_text, text_of

__all__ = [
    "column_of",
    "concatenated",
    "first_present",
    "kind_of",
    "kinds_of",
    "without_empty",
]

_KINDS = {bool: "true or false", int: "number", float: "number"}


def concatenated(tables: Sequence[pa.Table]) -> pa.Table:
    """Return the tables one after another, with every column of any of them.

    A column that a table lacks is null there. One whose type differs between tables takes the
    narrowest type that holds all of their values.
    """
    # By name at once: asked for one name, a table looks through all that it has.
    given = [dict(zip(table.column_names, table.columns, strict=True)) for table in tables]
    nothing = [pa.chunked_array([pa.nulls(table.num_rows)]) for table in tables]
    names = dict.fromkeys(name for columns in given for name in columns)
    pairs = list(zip(given, nothing, strict=True))
    return pa.table(
        {name: _stacked([columns.get(name, none) for columns, none in pairs]) for name in names}
    )


def first_present(
    columns: Sequence[pa.ChunkedArray], *, empty_is_null: bool = True
) -> pa.ChunkedArray:
    """Return the first value of each row that is there: neither null nor an empty text.

    Exports write ``""`` where they have none: it would hide the next column's.
    """
    if len(columns) == 1:
        return columns[0]
    kinds = {column.type for column in columns if pa.types.is_timestamp(column.type)}
    if len({kind.tz is None for kind in kinds}) > 1:
        # In one type, those without a zone would be instants, or the others none.
        columns = [column.cast(pa.string()) for column in columns]
    # One below the other, they come out in one type.
    stacked = _stacked(list(columns))
    if empty_is_null:
        stacked = without_empty(stacked)
    size = len(columns[0])
    return pc.coalesce(*(stacked.slice(n * size, size) for n in range(len(columns))))


def without_empty(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column with nulls for its empty texts."""
    if not is_text(column.type):
        return column
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)


def column_of(values: list[object]) -> pa.Array:
    """Return a column of Python values of any JSON types, in the narrowest type that fits all.

    Lists become JSON text. Where numbers and text meet, all become text, numbers with every digit.
    """
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool} or kinds == {str} or not kinds:
        return pa.array(values)
    if kinds == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):  # type: ignore[operator]
        return pa.array(values, type=pa.int64())
    if kinds <= {int, float} and float in kinds and not _too_long(values):
        return pa.array(values, type=pa.float64())
    return pa.array([None if value is None else text_of(value) for value in values])


def kinds_of(values: list[object]) -> frozenset[str]:
    """Return what kinds of values these are, as a user would call them."""
    kinds = {type(value) for value in values if value is not None}
    return frozenset(_KINDS.get(kind, "text") for kind in kinds)


def kind_of(kind: pa.DataType) -> str | None:
    """Return what kind of values a column holds, as a user would call it; nothing, of nulls."""
    if pa.types.is_null(kind):
        return None
    if pa.types.is_boolean(kind):
        return "true or false"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    return "time" if pa.types.is_temporal(kind) else "text"


def _too_long(values: list[object]) -> bool:
    return any(isinstance(value, int) and abs(value) > FLOAT_HOLDS for value in values)


def _stacked(parts: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    kind = _common(parts)
    as_kind = [_cast(part, kind) for part in parts]
    chunks = [chunk for part in as_kind for chunk in part.chunks]
    return pa.chunked_array(chunks, type=kind)


def _cast(part: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    is_number = pa.types.is_floating(part.type) and pa.types.is_string(kind)
    return (as_text(part) if is_number else part).cast(kind)


def _common(parts: list[pa.ChunkedArray]) -> pa.DataType:
    kinds = {part.type for part in parts if not pa.types.is_null(part.type)}
    if not kinds:
        return pa.null()
    if len(kinds) == 1:
        return kinds.pop()
    if all(pa.types.is_timestamp(kind) for kind in kinds):
        finest = max(kinds, key=lambda kind: ("s", "ms", "us", "ns").index(kind.unit))
        return pa.timestamp(finest.unit, finest.tz)
    if kinds == {pa.int64(), pa.float64()}:
        return pa.float64() if all(map(floats_hold, parts)) else pa.string()
    return pa.string()
