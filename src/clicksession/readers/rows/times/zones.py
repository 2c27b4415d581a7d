"""The instants of what wall clocks show.

By `zoneinfo`, which knows the rules of all years to come; Arrow's own functions stop at 2037.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from clicksession.readers.rows.times.meaning import Course, Meaning
from clicksession.readers.rows.times.moments import Counts, Flags, Moments

__all__ = ["Placed", "is_zone", "offsets_at", "placed"]

_SECOND = 10**6
_DAY = 86_400 * _SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Placed:
    """What became of the times that name no zone.

    Attributes
    ----------
    repeated, shifted
        How many are in an hour that comes twice, and how many were moved out of one left out.
    missing, undecided
        The rows in an hour that is left out, and those that may be either of two times.
    """

    repeated: int = 0
    shifted: int = 0
    missing: Counts = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    undecided: Counts = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def is_zone(name: str) -> bool:
    """Say whether there is a zone of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def placed(moments: Moments, good: Flags, meaning: Meaning, course: Course | None) -> Placed:
    """Make instants of wall clocks: those of good rows that name no zone are in that of the schema.

    Both times of a clock that comes twice, and none of one that is left out, are found by trying
    the offsets of a day before and a day after.
    """
    assert meaning.zone is not None
    rows = np.flatnonzero(moments.wall & good)
    walls = moments.microseconds[rows]
    offsets = _Offsets.around(meaning.zone, walls)
    before, after = offsets.at(walls - _DAY), offsets.at(walls + _DAY)
    first, second = walls - before, walls - after
    first_holds = offsets.at(first) == before
    second_holds = offsets.at(second) == after
    # What is left out is read by the offset before: as much later as the clocks went forward.
    instants = np.where(second_holds & ~first_holds, second, first)
    repeated = first_holds & second_holds & (first != second)
    missing = ~first_holds & ~second_holds
    moments.microseconds[rows] = instants
    pairs = np.stack([first[repeated], second[repeated]], axis=1)
    kept = good.copy()
    if meaning.nonexistent == "refuse":
        kept[rows[missing]] = False
    undecided = _decided(moments, rows[repeated], pairs, kept, meaning, course)
    shifts = meaning.nonexistent == "shift"
    return Placed(
        repeated=int(repeated.sum()) - len(undecided),
        shifted=int(missing.sum()) if shifts else 0,
        missing=rows[missing][:0] if shifts else rows[missing],
        undecided=undecided,
    )


def _decided(
    moments: Moments,
    rows: Counts,
    pairs: Counts,
    good: Flags,
    meaning: Meaning,
    course: Course | None,
) -> Counts:
    """Choose between the two times of some rows; return the rows for which nothing decides."""
    if meaning.ambiguous == "refuse":
        return rows
    if meaning.ambiguous != "order":
        moments.microseconds[rows] = pairs[:, 0 if meaning.ambiguous == "earlier" else 1]
        return rows[:0]
    times = moments.microseconds
    good = good & (times >= meaning.earliest) & (times <= meaning.latest)
    good[rows] = True
    return _by_order(times, rows, pairs, np.flatnonzero(good), course)


def _by_order(
    times: Counts, rows: Counts, pairs: Counts, good: Counts, course: Course | None
) -> Counts:
    """Choose for each row the first of its two times that is not before the row before it."""
    last = None if course is None else course.last
    twice = set(rows.tolist())
    undecided = []
    places = np.searchsorted(good, rows) - 1
    for row, place, (first, second) in zip(
        rows.tolist(), places.tolist(), pairs.tolist(), strict=True
    ):
        if place >= 0 and int(good[place]) not in twice:
            last = int(times[good[place]])
        if last is not None and second < last:
            undecided.append(row)
            continue
        last = first if last is None or first >= last else second
        times[row] = last
    if good.size and int(good[-1]) not in twice:
        last = int(times[good[-1]])
    if course is not None:
        course.last = last
    return np.array(undecided, dtype=np.int64)


def offsets_at(zone: str, instants: Counts) -> Counts:
    """Return the offsets of a zone at instants, in microseconds."""
    return _Offsets.around(zone, instants).at(instants)


@dataclass(frozen=True)
class _Offsets:
    """From which instants on a zone has which offset, near the days that were asked for."""

    starts: Counts
    offsets: Counts

    @classmethod
    def around(cls, zone: str, times: Counts) -> "_Offsets":
        """Return the offsets within three days of these times."""
        days = _days(times // _DAY)
        near = np.unique((days[:, None] + np.arange(-3, 5)).ravel()).tolist()
        starts, offsets = [], []
        for day in near:
            starts.append(day * 86_400)
            offsets.append(_offset(zone, day * 86_400))
            change = _change_in(zone, day)
            if change is not None:
                starts.append(change)
                offsets.append(_offset(zone, change))
        if not near:
            return cls(*np.empty((2, 0), dtype=np.int64))
        times, found = np.array([starts, offsets], dtype=np.int64) * _SECOND
        changed = np.diff(found, prepend=found[0] - 1) != 0
        return cls(times[changed], found[changed])

    def at(self, instants: Counts) -> Counts:
        """Return the offset at each instant."""
        if not len(instants):
            return instants
        return self.offsets[np.searchsorted(self.starts, instants, side="right") - 1]


def _days(days: Counts) -> Counts:
    """Return some days, each once: for few years, all between the first and the last."""
    if not days.size:
        return days
    first, last = int(days.min()), int(days.max())
    return np.arange(first, last + 1) if last - first < 1000 else np.unique(days)


@lru_cache(maxsize=2**16)
def _offset(zone: str, second: int) -> int:
    moment = (_EPOCH + timedelta(seconds=second)).astimezone(ZoneInfo(zone))
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


@lru_cache(maxsize=2**16)
def _change_in(zone: str, day: int) -> int | None:
    """Return the second of a day from which on the zone has another offset, if there is one."""
    low, high = day * 86_400, (day + 1) * 86_400
    before = _offset(zone, low)
    if _offset(zone, high) == before:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high
