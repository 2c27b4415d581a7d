"""Moments in arrays of integers, exact to the nanosecond, and columns of times made of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = [
    "FIRST",
    "LAST",
    "Counts",
    "Flags",
    "Moments",
    "column_of_times",
    "dates",
    "of_times",
    "saturated",
]

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

# What nanoseconds in 64 bits can hold, in microseconds: from the year 1677 to 2262. What lies
# beyond comes out as the first or the last of these; `earliest` and `latest` lie between them.
FIRST = -(2**63) // 1000 + 1
LAST = 2**63 // 1000 - 1

_PER_COUNT = {"s": 10**6, "ms": 10**3, "us": 1}

_NAMES = ("microseconds", "nanoseconds", "bad", "wall", "doubtful")

_DAY = 86_400 * 10**6


@dataclass(frozen=True)
class Moments:
    """One moment per row.

    Attributes
    ----------
    microseconds
        Since 1970: of an instant in UTC, of a wall clock on that clock.
    nanoseconds
        From 0 to 999, beyond those.
    bad
        Rows that hold something that is no time.
    wall
        Rows whose moment is what a wall clock shows, in a zone that the value does not name.
    doubtful
        Rows that may be meant in another way.
    """

    microseconds: Counts
    nanoseconds: Counts
    bad: Flags
    wall: Flags
    doubtful: Flags

    @classmethod
    def none(cls, size: int) -> "Moments":
        """Return moments of 1970 for so many rows, to be filled."""
        return cls.of(np.zeros(size, dtype=np.int64))

    @classmethod
    def of(
        cls, microseconds: Counts, nanoseconds: Counts | None = None, *, wall: bool = False
    ) -> "Moments":
        """Return these moments, all of them good, and all or none on a wall clock."""
        size = len(microseconds)
        fine = np.zeros(size, dtype=np.int64) if nanoseconds is None else nanoseconds
        flags = (np.full(size, flag) for flag in (False, wall, False))
        return cls(microseconds, fine, *flags)

    def taken(self, rows: Counts | Flags) -> "Moments":
        """Return the moments of some rows."""
        return Moments(*(getattr(self, name)[rows] for name in _NAMES))

    def fill(self, rows: Counts | Flags, others: "Moments") -> None:
        """Put the moments of others into these rows."""
        for name in _NAMES:
            getattr(self, name)[rows] = getattr(others, name)


def saturated(counts: Counts, per_count: int) -> Counts:
    """Return counts of so many microseconds each in microseconds, those beyond at the ends."""
    most, least = LAST // per_count, -(-FIRST // per_count)
    if not counts.size or (counts.min() >= least and counts.max() <= most):
        return counts * per_count
    within: Counts = np.clip(counts, least, most) * per_count
    return np.where(counts > most, LAST, np.where(counts < least, FIRST, within))


def dates(years: Counts, months: Counts, days: Counts) -> tuple[Counts, Flags]:
    """Return the midnights of dates in microseconds since 1970, and which are no date.

    The years 0 to 9999 have their midnights, be they beyond what nanoseconds hold.
    """
    good = (months >= 1) & (months <= 12) & (days >= 1) & (years >= 0) & (years <= 9999)
    number = np.where(good, (years - 1970) * 12 + months - 1, 0)
    first = _first_of(number)
    good &= days <= _first_of(number + 1) - first
    return np.where(good, first + days - 1, 0) * _DAY, ~good


def _first_of(months: Counts) -> Counts:
    """Return the days since 1970 at which months begin, which are counted since then too."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def column_of_times(microseconds: Counts, nanoseconds: Counts, known: Flags) -> pa.ChunkedArray:
    """Return instants in UTC, in nanoseconds where some have them, else in microseconds."""
    if (nanoseconds[known] != 0).any():
        counts, kind = microseconds * 1000 + nanoseconds, pa.timestamp("ns", "UTC")
    else:
        counts, kind = microseconds, pa.timestamp("us", "UTC")
    mask = None if known.all() else ~known
    return pa.chunked_array([pa.array(counts, mask=mask).cast(kind)])


def of_times(times: pa.Array | pa.ChunkedArray) -> Moments:
    """Return the moments of times; those without a zone are on a wall clock."""
    kind = times.type
    counts = np.asarray(times.cast(pa.int64()).fill_null(0))
    wall = kind.tz is None
    if kind.unit != "ns":
        return Moments.of(saturated(counts, _PER_COUNT[kind.unit]), wall=wall)
    microseconds, nanoseconds = np.divmod(counts, 1000)
    return Moments.of(saturated(microseconds, 1), nanoseconds, wall=wall)
