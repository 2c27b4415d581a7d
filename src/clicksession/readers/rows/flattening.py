"""Flatten nested records: one column per dotted path."""

import json
import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.numerals import of_decimal
from clicksession.readers.base import BadRow, Batch, Reason, Whereabouts
from clicksession.readers.formats.csv.header import distinct
from clicksession.readers.rows.types import column_of, kinds_of

__all__ = [
    "MAX_FIELDS",
    "Leaves",
    "batch_of",
    "beside",
    "flat_columns",
    "flattened",
    "leaves",
    "paths_of",
    "rows_alone",
    "stands_for_rows",
    "without_column",
    "without_hollow",
]

# Tables have fewer columns: 1,600 in PostgreSQL, 4,096 in MySQL.
MAX_FIELDS = 4_096
"""The most fields that a row has, and the most columns that all rows of a reading have."""

Leaves = Callable[[Mapping[str, Any]], Iterator[tuple[str, Any]]]
"""What yields each field of a record with its dotted path."""

# Arrow can take nothing from views, of which Polars makes its categories.
_PLAIN = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}

_Column = TypeVar("_Column", pa.Array, pa.ChunkedArray)


def batch_of(
    records: Iterable[Mapping[str, Any]],
    numbers: Sequence[int],
    unit: str,
    refused: Sequence[BadRow] = (),
    find: Callable[[int], Whereabouts] | None = None,
    leaves: Leaves | None = None,
) -> Batch:
    """Return Python records as a batch of flat rows; `leaves` says which fields a record has.

    One of more than 4,096 fields is refused, and so is one whose fields bring those of all before
    it above as many: time and memory grow with what is there, and not with its square.
    """
    leaves_of = leaves or _leaves
    fields: dict[str, _Values] = {}
    good: list[int] = []
    crowded: list[tuple[int, Mapping[str, Any]]] = []
    count = 0
    for count, record in enumerate(records, 1):
        flat = {path: _plain(value) for path, value in leaves_of(record)}
        fresh = sum(path not in fields for path in flat)
        if len(flat) > MAX_FIELDS or len(fields) + fresh > MAX_FIELDS:
            crowded.append((count - 1, record))
            continue
        for path, value in flat.items():
            if path not in fields:
                fields[path] = _Values()
            fields[path].add(len(good), value)
        good.append(count - 1)
    columns = {path: values.column(len(good)) for path, values in fields.items()}
    kinds = {path: kinds_of(values.values) for path, values in fields.items()}
    mixed = {path: found for path, found in kinds.items() if len(found) > 1}
    truths = {path: rows for path in mixed if (rows := fields[path].truths())}
    columns = without_hollow(columns)
    table = pa.table(columns) if columns else rows_alone(len(good))
    if not crowded:
        return Batch(table, numbers, unit, refused, find, mixed, truths)
    whole = Batch(rows_alone(count), numbers, unit, (), find)
    aside = [_crowded(whole, row, len(dict(leaves_of(r))), r) for row, r in crowded]
    kept = whole.taken(good)
    return replace(kept, rows=table, refused=[*refused, *aside], mixed=mixed, truths=truths)


class _Values:
    """What stands at one path, and in which rows."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.values: list[object] = []

    def add(self, row: int, value: object) -> None:
        self.rows.append(row)
        self.values.append(value)

    def column(self, count: int) -> pa.Array:
        """Return them as a column of so many rows."""
        column = column_of(self.values)
        if len(self.values) == count:
            return column
        places = np.full(count, -1, dtype=np.int64)
        places[self.rows] = np.arange(len(self.rows))
        return column.take(pa.array(places, mask=places < 0))

    def truths(self) -> list[int]:
        """Return the rows in which a true or false stands."""
        pairs = zip(self.rows, self.values, strict=True)
        return [row for row, value in pairs if isinstance(value, bool)]


def _crowded(batch: Batch, row: int, count: int, record: Mapping[str, Any]) -> BadRow:
    """Return a row of too many fields; whoever reads the batch knows what its source is called."""
    detail = f"it has {count:,} fields, more than {MAX_FIELDS:,}"
    if count <= MAX_FIELDS:
        detail = f"its {count:,} fields bring those of all rows above {MAX_FIELDS:,}"
    if batch.find is None:
        text = json.dumps(record, ensure_ascii=False, default=str)
        raw = text.encode("utf-8", "surrogatepass")
        batch = replace(batch, find=lambda row: Whereabouts(None, None, raw, "json"))
    return batch.bad_row(row, "", Reason.TOO_MANY_FIELDS, detail)


def rows_alone(count: int) -> pa.Table:
    """Return a table without fields, which still has to say that it has rows."""
    return pa.table({"": pa.nulls(count)})


def stands_for_rows(rows: pa.Table, name: str) -> bool:
    """Say whether a column is no field of the source: one of no name that holds nothing."""
    return not name and bool(rows[name].null_count == rows.num_rows)


def without_column(rows: pa.Table, path: str) -> pa.Table:
    """Return rows without a column; where it was the only one, they are still so many."""
    if path not in rows.column_names:
        return rows
    if rows.num_columns > 1:
        return rows.drop_columns([path])
    return rows_alone(rows.num_rows)


def beside(outer: pa.Table, inner: pa.Table) -> pa.Table:
    """Return the columns of both; of two with one name, the first's."""
    there = set(outer.column_names)
    for field, column in zip(inner.schema, inner.columns, strict=True):
        is_field = field.name or column.null_count < len(column)
        if field.name not in there and is_field:
            outer = outer.append_column(field, column)
    return outer


