r"""Numbers as counts since 1970.

A number is the same whatever holds it: ``1714557600``, ``1714557600.0`` and the text of either.
Whole ones are exact to the nanosecond; one with a fraction, or beyond 2\ :sup:`53` and not written
as a whole number, is read to the nearest microsecond, since that is what a float of JSON or Parquet
tells.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import FLOAT_HOLDS
from clicksession.readers.rows.times.moments import (
    FIRST,
    LAST,
    Counts,
    Flags,
    Moments,
    dates,
    saturated,
)

__all__ = ["NUMBER", "counted", "is_number", "is_there"]

# As JSON writes a number, with a plus sign, spaces around it, and a point at either end besides.
# "007" is none: it may be anything, such as a date with its day first.
NUMBER = r"^\s*[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$"
_PLAIN = r"^(?:0|-?[1-9]\d{0,17})$"
_WHOLE = r"^-?\d{1,19}$"
_LARGEST = str(2**63 - 1)

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

# A count below 10**11 is read as seconds (up to the year 5138), and so on: each time from March
# 1973 to the year 5138 lands in one band whatever its unit. Value by value, so that neither what
# stands beside a value nor where a file is cut changes what it means.
_BANDS = (("s", 10**11), ("ms", 10**14), ("us", 10**17))

# Counts that read as dates with an hour, and with a minute, of the years in which logs are made:
# 2024050110 is also a second of the year 2034, 202405011000 a millisecond of 1976.
_FIRST_YEAR, _LAST_YEAR = 1995, 2099


def is_number(kind: pa.DataType) -> bool:
    """Say whether an Arrow type is one of numbers."""
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def is_there(column: pa.ChunkedArray) -> Flags:
    """Say which rows hold something: neither null nor a float that is no number."""
    there = np.asarray(column.is_valid())
    if pa.types.is_floating(column.type):
        there &= ~np.asarray(pc.is_nan(column.cast(pa.float64())).fill_null(False))
    return there


def counted(column: pa.ChunkedArray, unit: str | None) -> Moments:
    """Return what a column of numbers, or of texts of numbers, counts; nulls as any moment.

    Without a unit, the magnitude of each says it, and eight digits are a date.
    """
    kind = column.type
    if pa.types.is_decimal(kind):
        # The zeros at its end come from the type: without them, it is whole, and exact.
        digits = pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")
        return _of_texts(digits, unit)
    if pa.types.is_floating(kind):
        return _of_floats(column, unit)
    if not pa.types.is_integer(kind):
        return _of_texts(column, unit)
    try:
        whole = column.cast(pa.int64())
    except pa.ArrowInvalid:
        # Some are beyond 2**63.
        return _of_texts(column.cast(pa.string()), unit)
    return _of_whole(np.asarray(whole.fill_null(0)), unit)


def _of_texts(texts: pa.ChunkedArray, unit: str | None) -> Moments:
    plain = pc.match_substring_regex(texts, _PLAIN).fill_null(True)
    if pc.all(plain).as_py():
        return _of_whole(np.asarray(texts.cast(pa.int64()).fill_null(0)), unit)
    good = np.asarray(pc.match_substring_regex(texts, NUMBER).fill_null(False))
    bad = np.asarray(texts.is_valid()) & ~good
    numbers = pc.utf8_trim_whitespace(pc.if_else(pa.array(good), texts, "0"))
    numbers = pc.replace_substring_regex(numbers, r"^\+", "")
    whole = np.asarray(pc.match_substring_regex(numbers, _WHOLE))
    longest = np.asarray(pc.match_substring_regex(numbers, r"^-?\d{19}$"))
    if longest.any():
        whole &= ~(longest & np.asarray(pc.greater(pc.utf8_ltrim(numbers, "-"), _LARGEST)))
    moments = Moments.none(len(texts))
    if whole.any():
        counts = numbers.filter(pa.array(whole)).cast(pa.int64())
        moments.fill(whole, _of_whole(np.asarray(counts), unit))
    if not whole.all():
        floats = numbers.filter(pa.array(~whole)).cast(pa.float64())
        moments.fill(~whole, _of_floats(floats, unit))
    moments.bad[bad] = True
    return moments


def _of_floats(column: pa.ChunkedArray, unit: str | None) -> Moments:
    values = np.asarray(column.cast(pa.float64()).fill_null(0.0), dtype=np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        values = np.where(finite, values, 0.0)
    whole = (np.abs(values) <= FLOAT_HOLDS) & (values == np.floor(values))
    if not whole.any():
        moments = Moments.of(_rounded(values, unit))
    else:
        moments = Moments.none(len(values))
        moments.fill(whole, _of_whole(values[whole].astype(np.int64), unit))
        moments.microseconds[~whole] = _rounded(values[~whole], unit)
    moments.bad[~finite] = True
    return moments


def _rounded(values: npt.NDArray[np.float64], unit: str | None) -> Counts:
    """Return fractions of a unit to the microsecond: all that a float of seconds holds."""
    scale = _scale(np.abs(values), unit)
    # Multiplied or divided by a whole number, which rounds once.
    exact = np.round(np.where(scale > 10**6, values / 1000, values * (10**6 / scale)))
    # As floats, the ends are not quite themselves.
    within = (exact > FIRST + 1000) & (exact < LAST - 1000)
    if within.all():
        return exact.astype(np.int64)
    return np.where(
        within, np.where(within, exact, 0).astype(np.int64), np.where(exact < 0, FIRST, LAST)
    )


def _of_whole(counts: Counts, unit: str | None) -> Moments:
    smallest, largest = (int(counts.min()), int(counts.max())) if counts.size else (0, 0)
    if unit is not None:
        moments = _of_unit(counts, unit)
    elif smallest >= 0 and _unit_of(smallest) == _unit_of(largest):
        # Most logs keep to one unit.
        moments = _of_unit(counts, _unit_of(largest))
    else:
        moments = _of_units(counts)
    if unit is None and largest >= 10**7:
        _mark_dates(moments, counts)
    return moments


def _unit_of(count: int) -> str:
    return next((name for name, bound in _BANDS if count < bound), "ns")


def _of_unit(counts: Counts, unit: str) -> Moments:
    if unit != "ns":
        return Moments.of(saturated(counts, 10**6 // _PER_SECOND[unit]))
    moments = Moments.of(*np.divmod(counts, 1000))
    beyond = (moments.microseconds < FIRST) | (moments.microseconds > LAST)
    moments.microseconds[beyond] = np.clip(moments.microseconds[beyond], FIRST, LAST)
    moments.nanoseconds[beyond] = 0
    return moments


def _of_units(counts: Counts) -> Moments:
    moments = Moments.none(len(counts))
    # The magnitude of the least of 64 bits has no place in them; any other is as far off.
    scale = _scale(np.abs(np.maximum(counts, -(2**63) + 1)), None)
    for name, per_second in _PER_SECOND.items():
        rows = scale == per_second
        if rows.any():
            moments.fill(rows, _of_unit(counts[rows], name))
    return moments


def _mark_dates(moments: Moments, counts: Counts) -> None:
    """Make dates of eight digits, which were seconds of 1970, and mark what may be others."""
    eight = (counts >= 10**7) & (counts < 10**8)
    if eight.any():
        midnights, bad = _dates_of(counts[eight])
        moments.microseconds[eight] = saturated(midnights, 1)
        moments.bad[eight] = bad
        moments.wall[eight] = True
    for digits in (2, 4):
        _mark_clocks(moments.doubtful, counts, digits)


def _mark_clocks(doubtful: Flags, counts: Counts, digits: int) -> None:
    """Mark counts that are a date and an hour too, or a date, an hour and a minute."""
    shift = 10**digits
    first, last = _FIRST_YEAR * 10**4 * shift, (_LAST_YEAR + 1) * 10**4 * shift
    rows = np.flatnonzero((counts >= first) & (counts < last))
    if not rows.size:
        return
    clock = counts[rows] % shift
    hours, minutes = (clock, 0 * clock) if digits == 2 else (clock // 100, clock % 100)
    _, bad = _dates_of(counts[rows] // shift)
    doubtful[rows] |= ~bad & (hours < 24) & (minutes < 60)


def _dates_of(numbers: Counts) -> tuple[Counts, Flags]:
    return dates(numbers // 10**4, numbers // 100 % 100, numbers % 100)


def _scale(sizes: Counts | npt.NDArray[np.float64], unit: str | None) -> Counts:
    """Return how many of its unit each count has in a second."""
    if unit is not None:
        return np.full(len(sizes), _PER_SECOND[unit], dtype=np.int64)
    scale = np.full(len(sizes), _PER_SECOND["ns"], dtype=np.int64)
    for name, bound in reversed(_BANDS):
        scale[sizes < bound] = _PER_SECOND[name]
    return scale
