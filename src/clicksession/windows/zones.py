"""When the clocks of a zone shift, as numbers: for engines that know no zones, or others' ones."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo

__all__ = ["DAY", "chosen_by_shift", "shifts"]

#: The microseconds of 24 hours.
DAY = 86_400_000_000

# Before and after these years the first and the last offset found hold.
_FROM, _TO = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

T = TypeVar("T")


@cache
def shifts(zone: str) -> tuple[tuple[int, int], ...]:
    """Return the microseconds that a zone is ahead of UTC, each with the first it holds from.

    Examples
    --------
    >>> shifts("UTC")
    ((-2208988800000000, 0),)
    """
    clock = ZoneInfo(zone)
    found = [(_since(_FROM), _ahead(clock, _FROM))]
    for number in range((_TO - _FROM).days):
        start, end = (_FROM + timedelta(days=number + more) for more in (0, 1))
        if _ahead(clock, end) != found[-1][1]:
            found.append((_since(_first(clock, start, end)), _ahead(clock, end)))
    return tuple(found)


def _first(clock: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second between two at which the later offset holds."""
    low, high = 0, (after - before) // timedelta(seconds=1)
    while high - low > 1:
        middle = (low + high) // 2
        same = _ahead(clock, before + timedelta(seconds=middle)) == _ahead(clock, after)
        low, high = (low, middle) if same else (middle, high)
    return before + timedelta(seconds=high)


def _ahead(clock: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(clock).utcoffset()
    assert offset is not None
    return offset // _MICROSECOND


def _since(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def chosen_by_shift(zone: str, leaf: Callable[[int], T], choose: Callable[[int, T, T], T]) -> T:
    """Return an expression that gives the offset of a zone, as a tree of few questions.

    Parameters
    ----------
    zone
        The name of a time zone.
    leaf
        Gives the expression of an offset, in microseconds.
    choose
        Gives the expression that is the second where the instant is before the first, in
        microseconds since 1970, and else the third.
    """

    def tree(found: Sequence[tuple[int, int]]) -> T:
        if len(found) == 1:
            return leaf(found[0][1])
        middle = len(found) // 2
        return choose(found[middle][0], tree(found[:middle]), tree(found[middle:]))

    return tree(shifts(zone))
