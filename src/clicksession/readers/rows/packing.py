"""Several fields in one column of JSON text, and fields left out: what a schema packs and drops.

What a field's text is depends on the field alone: what is null is left out, numbers are spelled by
their value, the order is the source's.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from clicksession.arrow import text_of
from clicksession.numerals import number_of, of_decimal
from clicksession.readers.base import finite
from clicksession.readers.rows.cells import is_cell
from clicksession.readers.rows.flattening import Leaves, leaves, stands_for_rows
from clicksession.schema import CANONICAL, EventSchema

__all__ = ["REST", "leaves_of", "merged", "packed"]

Scalar = str | bool | int | float

REST = "*"
"""Where all fields are packed that nothing else takes; no field of a source is called so."""


def leaves_of(schema: EventSchema) -> Leaves:
    """Return what yields the fields of a record as a schema says."""
    return _Packing(schema).leaves if schema.pack or schema.drop else leaves


def packed(rows: pa.Table, schema: EventSchema) -> pa.Table:
    """Return rows with the fields in one column that a schema packs, where they are not yet."""
    return _Packing(schema).of_table(rows) if schema.pack else rows


class _Packing:
    """What a schema packs and drops."""

    def __init__(self, schema: EventSchema) -> None:
        self._paths = tuple(path for path in schema.pack if path != REST)
        self._takes_rest = REST in schema.pack
        self._nulls = frozenset(map(_spelled, schema.null_values))
        fed = (path for name in CANONICAL for path in schema.paths(name))
        self._used = {*fed, *schema.keep}
        named = (*schema.json, *schema.pairs, *schema.order, *self._paths, schema.events or "")
        asked = (*schema.rename, *schema.exclude, *schema.outside)
        self._taken = {*self._used, *named, *(path for path, _ in asked)}
        self._dropped = schema.drop
        self._below_dropped = tuple(f"{path}." for path in schema.drop)

    def leaves(self, record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield the fields of a record, those that are packed as one."""
        rest: dict[str, Any] = {}
        yield from self._walked(record, "", rest)
        if rest:
            yield REST, _text(rest, self._nulls)

    def of_table(self, rows: pa.Table) -> pa.Table:
        """Return rows of a format that has columns with the fields in one that are packed."""
        for path in (*self._paths, *([REST] if self._takes_rest else [])):
            names = [name for name in rows.column_names if self._goes_to(name, path)]
            if names:
                prefix = "" if path == REST else f"{path}."
                texts = _texts(rows.select(names), prefix, self._nulls)
                place = rows.column_names.index(names[0])
                rows = rows.add_column(place, path, texts).drop_columns(names)
        return rows

    def _goes_to(self, name: str, path: str) -> bool:
        if name in self._used or self._is_dropped(name):
            return False
        if path != REST:
            return name.startswith(f"{path}.")
        return name not in self._taken and name != REST

    def _is_dropped(self, path: str) -> bool:
        is_named = path in self._dropped or path.startswith(self._below_dropped)
        return is_named and path not in self._used

    def _walked(
        self, record: Mapping[str, Any], prefix: str, rest: dict[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        for name, value in record.items():
            path = f"{prefix}{name}"
            if path in self._paths and isinstance(value, Mapping):
                yield path, _text(value, self._nulls)
            elif isinstance(value, Mapping) and value:
                inner: dict[str, Any] = {}
                yield from self._walked(value, f"{path}.", inner)
                if inner:
                    rest[name] = inner
            elif self._takes_rest and path not in self._taken and not self._is_dropped(path):
                rest[name] = value
            elif not self._is_dropped(path):
                yield path, value or None if isinstance(value, Mapping) else value


def merged(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the objects of both texts of each row as one."""
    texts = []
    for first, second in zip(one.to_pylist(), other.to_pylist(), strict=True):
        if first is None or second is None:
            texts.append(first or second)
        else:
            texts.append(_text(_merged(json.loads(first), json.loads(second))))
    return pa.chunked_array([pa.array(texts, pa.string())])


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for name, value in other.items():
        mine = both.get(name)
        if isinstance(mine, dict) and isinstance(value, dict):
            value = _merged(mine, value)
        both[name] = value
    return both


def _texts(rows: pa.Table, prefix: str, nulls: frozenset[str]) -> pa.Array:
    columns = [
        (name.removeprefix(prefix).split("."), _values(field, column))
        for name, field, column in zip(rows.column_names, rows.schema, rows.columns, strict=True)
        if not stands_for_rows(rows, name)
    ]
    # Where a value stands above others, it comes first: they go beside it.
    above = {tuple(names[:count]) for names, _ in columns for count in range(1, len(names))}
    columns.sort(key=lambda column: tuple(column[0]) not in above)
    texts = []
    for row in range(rows.num_rows):
        record: dict[str, Any] = {}
        for names, values in columns:
            if values[row] is not None:
                _put(record, names, values[row])
        texts.append(_text(record, nulls))
    return pa.array(texts, pa.string())


def _values(field: pa.Field, column: pa.ChunkedArray) -> list[Any]:
    if is_cell(field):
        return list(map(number_of, column.to_pylist()))
    if pa.types.is_decimal(field.type):
        return [value if value is None else of_decimal(value) for value in column.to_pylist()]
    if pa.types.is_temporal(field.type):
        column = column.cast(pa.string())
    return list(column.to_pylist())


def _put(record: dict[str, Any], names: Sequence[str], value: Any) -> None:
    """Put a value where its path leads; where a value stands on the way, under all of its name."""
    for place, name in enumerate(names[:-1]):
        inner = record.setdefault(name, {})
        if not isinstance(inner, dict):
            record[".".join(names[place:])] = value
            return
        record = inner
    record[names[-1]] = value


def _text(value: Mapping[str, Any], nulls: frozenset[str] = frozenset()) -> str | None:
    said = _said(value, nulls)
    return json.dumps(said, ensure_ascii=False, default=str) if said else None


def _said(value: Any, nulls: frozenset[str]) -> Any:
    """Return a value without what is null in its objects."""
    if not isinstance(value, Mapping):
        return None if _is_null(value, nulls) else finite(value)
    pairs = ((str(name), _said(inner, nulls)) for name, inner in value.items())
    return {name: inner for name, inner in pairs if inner is not None and inner != {}}


def _is_null(value: Any, nulls: frozenset[str]) -> bool:
    is_nan = isinstance(value, float) and math.isnan(value)
    return is_nan or bool(nulls and isinstance(value, Scalar) and _spelled(value) in nulls)


def _spelled(value: Scalar) -> str:
    """Return a value as text, the same for a number however it is written."""
    return text_of(number_of(value) if isinstance(value, str) else value)
