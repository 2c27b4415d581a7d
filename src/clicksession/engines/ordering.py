"""Put rows in order of user and time, without a comparison sort where arrays allow it.

The order of 10 million rows costs more than everything done with it. Four facts
make it cheap: logs are mostly in time order already; a key of at most 63
bits that carries its own row number in its low bits can be sorted by value,
which numpy does with vector instructions ten times as fast as an ``argsort``;
rows of different keys have nothing to do with each other, so that cores can sort
them at the same time; and what fits the cache of a core is sorted and looked up in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from clicksession.engines.keys import Codes, Keys, Words
from clicksession.engines.threads import in_threads, slices

__all__ = ["Ordered", "by_key", "by_key_and_time", "differs", "in_order"]

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# So much of a few columns fits the cache of a core.
_ROWS_PER_BUCKET = 32_768
_ROWS_PER_CHUNK = 262_144
# The number of a bucket is a byte, which numpy sorts by counting.
_MOST_BUCKET_BITS = 8


@dataclass(frozen=True)
class Ordered:
    """Rows in order of key, then time, then row number.

    Attributes
    ----------
    rows
        Their numbers.
    times
        The time of each.
    opens_user
        Whether each is the first of its user.
    """

    rows: Integers
    times: Integers
    opens_user: Bools


@dataclass(frozen=True)
class _Part:
    """Some rows, by ascending number or in order: their keys, and what else tells users apart."""

    rows: Integers
    times: Integers
    keys: Integers
    columns: list[Words]

    def taken(self, places: Integers) -> "_Part":
        """Return the rows at these places."""
        columns = [column[places] for column in self.columns]
        return _Part(self.rows[places], self.times[places], self.keys[places], columns)

    def cut(self, ends: Integers) -> "list[_Part]":
        """Return the rows up to each of these places."""
        bounds = pairwise((0, *ends.tolist()))
        return [self.between(start, end) for start, end in bounds]

    def between(self, start: int, end: int) -> "_Part":
        """Return the rows from one place to another."""
        columns = [column[start:end] for column in self.columns]
        return _Part(self.rows[start:end], self.times[start:end], self.keys[start:end], columns)

    @classmethod
    def joined(cls, parts: "Sequence[_Part]") -> "_Part":
        """Return several parts as one."""
        columns = zip(*(part.columns for part in parts), strict=True)
        return cls(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.times for part in parts]),
            np.concatenate([part.keys for part in parts]),
            [np.concatenate(column) for column in columns],
        )


def by_key_and_time(keys: Integers, times: Integers) -> Integers:
    """Return the row numbers in order of key, then time, then row number.

    Parameters
    ----------
    keys
        One number per row, not negative.
    times
        One number per row, of any sign.
    """
    return in_order(Codes(keys), times, np.ones(len(keys), dtype=bool)).rows


def in_order(keys: Keys, times: Integers, known: Bools) -> Ordered:
    """Return the rows that are known, in order of key, then time, then row number.

    Parameters
    ----------
    keys
        What says whose each row is.
    times
        One number per row, of any sign.
    known
        Which rows are wanted.
    """
    present = times if known.all() else times[known]
    width = min((len(present) // _ROWS_PER_BUCKET).bit_length(), _MOST_BUCKET_BITS, keys.bits)
    into_buckets = partial(_in_buckets, keys, times, known, width)
    chunks = in_threads(into_buckets, slices(len(times), _ROWS_PER_CHUNK))
    buckets = list(zip(*chunks, strict=True))
    sizes = np.array([sum(len(part.rows) for part in bucket) for bucket in buckets])
    ends = np.cumsum(sizes)
    found = Ordered(
        np.empty(len(present), dtype=np.int64),
        np.empty(len(present), dtype=np.int64),
        np.empty(len(present), dtype=bool),
    )
    ascends = _ascends(present)

    def sort(number: int) -> None:
        here = slice(ends[number] - sizes[number], ends[number])
        ordered = _sorted(_Part.joined(buckets[number]), ascends=ascends)
        found.rows[here], found.times[here] = ordered.rows, ordered.times
        found.opens_user[here] = ordered.opens_user

    # The largest first, as one user may have a third of all rows: no core waits for it in the end.
    in_threads(sort, [int(number) for number in np.argsort(-sizes) if sizes[number]])
    return found


def by_key(keys: Integers) -> Integers:
    """Return the row numbers in order of key, then row number; keys are not negative."""
    bits = len(keys).bit_length()
    if len(keys) == 0 or int(keys.max()).bit_length() + bits > 63:
        return np.argsort(keys, kind="stable")
    packed = keys << bits
    packed |= np.arange(len(keys))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def differs(*columns: npt.NDArray[Any]) -> Bools:
    """Say of each row whether it differs from the one before in any column; the first does."""
    found = np.zeros(len(columns[0]), dtype=bool)
    found[:1] = True
    for column in columns:
        found[1:] |= column[1:] != column[:-1]
    return found


def _ascends(times: Integers) -> bool:
    """Say whether times are in order; of those that are not, the first few mostly say it."""
    few = times[:_ROWS_PER_BUCKET]
    return all(bool((part[1:] >= part[:-1]).all()) for part in (few, times))


def _in_buckets(keys: Keys, times: Integers, known: Bools, width: int, rows: slice) -> list[_Part]:
    """Return those of some rows that are known, by the highest bits of their keys."""
    numbers, columns = keys.part(rows)
    part = _Part(np.arange(rows.start, rows.stop), times[rows], numbers, columns)
    if not known[rows].all():
        part = part.taken(np.flatnonzero(known[rows]))
    if not width:
        return [part]
    buckets = (part.keys >> (keys.bits - width)).astype(np.uint8)
    ends = np.cumsum(np.bincount(buckets, minlength=1 << width))
    return part.taken(np.argsort(buckets, kind="stable")).cut(ends)


def _sorted(part: _Part, *, ascends: bool) -> Ordered:
    """Return the rows of a bucket in order."""
    keys = _packable(part)
    if ascends:
        order = by_key(keys)
    else:
        order = _by_time(part.times)
        order = order[by_key(keys[order])]
    opens_user = differs(keys[order])
    if part.columns:
        by_columns = differs(*(column[order] for column in part.columns))
        if not np.array_equal(by_columns, opens_user):
            # Two users have one number: their rows may lie among each other.
            order = np.lexsort((part.times, *part.columns, keys))
            by_columns = differs(*(column[order] for column in part.columns))
        opens_user = by_columns
    return Ordered(part.rows[order], part.times[order], opens_user)


def _packable(part: _Part) -> Integers:
    """Return keys that leave room for row numbers; where columns decide, shortened to do so."""
    keys: Integers = part.keys - part.keys.min()
    spare = 63 - len(keys).bit_length() - int(keys.max()).bit_length()
    return keys >> -spare if part.columns and spare < 0 else keys


def _by_time(times: Integers) -> Integers:
    """Return the row numbers in order of time, then row number.

    The highest bits of the time are sorted by value; where rows agree in those
    and differ below them, which is rare, only those rows are sorted again.
    """
    low = int(times.min())
    bits = len(times).bit_length()
    span = (int(times.max()) - low).bit_length()
    dropped = max(0, span + bits - 63)
    # Modulo 2**64 the difference is right even where it passes the range of int64.
    offsets = times.view(np.uint64) - np.uint64(low % 2**64)
    order = by_key((offsets >> np.uint64(dropped)).view(np.int64))
    return _resorted_within_ties(order, offsets, dropped) if dropped else order


def _resorted_within_ties(
    order: Integers, offsets: npt.NDArray[np.uint64], dropped: int
) -> Integers:
    sorted_offsets = offsets[order]
    coarse = sorted_offsets >> np.uint64(dropped)
    tied = coarse[1:] == coarse[:-1]
    if not bool((tied & (sorted_offsets[1:] < sorted_offsets[:-1])).any()):
        return order
    in_tie = np.zeros(len(order), dtype=bool)
    in_tie[1:] |= tied
    in_tie[:-1] |= tied
    slots = np.flatnonzero(in_tie)
    # Slots stay in place as a set, since the coarse order is right: only their rows move.
    rows = order[slots]
    order[slots] = rows[np.lexsort((rows, offsets[rows]))]
    return order
