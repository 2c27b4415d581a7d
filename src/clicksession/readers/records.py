"""Flatten nested records: one column per dotted path."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.base import BadRow, Batch, Whereabouts
from clicksession.readers.unify import column_of, kinds_of

__all__ = [
    "batch_of",
    "flat_columns",
    "flattened",
    "leaves",
    "paths_of",
    "rows_alone",
    "stands_for_rows",
    "without_hollow",
]

_Column = TypeVar("_Column", pa.Array, pa.ChunkedArray)


def batch_of(
    records: Iterable[Mapping[str, Any]],
    numbers: Sequence[int],
    unit: str,
    refused: Sequence[BadRow] = (),
    find: Callable[[int], Whereabouts] | None = None,
) -> Batch:
    """Return Python records as a batch of flat rows."""
    flat = [{path: _plain(value) for path, value in leaves(record)} for record in records]
    names = dict.fromkeys(name for record in flat for name in record)
    values = {name: [record.get(name) for record in flat] for name in names}
    columns = {name: column_of(items) for name, items in values.items()}
    kinds = {name: kinds_of(items) for name, items in values.items()}
    mixed = {name: found for name, found in kinds.items() if len(found) > 1}
    columns = without_hollow(columns)
    table = pa.table(columns) if columns else rows_alone(len(flat))
    return Batch(table, numbers, unit, refused, find, mixed)


def rows_alone(count: int) -> pa.Table:
    """Return a table without fields, which still has to say that it has rows."""
    return pa.table({"": pa.nulls(count)})


def stands_for_rows(rows: pa.Table, name: str) -> bool:
    """Say whether a column is no field of the source: one of no name that holds nothing."""
    return not name and rows[name].null_count == rows.num_rows


def without_hollow(columns: Mapping[str, _Column]) -> dict[str, _Column]:
    """Return the columns but for those that hold only nulls, where others stand below them.

    Null here and an object there: the object's fields say all that there is.
    """
    hollow = [name for name, column in columns.items() if column.null_count == len(column)]
    beneath = {name for name in hollow if any(other.startswith(f"{name}.") for other in columns)}
    return {name: column for name, column in columns.items() if name not in beneath}


def paths_of(record: Mapping[str, Any]) -> list[str]:
    """Return the dotted paths of a record, in its order."""
    return [path for path, _ in leaves(record)]


def leaves(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each dotted path of a record with what stands there; lists stay."""
    for name, value in record.items():
        if not isinstance(value, Mapping):
            yield f"{prefix}{name}", value
        elif value:
            yield from leaves(value, f"{prefix}{name}.")
        else:
            # An object without a field says no more than a null.
            yield f"{prefix}{name}", None


def flattened(table: pa.Table) -> pa.Table:
    """Return an Arrow table with its objects spread out; lists stay."""
    while any(pa.types.is_struct(kind) for kind in table.schema.types):
        for position, field in enumerate(table.schema):
            if pa.types.is_struct(field.type) and not field.type.num_fields:
                # Flattening would drop it; an object without a field says no more than a null.
                table = table.set_column(position, field.name, pa.nulls(table.num_rows))
        table = table.flatten()
    names = dict.fromkeys(table.column_names)
    if len(names) < table.num_columns:
        # {"a.b": 1, "a": {"b": 2}} leads twice to one path: the first that is not null counts.
        parts = [table.select([i]) for i in range(table.num_columns)]
        table = _merged(parts)
    return table


def flat_columns(table: pa.Table) -> pa.Table:
    """Return a table of any Arrow types as the rows of a batch: flat, of types that it may have.

    Lists become JSON text, bytes text, whole numbers 64 bits wide; decimals, dates and times stay.
    """
    flat = flattened(table)
    columns = [_usual(column) for column in flat.columns]
    return pa.table(columns, names=flat.column_names)


def _usual(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _usual(column.cast(kind.value_type))
    if pa.types.is_integer(kind):
        return column.cast(pa.string() if _too_large(column) else pa.int64())
    if pa.types.is_floating(kind):
        return column.cast(pa.float64())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.chunked_array([column_of([_text_of(value) for value in column.to_pylist()])])
    return column


def _too_large(column: pa.ChunkedArray) -> bool:
    largest = pc.max(column).as_py() if column.type == pa.uint64() else None
    return largest is not None and largest >= 2**63


def _text_of(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _merged(parts: list[pa.Table]) -> pa.Table:
    merged: dict[str, list[Any]] = {}
    for part in parts:
        values = part.column(0).to_pylist()
        known = merged.setdefault(part.column_names[0], values)
        merged[part.column_names[0]] = [
            new if old is None else old for old, new in zip(known, values, strict=True)
        ]
    return pa.table({name: column_of(values) for name, values in merged.items()})


def _plain(value: object) -> object:
    is_list = isinstance(value, list)
    return json.dumps(value, ensure_ascii=False, default=str) if is_list else value