def without_hollow(columns: Mapping[str, _Column]) -> dict[str, _Column]:
    """Return the columns but for those that hold only nulls, where others stand below them.

    Null here and an object there: the object's fields say all that there is.
    """
    hollow = [name for name, column in columns.items() if column.null_count == len(column)]
    ordered = sorted(columns) if hollow else []

    def has_below(name: str) -> bool:
        place = bisect_left(ordered, f"{name}.")
        return place < len(ordered) and ordered[place].startswith(f"{name}.")

    beneath = {name for name in hollow if has_below(name)}
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


_leaves = leaves


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

    Lists become JSON text, whole numbers 64 bits wide; decimals, dates and times stay. Bytes of a
    fixed length become hexadecimal digits, UUIDs their text; bytes of any length are text. A name
    that a column before has too gets its count: ``page``, ``page_2``.
    """
    if len(set(table.column_names)) < table.num_columns:
        table = table.rename_columns(list(distinct(table.column_names)))
    flat = flattened(table)
    columns = [_usual(column) for column in flat.columns]
    return pa.table(columns, names=flat.column_names)


def _usual(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        plain = _PLAIN.get(kind.value_type, kind.value_type)
        decoded = [chunk.dictionary.cast(plain).take(chunk.indices) for chunk in column.chunks]
        return _usual(pa.chunked_array(decoded, plain))
    if pa.types.is_run_end_encoded(kind):
        return _usual(
            pa.chunked_array(list(map(pc.run_end_decode, column.chunks)), kind.value_type)
        )
    if isinstance(kind, pa.UuidType):
        return pa.chunked_array([pa.array(map(_text_of, column.to_pylist()), pa.string())])
    if isinstance(kind, pa.BaseExtensionType):
        return _usual(column.cast(kind.storage_type))
    if pa.types.is_fixed_size_binary(kind):
        texts = [None if value is None else value.hex() for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    if kind == pa.time64("ns"):
        # Python's have no nanoseconds.
        return column.cast(pa.time64("us") if _is_even(column) else pa.string())
    if pa.types.is_integer(kind):
        return column.cast(pa.string() if _too_large(column) else pa.int64())
    if pa.types.is_floating(kind):
        return column.cast(pa.float64())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind) or _is_bytes(kind):
        values = [_in_json(value, kind) for value in column.to_pylist()]
        return pa.chunked_array([column_of([_text_of(value) for value in values])])
    return column


def _is_even(column: pa.ChunkedArray) -> bool:
    """Say whether times of day are whole microseconds."""
    return not (np.asarray(column.cast(pa.int64()).drop_null()) % 1000).any()


def _too_large(column: pa.ChunkedArray) -> bool:
    largest = pc.max(column).as_py() if column.type == pa.uint64() else None
    return largest is not None and largest >= 2**63


def _is_bytes(kind: pa.DataType) -> bool:
    is_view = bool(pa.types.is_binary_view(kind))
    return is_view or bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _in_json(value: Any, kind: pa.DataType) -> Any:
    """Return a value within a list as JSON has it, the same as outside a list."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: _in_json(value[field.name], field.type) for field in kind}
    if pa.types.is_nested(kind) and not pa.types.is_map(kind) and isinstance(value, list):
        return [_in_json(item, kind.value_type) for item in value]
    if pa.types.is_fixed_size_binary(kind):
        return value.hex()
    if pa.types.is_decimal(kind):
        return of_decimal(value)
    return None if isinstance(value, float) and math.isnan(value) else value


def _text_of(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, UUID):
        return str(value)
    return None if value is None else json.dumps(value, ensure_ascii=False, default=_inner_text)


def _inner_text(value: object) -> str:
    return str(_text_of(value) if isinstance(value, bytes) else value)


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
