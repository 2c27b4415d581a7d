"""Read a column of times of any spelling as instants in UTC."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import is_text

__all__ = ["as_instants"]

# Read as seconds up to here (the year 5138), then as milliseconds, microseconds, nanoseconds:
# at every step, events from 1973 on land in the one unit that gives a sensible year.
_EPOCH_UNITS = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))


def as_instants(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, np.ndarray]:
    """Return the column as instants in UTC, and which rows hold something that is no time.

    ISO 8601 text of any precision, with ``Z``, an offset, or neither (read as UTC), mixed at will;
    numbers and strings of digits as seconds, milliseconds, microseconds or nanoseconds since
    1970, the unit by the column's largest magnitude. Nulls stay null. The result has microsecond
    resolution, or nanoseconds where the column needs them.
    """
    kind = column.type
    if pa.types.is_timestamp(kind):
        return _in_utc(column), _none(column)
    if pa.types.is_date(kind):
        return _in_utc(column.cast(pa.timestamp("s"))), _none(column)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _from_epoch(column)
    if is_text(kind):
        return _from_text(column)
    if pa.types.is_null(kind):
        return column.cast(pa.timestamp("us", "UTC")), _none(column)
    return pa.chunked_array([pa.nulls(len(column), pa.timestamp("us", "UTC"))]), np.asarray(
        column.is_valid()
    )


def _none(column: pa.ChunkedArray) -> np.ndarray:
    return np.zeros(len(column), dtype=bool)


def _in_utc(column: pa.ChunkedArray) -> pa.ChunkedArray:
    unit = "ns" if column.type.unit == "ns" and _needs_nanoseconds(column) else "us"
    return column.cast(pa.timestamp(unit)).cast(pa.timestamp(unit, "UTC"))


def _needs_nanoseconds(column: pa.ChunkedArray) -> bool:
    counts = np.asarray(column.cast(pa.int64()).fill_null(0))
    return bool((counts % 1000).any())


def _from_text(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, np.ndarray]:
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            # Vectorised, but all or nothing: one precision finer, or zones mixed, and it refuses.
            return column.cast(kind).cast(pa.timestamp("us", "UTC")), _none(column)
        except pa.ArrowInvalid:
            continue
    digits = pc.match_substring_regex(column, r"^\s*[+-]?\d{5,}(\.\d+)?\s*$")
    if pc.all(digits).as_py():
        numbers = pc.utf8_trim_whitespace(column)
        whole = not pc.any(pc.match_substring(numbers, ".")).as_py()
        return _from_epoch(numbers.cast(pa.int64() if whole else pa.float64()))
    texts = column.to_pandas().astype("str")
    # A bare number among dates says nothing about its unit: it stays a bad row.
    texts = texts.mask(np.asarray(digits.fill_null(False)))
    times = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    bad = times.isna().to_numpy() & np.asarray(column.is_valid())
    return _in_utc(pa.chunked_array([pa.array(times)])), bad


def _from_epoch(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, np.ndarray]:
    values = column.to_pandas().to_numpy(dtype="float64", na_value=np.nan)
    bad = np.isinf(values) | (np.abs(values) >= 2.0**63)
    sizes = np.abs(values[~bad & ~np.isnan(values)])
    largest = sizes.max() if len(sizes) else 0
    nanoseconds = next((unit for bound, unit in _EPOCH_UNITS if largest < bound), 1)
    known = np.asarray(column.is_valid()) & ~bad & ~np.isnan(values)
    if pa.types.is_integer(column.type):
        counts = np.asarray(column.cast(pa.int64()).fill_null(0))
    else:
        # Fractions of a unit, to the microsecond: all that a float of seconds holds.
        counts = np.round(np.where(known, values, 0) * (nanoseconds / 1000)).astype(np.int64)
        nanoseconds = 1000
    unit = {10**9: "s", 10**6: "ms", 10**3: "us", 1: "ns"}[nanoseconds]
    times = pa.array(counts, mask=~known).cast(pa.timestamp(unit))
    return _in_utc(pa.chunked_array([times])), bad
