"""Whose an event is that came without a user: whoever the device was known as, nearest in time."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.durations import as_duration
from clicksession.engines.columns import Times, read_ids, read_times
from clicksession.engines.ordering import by_key_and_time, differs
from clicksession.keywords import keywords
from clicksession.quality.columns import column, names_of_columns
from clicksession.quality.content import content_ids, texts_of

__all__ = ["Identified", "resolve_identity"]

_WHO = "resolve_identity"

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Identified:
    """Events with users, and how many of them came by theirs in which way.

    Attributes
    ----------
    events
        The same rows in the same order, with the user as text.
    own
        Events that had a user of their own.
    from_before, from_after
        Events that took the user that their device was known as before (or at the same instant),
        or after.
    disputed
        How many of these found one user before and another after.
    anonymous
        Events whose device was never known as anyone: they have a stable id for the device.
    without_device
        Events without a user and without a device: their user stays null.

    Examples
    --------
    >>> import pandas as pd
    >>> from clicksession.quality import resolve_identity
    >>> events = pd.DataFrame({
    ...     "user_id": ["ann", None],
    ...     "device": ["phone", "phone"],
    ...     "timestamp": pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:05"]),
    ... })
    >>> found = resolve_identity(events, device="device")
    >>> found.events["user_id"].tolist(), found.own, found.from_before
    (['ann', 'ann'], 1, 1)
    """

    events: pd.DataFrame
    own: int
    from_before: int
    from_after: int
    disputed: int
    anonymous: int
    without_device: int

    def __str__(self) -> str:
        return (
            f"{len(self.events)} events: {self.own} with a user of their own, {self.from_before} "
            f"by their device before, {self.from_after} by their device after ({self.disputed} of "
            f"these disputed), {self.anonymous} anonymous, {self.without_device} without a device."
        )


@keywords()
def resolve_identity(
    events: pd.DataFrame,
    device: str | tuple[str, ...] = ("address", "agent"),
    *,
    within: str | timedelta | None = None,
    user: str = "user_id",
    time: str = "timestamp",
) -> Identified:
    """Give each event without a user the user that its device is known as, nearest in time.

    An event is known when it has a user, a time and a device. An event without a user takes the
    user of the known event of its device that is nearest in time, before or after; at equal
    distance, the one before. A known event at the same instant counts as before. Where a device
    has several users at one instant, the one whose id comes first as text counts there. An event
    whose device is never known, or that has no time, gets an id made of the device,
    ``anonymous:…``: the same in every batch and on every machine. An event without a device keeps
    a null user. The order of the rows does not matter, and is kept.

    Parameters
    ----------
    events
        One row per event. It is not changed.
    device
        The columns that tell one device from another, together. Values are compared as text; a
        null in some of them is a value like others, a null in all of them is no device.
    within
        The longest distance in time over which a device vouches for a user: ``"30 days"``. A
        distance of exactly this counts. Left out: any.
    user, time
        The columns that say whose event it is and when it happened.

    Returns
    -------
    Identified
        The events, in which the user column is text (``1403`` is ``"1403"``), and how many came
        by their user in which way.

    Raises
    ------
    ParameterError
        A column that is not there or not of such a type, or a duration without a unit.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "user_id": [None, "ann", None, None],
    ...     "timestamp": pd.to_datetime(
    ...         ["2024-05-01 10:00", "2024-05-01 10:05", "2024-05-01 10:20", "2024-05-01 10:00"]
    ...     ),
    ...     "address": ["203.0.113.7", "203.0.113.7", "203.0.113.7", "203.0.113.9"],
    ... })
    >>> found = resolve_identity(events, device="address")
    >>> found.events["user_id"].str.slice(0, 12).tolist()
    ['ann', 'ann', 'ann', 'anonymous:ad']
    >>> print(found)
    4 events: 1 with a user of their own, 1 by their device before, 1 by their device after
    (0 of these disputed), 1 anonymous, 0 without a device.
    """
    ids = read_ids(column(events, user, _WHO, "user"), who=_WHO, parameter="user")
    times = read_times(column(events, time, _WHO, "time"), who=_WHO, parameter="time")
    names = names_of_columns(device, _WHO, "device")
    devices = _devices([column(events, name, _WHO, "device") for name in names])
    longest = _longest(within, times)

    own, users, known_names = _ranked(ids.cast(pa.string()))
    has_device = devices >= 0
    nearest = _nearest(devices, times, np.where(own, users, -1), longest)
    found = ~own & (nearest.users >= 0)
    anonymous = ~own & has_device & ~found
    numbers, new_names = _anonymous(events[list(names)], devices, anonymous)
    users = np.where(found, nearest.users, users)
    users[anonymous] = len(known_names) + numbers
    missing = ~own & ~has_device
    texts = pa.concat_arrays([known_names, new_names]).take(pa.array(users, mask=missing))
    return Identified(
        events.assign(**{user: texts.to_pandas().astype("str").array}),
        own=int(own.sum()),
        from_before=int((found & nearest.before).sum()),
        from_after=int((found & ~nearest.before).sum()),
        disputed=int((found & nearest.disputed).sum()),
        anonymous=int(anonymous.sum()),
        without_device=int(missing.sum()),
    )


@dataclass(frozen=True)
class _Nearest:
    """Per row: the code of the user nearest in time, or -1; whether from before; if disputed."""

    users: Integers
    before: npt.NDArray[np.bool_]
    disputed: npt.NDArray[np.bool_]


def _nearest(devices: Integers, times: Times, users: Integers, longest: int | None) -> _Nearest:
    """Find the user nearest in time on each row's device; a row without a user has -1 in `users`.

    Rows of one device and one instant make a group; the groups, in the order of their instants,
    hand the last user that was known on, and the next one back.
    """
    size = len(devices)
    result = _Nearest(np.full(size, -1), np.zeros(size, bool), np.zeros(size, bool))
    rows = np.flatnonzero((devices >= 0) & times.known)
    if not len(rows):
        return result
    rows = rows[by_key_and_time(devices[rows], times.counts[rows])]
    opens = differs(devices[rows], times.counts[rows])
    starts, group = np.flatnonzero(opens), np.cumsum(opens) - 1
    device, instant = devices[rows[starts]], times.counts[rows[starts]]
    # The least user of the group: its codes are in the order of the texts.
    least = np.where(users[rows] < 0, np.iinfo(np.int64).max, users[rows])
    user = np.minimum.reduceat(least, starts)
    known = user != np.iinfo(np.int64).max

    count = len(starts)
    behind = np.maximum.accumulate(np.where(known, np.arange(count), -1))
    ahead = np.minimum.accumulate(np.where(known, np.arange(count), count)[::-1])[::-1]
    ahead = np.append(ahead[1:], count)
    past, future = (np.clip(each, 0, count - 1) for each in (behind, ahead))
    past_ok = (behind >= 0) & (device[past] == device)
    future_ok = (ahead < count) & (device[future] == device)
    back, forth = _apart(instant[past], instant), _apart(instant, instant[future])
    if longest is not None:
        past_ok &= back <= np.uint64(longest)
        future_ok &= forth <= np.uint64(longest)
    before = past_ok & (~future_ok | (back <= forth))
    nearest = np.where(before, user[past], np.where(future_ok, user[future], -1))
    result.users[rows] = nearest[group]
    result.before[rows] = before[group]
    result.disputed[rows] = (past_ok & future_ok & (user[past] != user[future]))[group]
    return result


def _apart(earlier: Integers, later: Integers) -> npt.NDArray[np.uint64]:
    # Unsigned, a difference of more than 292 years of nanoseconds does not turn negative.
    return later.view(np.uint64) - earlier.view(np.uint64)


def _ranked(ids: pa.Array) -> tuple[npt.NDArray[np.bool_], Integers, pa.Array]:
    """Return which rows have a user, each row's code (0 for none), and the user of each code.

    Codes are in the order of the users as text.
    """
    encoded = ids.dictionary_encode()
    order = pc.sort_indices(encoded.dictionary)
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[np.asarray(order)] = np.arange(len(order))
    codes = np.asarray(encoded.indices.fill_null(0), dtype=np.int64)
    own = np.asarray(ids.is_valid())
    users = ranks[codes] if len(ranks) else np.zeros(len(ids), dtype=np.int64)
    return own, users, encoded.dictionary.take(order)


def _devices(columns: list[pd.Series]) -> Integers:
    """Return one number per row for its device, or -1 where every column is null."""
    devices = np.zeros(len(columns[0]), dtype=np.int64)
    present = np.zeros(len(devices), dtype=bool)
    for values in columns:
        codes, distinct = pd.factorize(texts_of(values))
        present |= codes >= 0
        devices = pd.factorize(devices * (len(distinct) + 1) + codes + 1)[0].astype(np.int64)
    return np.where(present, devices, -1)


def _anonymous(
    devices_of: pd.DataFrame, devices: Integers, anonymous: npt.NDArray[np.bool_]
) -> tuple[Integers, pa.Array]:
    """Return the number of each anonymous row's name, and the names: one for each device."""
    _, firsts, numbers = np.unique(devices[anonymous], return_index=True, return_inverse=True)
    rows = np.flatnonzero(anonymous)[firsts]
    ids = content_ids(devices_of.iloc[rows], exactly=True).cast(pa.string())
    names = pc.binary_join_element_wise(pa.scalar("anonymous"), ids, ":")
    return numbers, names


def _longest(within: str | timedelta | None, times: Times) -> int | None:
    if within is None:
        return None
    longest = as_duration(within, who=_WHO, parameter="within") // timedelta(microseconds=1)
    return longest * 1000 // times.nanoseconds_per_unit
