"""Times of a column, whatever its type, as instants in UTC, and times that are a sum of counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import as_text, in_one, is_text
from clicksession.readers.base import Reason
from clicksession.readers.rows.times.counts import NUMBER, counted, is_number, is_there
from clicksession.readers.rows.times.meaning import Course, Meaning
from clicksession.readers.rows.times.moments import (
    FIRST,
    LAST,
    Flags,
    Moments,
    column_of_times,
    of_times,
)
from clicksession.readers.rows.times.spellings import formed, spelled, usual
from clicksession.readers.rows.times.zones import Placed, placed

__all__ = ["Instants", "as_instants", "summed"]

_INSTANT = pa.timestamp("us", "UTC")


@dataclass(frozen=True)
class Instants:
    """The instants of a column.

    Attributes
    ----------
    times
        In UTC and in microseconds, or in nanoseconds where some have them; null where the column
        is, and where a row is refused.
    refused
        Why a row is refused, by its number.
    repeated
        How many rows are in an hour that comes twice, and were decided.
    shifted
        How many rows are in an hour that is left out, and were shifted.
    """

    times: pa.ChunkedArray
    refused: dict[int, Reason] = field(default_factory=dict)
    repeated: int = 0
    shifted: int = 0


def as_instants(
    column: pa.ChunkedArray, meaning: Meaning | None = None, course: Course | None = None
) -> Instants:
    """Return the instants of a column of times of any spelling.

    Parameters
    ----------
    column
        Times, dates, numbers or texts, of any Arrow type; anything else is no time. Nulls stay
        null.
    meaning
        What is asked of times; left out, nothing.
    course
        How far the source has come; it goes on with the column. Needed where the schema says
        ``ambiguous="order"``.

    Examples
    --------
    >>> found = as_instants(pa.chunked_array([["2024-05-01T12:00+02:00", "1714557600", "soon"]]))
    >>> [str(time) for time in found.times]
    ['2024-05-01 10:00:00+00:00', '2024-05-01 10:00:00+00:00', 'None']
    >>> found.refused
    {2: <Reason.BAD_TIME: 'bad_time'>}
    """
    meaning = meaning or Meaning()
    column = _decoded(column)
    usual_times = None if meaning.forms or not is_text(column.type) else usual(in_one(column))
    if usual_times is not None and _are_plain(usual_times, meaning):
        # Of what names no zone, UTC.
        return Instants(pa.chunked_array([usual_times.cast(_INSTANT)]))
    moments = _moments(column, meaning) if usual_times is None else of_times(usual_times)
    there = is_there(column)
    found = placed(moments, there & ~moments.bad, meaning, course) if meaning.zone else Placed()
    refused = _refused(moments, there, meaning, found)
    good = there.copy()
    good[list(refused)] = False
    times = column_of_times(moments.microseconds, moments.nanoseconds, good)
    return Instants(times, refused, found.repeated, found.shifted)


def _are_plain(times: pa.Array, meaning: Meaning) -> bool:
    """Say whether times of one usual spelling are good as they are: those of most logs."""
    if meaning.zone or times.type.unit != "us":
        return False
    bounds = pc.min_max(times.cast(pa.int64())).as_py()
    return bool(meaning.earliest <= bounds["min"] and bounds["max"] <= meaning.latest)


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of dictionaries or of views as one of their values."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _decoded(column.cast(kind.value_type))
    if pa.types.is_string_view(kind):
        return column.cast(pa.string())
    return column


def _moments(column: pa.ChunkedArray, meaning: Meaning) -> Moments:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return of_times(column)
    if pa.types.is_date(kind):
        return of_times(column.cast(pa.timestamp("s" if kind == pa.date32() else "ms")))
    if is_number(kind):
        if not meaning.forms:
            return _counted(column, meaning)
        column = as_text(column) if pa.types.is_floating(kind) else column.cast(pa.string())
    if is_text(column.type):
        if meaning.forms:
            return formed(in_one(column), meaning.forms, meaning.unit)
        return _of_texts(column, meaning)
    moments = Moments.none(len(column))
    moments.bad[:] = True
    return moments


def _counted(column: pa.Array | pa.ChunkedArray, meaning: Meaning) -> Moments:
    moments = counted(column, meaning.unit)
    moments.wall[:] |= meaning.on_wall
    return moments


def _of_texts(column: pa.ChunkedArray, meaning: Meaning) -> Moments:
    texts = in_one(column)
    numbers = np.asarray(pc.match_substring_regex(texts, NUMBER).fill_null(False))
    if (numbers | ~np.asarray(texts.is_valid())).all():
        return _counted(texts, meaning)
    moments = Moments.none(len(texts))
    if numbers.any():
        moments.fill(numbers, _counted(texts.filter(pa.array(numbers)), meaning))
    moments.fill(~numbers, spelled(texts.filter(pa.array(~numbers))))
    return moments


def _refused(moments: Moments, there: Flags, meaning: Meaning, found: Placed) -> dict[int, Reason]:
    """Return why rows are refused; a row in two ways, for the first of them."""
    times = moments.microseconds
    early, late = times < meaning.earliest, times > meaning.latest
    late |= (times == meaning.latest) & (moments.nanoseconds > 0)
    refused: dict[int, Reason] = {}
    for reason, rows in (
        (Reason.BAD_TIME, moments.bad),
        (Reason.MISSING_HOUR, found.missing),
        (Reason.PAST_TIME, early),
        (Reason.FUTURE_TIME, late),
        (Reason.AMBIGUOUS_TIME, moments.doubtful),
        (Reason.AMBIGUOUS_TIME, found.undecided),
    ):
        numbers = np.flatnonzero(rows & there) if rows.dtype == bool else rows
        for row in numbers.tolist():
            refused.setdefault(row, reason)
    return refused


def summed(parts: Sequence[tuple[pa.ChunkedArray, str]]) -> tuple[pa.ChunkedArray, Flags]:
    """Return the instants that several counts add up to, and which rows hold one that is none.

    Parameters
    ----------
    parts
        Columns of numbers, or of texts of numbers, of one length, each with its unit: ``"s"``,
        ``"ms"``, ``"us"`` or ``"ns"``.

    Returns
    -------
    ChunkedArray
        Instants in UTC, in microseconds, or in nanoseconds where some have them; null where a part
        is null or no number. Added as whole numbers, so that no digit is lost. A sum beyond what
        nanoseconds hold is the first or the last moment that they do.
    ndarray of bool
        Rows with a part that is neither null nor a number.

    Examples
    --------
    >>> starts = pa.chunked_array([[1714557600, 1714557600, None]])
    >>> offsets = pa.chunked_array([["0", "2500000", "0"]])
    >>> times, bad = summed([(starts, "s"), (offsets, "ms")])
    >>> [str(time) for time in times], bad.tolist()
    (['2024-05-01 10:00:00+00:00', '2024-05-01 10:41:40+00:00', 'None'], [False, False, False])
    """
    size = len(parts[0][0])
    microseconds, nanoseconds = np.zeros((2, size), dtype=np.int64)
    known, bad = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    for column, unit in parts:
        there = is_there(column)
        known &= there
        if not is_number(column.type) and not is_text(column.type):
            bad |= there
            continue
        moments = counted(column, unit)
        bad |= there & moments.bad
        # Two that lie at the ends still have room for their sum.
        microseconds += moments.microseconds
        nanoseconds += moments.nanoseconds
    microseconds += nanoseconds // 1000
    beyond = (microseconds < FIRST) | (microseconds > LAST)
    microseconds = np.clip(microseconds, FIRST, LAST)
    nanoseconds = np.where(beyond, 0, nanoseconds % 1000)
    return column_of_times(microseconds, nanoseconds, known & ~bad), bad
