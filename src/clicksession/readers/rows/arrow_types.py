"""A table of any Arrow types as the rows of a batch: flat, of types that a batch may have."""

import json
import math
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import is_text
from clicksession.numerals import of_decimal
from clicksession.readers.rows.flattening import flattened
from clicksession.readers.rows.naming import distinct
from clicksession.readers.rows.types import column_of

__all__ = ["flat_columns"]

# Arrow can take nothing from views, of which Polars makes its categories.
_PLAIN = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}


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
        fractions = np.asarray(column.cast(pa.int64()).drop_null()) % 1000
        return column.cast(pa.string() if fractions.any() else pa.time64("us"))
    if pa.types.is_integer(kind):
        return column.cast(pa.string() if _too_large(column) else pa.int64())
    if pa.types.is_floating(kind):
        return column.cast(pa.float64())
    if is_text(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind) or _is_bytes(kind):
        values = [_in_json(value, kind) for value in column.to_pylist()]
        return pa.chunked_array([column_of([_text_of(value) for value in values])])
    return column


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
    if isinstance(value, bytes | UUID):
        return _plain_text(value)
    return None if value is None else json.dumps(value, ensure_ascii=False, default=_plain_text)


def _plain_text(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
