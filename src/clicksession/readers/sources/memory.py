"""Rows that are in memory already: frames, and records such as a service hands on."""

import datetime
import json
import math
import numbers
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from clicksession.labels import require_distinct
from clicksession.numerals import of_decimal
from clicksession.readers.base import BadRow, Batch, Reason, Whereabouts, in_json
from clicksession.readers.rows.arrow_types import flat_columns
from clicksession.readers.rows.flattening import Leaves, batch_of
from clicksession.readers.rows.types import column_of

__all__ = ["frame_batches", "is_frame", "record_batches"]

_ROWS_PER_BATCH = 50_000


def is_frame(rows: object) -> bool:
    """Say whether this is a table: of pandas, Arrow, Polars, or whatever speaks Arrow."""
    return isinstance(rows, pd.DataFrame) or hasattr(rows, "__arrow_c_stream__")


def frame_batches(frame: Any) -> Iterator[Batch]:
    """Yield the rows of a frame; the columns named as in it, nested ones spread out."""
    is_pandas = isinstance(frame, pd.DataFrame)
    if is_pandas:
        require_distinct(frame.columns, "read_events", "source")
    table = _of_pandas(frame) if is_pandas else pa.table(frame)
    require_distinct(table.column_names, "read_events", "source")
    truths = _truths(frame) if is_pandas else {}
    for start in range(0, table.num_rows, _ROWS_PER_BATCH):
        part = flat_columns(table.slice(start, _ROWS_PER_BATCH))
        end = start + part.num_rows
        here = {
            name: [row - start for row in rows if start <= row < end]
            for name, rows in truths.items()
        }
        yield Batch(part, range(start + 1, end + 1), "row", truths=here)


def _truths(frame: pd.DataFrame) -> dict[str, list[int]]:
    """Return the rows with a true or false in columns of objects that have other values too."""
    found: dict[str, list[int]] = {}
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) != "string":
            rows = [row for row, value in enumerate(column) if isinstance(value, bool | np.bool_)]
            found |= {str(name): rows} if rows else {}
    return found


def record_batches(
    records: Iterable[object], name: str, leaves: Leaves | None = None
) -> Iterator[Batch]:
    """Yield records in batches; what is no mapping as refused.

    Times become ISO 8601 text, decimals numbers where numbers hold them, other objects their text,
    ``nan`` null.
    """
    numbered = enumerate(records, 1)
    while True:
        rows: list[Mapping[str, Any]] = []
        found: list[int] = []
        refused: list[BadRow] = []
        for number, record in islice(numbered, _ROWS_PER_BATCH):
            if isinstance(record, Mapping):
                rows.append({str(key): _plain(value) for key, value in record.items()})
                found.append(number)
            else:
                refused.append(_no_mapping(record, number, name))
        count = len(rows) + len(refused)
        if count:
            yield batch_of(rows, found, "row", refused, find=_found_in(rows), fields_of=leaves)
        if count < _ROWS_PER_BATCH:
            # Who has ended is not asked again: some would go on.
            return


def _found_in(records: list[Mapping[str, Any]]) -> Callable[[int], Whereabouts]:
    """Return what gives a record as JSON: as it came, with nothing packed."""

    def find(row: int) -> Whereabouts:
        text = json.dumps(records[row], ensure_ascii=False, default=in_json)
        return Whereabouts(None, None, text.encode("utf-8", "surrogatepass"), "json")

    return find


def _of_pandas(frame: pd.DataFrame) -> pa.Table:
    columns = {}
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        if isinstance(column.dtype, pd.PeriodDtype):
            # Arrow would keep the number of the period alone.
            column = column.astype(object).astype("str").where(column.notna())
        try:
            made = pa.chunked_array(pa.Array.from_pandas(column))
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, OverflowError):
            # Values of several types in one column, or numbers beyond 64 bits.
            made = None
        if made is None or _differ(column, made.type):
            made = column_of([_plain(value) for value in column])
        columns[str(name)] = made
    return pa.table(columns)


def _differ(column: pd.Series, kind: pa.DataType) -> bool:
    """Say whether times of a column of objects are not all alike: dates, naive and aware times.

    Arrow would make of all of them what the first one is.
    """
    if column.dtype != object or not pa.types.is_temporal(kind):
        return False
    times = [value for value in column if isinstance(value, datetime.date)]
    kinds = {(isinstance(time, datetime.datetime), _is_naive(time)) for time in times}
    return len(kinds) > 1


def _is_naive(time: datetime.date) -> bool:
    return getattr(time, "tzinfo", None) is None


def _plain(value: Any) -> Any:
    """Return a Python value as one that JSON has."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        # numpy's are floats too, and would be taken for others.
        return None if math.isnan(value) else float(value)
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return _number(value) if isinstance(value, numbers.Number) else str(value)


def _number(value: Any) -> Any:
    # numpy's numbers have `item`.
    if hasattr(value, "item"):
        return _plain(value.item())
    return of_decimal(value) if isinstance(value, Decimal) else str(value)


def _no_mapping(record: object, number: int, name: str) -> BadRow:
    raw = str(record).encode("utf-8", "backslashreplace")
    detail = f"it is no dict but of type {type(record).__name__}"
    found = Whereabouts(None, None, raw, "json")
    return found.bad_row(name, Reason.NOT_OBJECT, detail, f"row {number}")
