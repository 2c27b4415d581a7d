"""What the parts that handle Arrow data ask of a type, and how they make text of it."""

import json
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "ENDLESS",
    "FLOAT_HOLDS",
    "as_text",
    "floats_hold",
    "in_one",
    "is_text",
    "readable",
    "text_of",
    "with_fields",
]

# Up to here, a float holds every whole number.
FLOAT_HOLDS = 2**53


# What databases that know infinite times write in the place of one, or its negative: the last count
# of units since 1970 that 64 bits hold.
ENDLESS = 2**63 - 1


def is_text(kind: pa.DataType) -> bool:
    """Say whether an Arrow type is text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def readable(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return a column whose texts, or those of its categories, are as all of Arrow knows them.

    Texts as Polars lays them out are copied: much of Arrow cannot work with them.

    Examples
    --------
    >>> readable(pa.array(["a"], pa.string_view())).type
    DataType(large_string)
    """
    kind = column.type
    if pa.types.is_dictionary(kind) and pa.types.is_string_view(kind.value_type):
        return column.cast(pa.dictionary(kind.index_type, pa.large_string()))
    return column.cast(pa.large_string()) if pa.types.is_string_view(kind) else column


def in_one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def with_fields(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows with the columns of a schema: those that they lack are null.

    Examples
    --------
    >>> schema = pa.schema({"page": pa.string(), "price": pa.float64()})
    >>> with_fields(pa.table({"price": [1]}), schema).to_pylist()
    [{'page': None, 'price': 1.0}]
    """
    columns = [
        rows[field.name].cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as text, the same for a whole number that was kept as a float.

    Examples
    --------
    >>> as_text(pa.chunked_array([[7.0, 0.5, 1e15]])).to_pylist()
    ['7', '0.5', '1000000000000000']
    """
    text = column.cast(pa.large_string())
    if not pa.types.is_floating(column.type):
        return text
    is_whole = pc.and_(
        pc.equal(column, pc.floor(column)), pc.less_equal(pc.abs(column), FLOAT_HOLDS)
    )
    whole = pc.if_else(is_whole, column, None).cast(pa.int64())
    return pc.coalesce(whole.cast(pa.large_string()), text)


def text_of(value: object) -> str:
    """Return one value as text, as `as_text` does; lists and objects as JSON.

    Examples
    --------
    >>> [text_of(value) for value in (7.0, 0.5, True, "a", [1, None])]
    ['7', '0.5', 'true', 'a', '[1, null]']
    """
    if isinstance(value, float):
        is_whole = value.is_integer() and abs(value) <= FLOAT_HOLDS
        return str(int(value) if is_whole else pa.scalar(value).cast(pa.string()))
    if isinstance(value, np.bool_):
        value = bool(value)
    if isinstance(value, datetime):
        # Of several zones, or none: as Arrow spells the instant.
        instant = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return f"{instant:%Y-%m-%d %H:%M:%S.%f}Z"
    if isinstance(value, bool | list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def floats_hold(column: pa.ChunkedArray) -> bool:
    """Say whether floats hold all numbers of a column exactly."""
    if not pa.types.is_integer(column.type) or column.null_count == len(column):
        return True
    bounds = pc.min_max(column).as_py()
    return bool(bounds["min"] >= -FLOAT_HOLDS and bounds["max"] <= FLOAT_HOLDS)
