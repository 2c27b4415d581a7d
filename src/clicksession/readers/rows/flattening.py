"""Flatten nested records: one column per dotted path."""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from clicksession.readers.base import BadRow, Batch, Reason, Whereabouts
from clicksession.readers.rows.types import column_of, kinds_of

__all__ = [
    "ABSENT",
    "MAX_FIELDS",
    "Leaves",
    "batch_of",
    "beside",
    "flattened",
    "leaves",
    "resolved",
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

ABSENT = object()
"""What stands at a path that leads to nothing."""

_Column = TypeVar("_Column", pa.Array, pa.ChunkedArray)


def batch_of(
    records: Iterable[Mapping[str, Any]],
    numbers: Sequence[int],
    unit: str,
    refused: Sequence[BadRow] = (),
    find: Callable[[int], Whereabouts] | None = None,
    fields_of: Leaves | None = None,
) -> Batch:
    """Return Python records as a batch of flat rows; `fields_of` says which fields a record has.

    One of more than 4,096 fields is refused, and so is one whose fields bring those of all before
    it above as many: time and memory grow with what is there, and not with its square.
    """
    fields_of = fields_of or leaves
    fields: dict[str, _Values] = {}
    good: list[int] = []
    crowded: list[tuple[int, Mapping[str, Any]]] = []
    count = 0
    for count, record in enumerate(records, 1):
        flat = {path: _plain(value) for path, value in fields_of(record)}
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
    aside = [_crowded(whole, row, len(dict(fields_of(r))), r) for row, r in crowded]
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


def resolved(value: object, path: str) -> object:
    """Return what stands at a dotted path; a key that holds dots itself is found too."""
    if not isinstance(value, dict):
        return ABSENT
    if path in value:
        return value[path]
    head, dot, rest = path.partition(".")
    return resolved(value.get(head), rest) if dot else ABSENT


def flattened(table: pa.Table) -> pa.Table:
    """Return an Arrow table with its objects spread out; lists stay."""
    while any(pa.types.is_struct(kind) for kind in table.schema.types):
        for position, field in enumerate(table.schema):
            if pa.types.is_struct(field.type) and not field.type.num_fields:
                # Flattening would drop it; an object without a field says no more than a null.
                table = table.set_column(position, field.name, pa.nulls(table.num_rows))
        table = table.flatten()
    # {"a.b": 1, "a": {"b": 2}} leads twice to one path: the first that is not null counts.
    return table if len(set(table.column_names)) == table.num_columns else _merged(table)


def _merged(table: pa.Table) -> pa.Table:
    merged: dict[str, list[Any]] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        values = column.to_pylist()
        known = merged.setdefault(name, values)
        pairs = zip(known, values, strict=True)
        merged[name] = [new if old is None else old for old, new in pairs]
    return pa.table({name: column_of(values) for name, values in merged.items()})


def _plain(value: object) -> object:
    is_list = isinstance(value, list)
    return json.dumps(value, ensure_ascii=False, default=str) if is_list else value
