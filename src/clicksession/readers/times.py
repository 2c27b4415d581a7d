"""Read a column of times of any spelling as instants in UTC."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import is_text

__all__ = ["EARLIEST", "LATEST", "as_instants"]

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

# A count below 10**11 is read as seconds (up to the year 5138), and so on: each time from March
# 1973 to the year 5138 lands in one band whatever its unit. Value by value, so that neither what
# stands beside a value nor where a file is cut changes what it means.
_BANDS = (("s", 10**11), ("ms", 10**14), ("us", 10**17))

# What nanoseconds in 64 bits can hold, in microseconds: no log of clicks is older. A later time
# comes out as the last of these, and `latest` is before it.
EARLIEST = -(2**63) // 1000 + 1
LATEST = 2**63 // 1000 - 1

# Eight digits are a date, 20240501: as seconds they would be in the year 1970.
_DIGITS = r"^\s*[+-]?(\d{5,7}|\d{9,19})(\.\d+)?\s*$|^\s*[+-]?\d{8}\.\d+\s*$"
_ALL_DIGITS = r"^\s*[+-]?\d{1,19}(\.\d+)?\s*$"
_WHOLE = r"^\s*[+-]?\d{1,19}\s*$"


def as_instants(column: pa.ChunkedArray, unit: str | None = None) -> tuple[pa.ChunkedArray, Flags]:
    """Return the column as instants in UTC, and which rows hold something that is no time.

    ISO 8601 text of any precision, with ``Z``, an offset, or neither (read as UTC), mixed at will;
    numbers and strings of digits as counts since 1970: of `unit`, or else of seconds,
    milliseconds, microseconds or nanoseconds, by the magnitude of each. Nulls stay null. The
    result has microsecond resolution, or nanoseconds where the column needs them. A time before
    the year 1678 is none; one after 2262 comes out as the last moment that there is.
    """
    kind = column.type
    if pa.types.is_timestamp(kind):
        return _in_range(column)
    if pa.types.is_date(kind):
        return _in_range(column.cast(pa.timestamp("s")))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _from_counts(column, unit)
    if is_text(kind):
        return _from_text(column, unit)
    if pa.types.is_null(kind):
        return column.cast(pa.timestamp("us", "UTC")), _none(column)
    nothing = pa.chunked_array([pa.nulls(len(column), pa.timestamp("us", "UTC"))])
    return nothing, np.asarray(column.is_valid())


def _none(column: pa.ChunkedArray) -> Flags:
    return np.zeros(len(column), dtype=bool)


def _in_range(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Flags]:
    """Return times as they are, in UTC; those too late for nanoseconds at their end."""
    unit = column.type.unit
    counts = np.asarray(column.cast(pa.int64()).fill_null(0))
    known = np.asarray(column.is_valid())
    if unit == "ns":
        return _instants(counts // 1000, counts % 1000, known), _none(column)
    scale = 10**6 // _PER_SECOND[unit]
    bad = known & (counts < EARLIEST // scale + 1)
    kept = np.minimum(np.where(bad, 0, counts), LATEST // scale)
    return _instants(np.where(kept < counts, LATEST, kept * scale), None, known & ~bad), bad


def _instants(microseconds: Counts, nanoseconds: Counts | None, known: Flags) -> pa.ChunkedArray:
    if nanoseconds is not None and (nanoseconds[known] != 0).any():
        counts, kind = microseconds * 1000 + nanoseconds, pa.timestamp("ns", "UTC")
    else:
        counts, kind = microseconds, pa.timestamp("us", "UTC")
    mask = None if known.all() else ~known
    return pa.chunked_array([pa.array(counts, mask=mask).cast(kind)])


def _from_text(column: pa.ChunkedArray, unit: str | None) -> tuple[pa.ChunkedArray, Flags]:
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            # Vectorised, but all or nothing: one precision finer, or zones mixed, and it refuses.
            return _in_range(column.cast(kind))
        except pa.ArrowInvalid:
            continue
    digits = _matches(column, _DIGITS if unit is None else _ALL_DIGITS)
    if digits.all() and not column.null_count:
        return _from_digits(column, unit)
    texts = column.to_pandas().astype("str").mask(digits)
    dates = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    times, bad = _in_range(pa.chunked_array([pa.array(dates)]))
    bad |= dates.isna().to_numpy() & np.asarray(column.is_valid()) & ~digits
    if not digits.any():
        return times, bad
    counted, wrong = _from_digits(column.filter(pa.array(digits)), unit)
    return _filled(times, digits, counted), bad | _placed(wrong, digits)


def _from_digits(column: pa.ChunkedArray, unit: str | None) -> tuple[pa.ChunkedArray, Flags]:
    numbers = pc.utf8_trim_whitespace(column)
    numbers = pc.if_else(pc.starts_with(numbers, "+"), pc.utf8_slice_codeunits(numbers, 1), numbers)
    whole = _matches(numbers, _WHOLE)
    if whole.any() and not (whole | np.asarray(numbers.is_null())).all():
        # Each by itself: as a float, a count of nanoseconds loses its last digits.
        counted, wrong = _from_digits(numbers.filter(pa.array(whole)), unit)
        others, bad = _from_digits(numbers.filter(pa.array(~whole)), unit)
        times = pa.nulls(len(numbers), pa.timestamp("us", "UTC"))
        times = _filled(pa.chunked_array([times]), ~whole, others)
        return _filled(times, whole, counted), _placed(wrong, whole) | _placed(bad, ~whole)
    try:
        return _from_counts(numbers.cast(pa.int64() if whole.any() else pa.float64()), unit)
    except pa.ArrowInvalid:
        return _from_counts(numbers.cast(pa.float64()), unit)


def _matches(column: pa.ChunkedArray, pattern: str) -> Flags:
    return np.asarray(pc.match_substring_regex(column, pattern).fill_null(False))


def _filled(times: pa.ChunkedArray, rows: Flags, values: pa.ChunkedArray) -> pa.ChunkedArray:
    unit = "ns" if "ns" in (times.type.unit, values.type.unit) else "us"
    kind = pa.timestamp(unit, "UTC")
    replaced = pc.replace_with_mask(
        times.cast(kind).combine_chunks(), pa.array(rows), values.cast(kind).combine_chunks()
    )
    return pa.chunked_array([replaced])


def _placed(flags: Flags, rows: Flags) -> Flags:
    placed = np.zeros(len(rows), dtype=bool)
    placed[rows] = flags
    return placed


def _from_counts(column: pa.ChunkedArray, unit: str | None) -> tuple[pa.ChunkedArray, Flags]:
    known = np.asarray(column.is_valid())
    if pa.types.is_unsigned_integer(column.type):
        column = column.cast(pa.float64())
    if pa.types.is_integer(column.type):
        counts = np.asarray(column.cast(pa.int64()).fill_null(0))
        bad = counts == np.iinfo(np.int64).min  # its magnitude has no place in 64 bits
        return _from_whole(np.where(bad, 0, counts), unit, known, bad)
    values = column.to_pandas().to_numpy(dtype="float64", na_value=np.nan)
    bad = known & (~np.isfinite(values) | (np.abs(values) >= 2.0**63))
    good = np.where(known & ~bad, values, 0.0)
    # Fractions of a unit, to the microsecond: all that a float of seconds holds.
    scale = _scale(np.abs(good), unit)
    exact = np.round(good * (10**6 / scale))
    bad |= exact < EARLIEST
    late = exact >= LATEST
    microseconds = np.where(bad | late, 0.0, exact).astype(np.int64)
    return _instants(np.where(late, LATEST, microseconds), None, known & ~bad), bad


def _from_whole(
    counts: Counts, unit: str | None, known: Flags, bad: Flags
) -> tuple[pa.ChunkedArray, Flags]:
    scale = _scale(np.abs(counts), unit)
    per_count = np.maximum(10**6 // scale, 1)
    fine = scale == 10**9
    bad |= known & ~fine & (counts < EARLIEST // per_count + 1)
    late = ~fine & (counts > LATEST // per_count)
    kept = np.where(bad | late, 0, counts)
    microseconds = np.where(fine, kept // 1000, np.where(late, LATEST, kept * per_count))
    return _instants(microseconds, np.where(fine, kept % 1000, 0), known & ~bad), bad


def _scale(sizes: Counts | npt.NDArray[np.float64], unit: str | None) -> Counts:
    """Return how many of its unit each count has in a second."""
    if unit is not None:
        return np.full(len(sizes), _PER_SECOND[unit], dtype=np.int64)
    scale = np.full(len(sizes), _PER_SECOND["ns"], dtype=np.int64)
    for name, bound in reversed(_BANDS):
        scale[sizes < bound] = _PER_SECOND[name]
    return scale
