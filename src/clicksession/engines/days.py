"""Which day of the calendar a moment falls on, in a time zone.

Zones shift their clocks, so the days of a zone have 23, 24 or 25 hours. What a zone does is asked
once for each day of UTC that the events fall on, and moment by moment only for days on which it
shifts its clock.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

__all__ = ["local_days"]

Integers = npt.NDArray[np.int64]

_DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A zone is asked within the years that datetime knows, one day from either end.
_FIRST, _LAST = -719_161, 2_932_895


def local_days(counts: Integers, nanoseconds_per_unit: int, zone: str) -> Integers:
    """Return the number of the local day of each moment, counted from 1970-01-01.

    Parameters
    ----------
    counts
        Units since 1970 in UTC.
    nanoseconds_per_unit
        What one count is worth.
    zone
        The name of a time zone.

    Examples
    --------
    >>> moments = np.array([1_711_753_199, 1_711_753_200])  # 2024-03-29 22:59:59 and 23:00 in UTC
    >>> local_days(moments, 10**9, "Europe/Amsterdam").tolist()
    [19811, 19812]
    """
    seconds = counts // (10**9 // nanoseconds_per_unit)
    days, which = np.unique(seconds // _DAY, return_inverse=True)
    clock = ZoneInfo(zone)
    offsets = np.array([_offset(clock, day * _DAY) for day in days.tolist()], dtype=np.int64)
    next_offsets = np.array([_offset(clock, (day + 1) * _DAY) for day in days.tolist()])
    shifts = offsets[which]
    unsteady = np.flatnonzero((offsets != next_offsets)[which])
    moments, nth = np.unique(seconds[unsteady], return_inverse=True)
    exact = np.array([_offset(clock, moment) for moment in moments.tolist()], dtype=np.int64)
    shifts[unsteady] = exact[nth]
    # Days and seconds apart, since the sum could pass the last moment of int64.
    day, second = np.divmod(seconds, _DAY)
    local: Integers = day + (second + shifts) // _DAY
    return local


def _offset(clock: ZoneInfo, second: int) -> int:
    """Return the seconds that the zone is ahead of UTC."""
    within = min(max(second, _FIRST * _DAY), _LAST * _DAY)
    offset = (_EPOCH + timedelta(seconds=within)).astimezone(clock).utcoffset()
    assert offset is not None
    return offset // timedelta(seconds=1)
