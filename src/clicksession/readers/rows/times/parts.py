"""The parts that a pattern finds in texts of times, put together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.rows.times.moments import Counts, Flags, Moments, dates, saturated
from clicksession.readers.rows.times.zones import is_zone, offsets_at

__all__ = ["found_by"]

_SECOND = 10**6
_DAY = 86_400 * _SECOND

# In English, whatever the machine speaks.
_MONTHS = pa.array(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"))
_WEEKDAYS = pa.array(re.findall("...", "montuewedthufrisatsun"))

# The first of January 1970 was a Thursday, the fourth day counted from Monday, from 0 on.
_THURSDAY = 3

# As POSIX has it: two digits from 69 on are of the last century.
_CENTURY = 69

_OFFSET = r"(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d)(?::?(?P<seconds>\d\d))?)?"

# An offset counts, whatever name Go writes after it; only one that says UTC can contradict it.
_TAIL = re.compile(
    rf"\s*(?:(?P<utc>Z|UTC?|GMT)|(?P<named>[ECMP][SD]T)|{_OFFSET}"
    r"(?:\s(?P<name>[A-Z]{2,5}|[+-]\d\d(?:\d\d)?))?)"
    r"(?:\[!?(?P<zone>[^\]]+)\])?\s*",
    re.IGNORECASE,
)
_FIXED = re.compile(rf"(?:(?:UTC|GMT|UT)?{_OFFSET}|Z)", re.IGNORECASE)

# RFC 2822, 4.3: the zones of North America. The other letters that it names say nothing.
_NAMED = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_UTC = ("Z", "UTC", "UT", "GMT")

Parts = Mapping[str, pa.Array]


@dataclass(frozen=True)
class _Tail:
    """An offset from UTC in seconds, and the zone that must have it then, where one is named."""

    offset: int
    zone: str | None = None


def found_by(pattern: str, texts: pa.Array) -> tuple[Flags, Moments]:
    """Return which texts a pattern matches, and the moments of these.

    Its groups are named as `strptime` names what they are: ``Y`` or ``y``, ``m`` or ``b``, ``d``
    or ``j``, ``H`` or ``I`` with ``p``, ``M``, ``S``, ``f`` for the fraction of a second, ``n``
    for nanoseconds, ``a`` for the day of the week, ``z`` for all that says the zone, ``Z`` for the
    same where names of zones in North America may stand.
    """
    found = pc.extract_regex(texts, pattern)
    matched = np.asarray(found.is_valid())
    if not matched.any():
        return matched, Moments.none(0)
    found = found.filter(pa.array(matched))
    parts = dict(zip((field.name for field in found.type), found.flatten(), strict=True))
    return matched, _together(parts, len(found))


def _together(parts: Parts, size: int) -> Moments:
    moments = Moments.none(size)
    midnights, bad = _dates(parts, size)
    hours, wrong = _hours(parts, size)
    minutes, seconds = _number(parts, "M", size), _number(parts, "S", size)
    nanoseconds = _fraction(parts, size)
    bad |= wrong | (hours > 23) | (minutes > 59) | (seconds > 59)
    clock = ((hours * 60 + minutes) * 60 + seconds) * _SECOND
    moments.microseconds[:] = np.where(bad, 0, midnights + clock) + nanoseconds // 1000
    moments.nanoseconds[:] = nanoseconds % 1000
    moments.bad[:] = bad
    moments.wall[:] = True
    if "n" in parts:
        # Fewer than 1000 nanoseconds are more often milliseconds, by another setting of Jackson's.
        moments.doubtful[:] = (nanoseconds > 0) & (nanoseconds < 1000)
    for name in ("z", "Z"):
        if name in parts:
            _apply_tails(moments, parts, name)
    moments.microseconds[:] = saturated(moments.microseconds, 1)
    return moments


def _dates(parts: Parts, size: int) -> tuple[Counts, Flags]:
    if "y" in parts:
        years = _number(parts, "y", size)
        years += np.where(years < _CENTURY, 2000, 1900)
    else:
        years = _number(parts, "Y", size)
    if "j" in parts:
        days = _number(parts, "j", size)
        ones = np.ones(size, dtype=np.int64)
        first, bad = dates(years, ones, ones)
        next_year, _ = dates(np.minimum(years + 1, 9999), ones, ones)
        bad |= (days < 1) | (days > np.where(years < 9999, (next_year - first) // _DAY, 365))
        midnights = first + np.where(bad, 0, (days - 1) * _DAY)
    else:
        months = _number(parts, "m", size) if "m" in parts else _name(parts["b"], _MONTHS) + 1
        midnights, bad = dates(years, months, _number(parts, "d", size))
    if "a" in parts:
        bad = bad | _on_another_day(parts["a"], midnights)
    return midnights, bad


def _on_another_day(names: pa.Array, midnights: Counts) -> Flags:
    """Say which dates are on no such day of the week."""
    said = np.asarray(pc.not_equal(names, ""))
    days = (midnights // _DAY + _THURSDAY) % 7
    differ: Flags = said & (_name(names, _WEEKDAYS) != days)
    return differ


def _hours(parts: Parts, size: int) -> tuple[Counts, Flags]:
    if "I" not in parts:
        return _number(parts, "H", size), np.zeros(size, dtype=bool)
    hours = _number(parts, "I", size)
    late = np.asarray(pc.starts_with(parts["p"], "p", ignore_case=True))
    return hours % 12 + 12 * late, (hours < 1) | (hours > 12)


def _fraction(parts: Parts, size: int) -> Counts:
    """Return the nanoseconds; digits beyond them are left out."""
    if "n" in parts:
        return _number(parts, "n", size)
    if "f" not in parts:
        return np.zeros(size, dtype=np.int64)
    digits = pc.utf8_rpad(pc.utf8_slice_codeunits(parts["f"], 0, 9), 9, "0")
    return np.asarray(digits.cast(pa.int64())).copy()


def _number(parts: Parts, name: str, size: int) -> Counts:
    if name not in parts:
        return np.zeros(size, dtype=np.int64)
    digits = parts[name]
    filled = pc.if_else(pc.equal(digits, ""), "0", pc.utf8_trim_whitespace(digits))
    return np.asarray(filled.cast(pa.int64())).copy()


def _name(names: pa.Array, known: pa.Array) -> Counts:
    """Return the number of each name in a list of short ones; -1 where it is none of them."""
    short = pc.utf8_slice_codeunits(pc.utf8_lower(names), 0, 3)
    return np.asarray(pc.index_in(short, known).fill_null(-1)).astype(np.int64)


def _apply_tails(moments: Moments, parts: Parts, name: str) -> None:
    """Make instants of the times whose texts name their zone or offset: few differ."""
    encoded = parts[name].dictionary_encode()
    codes = np.asarray(encoded.indices)
    dated = np.asarray(pc.equal(parts["H"], "")) if "H" in parts else None
    for code, text in enumerate(encoded.dictionary.to_pylist()):
        if not text.strip():
            continue
        rows = np.flatnonzero(codes == code)
        if dated is not None:
            # A zone belongs to a time of day.
            moments.bad[rows[dated[rows]]] = True
        tail = _tail_of(text, american=name == "Z")
        if tail is None:
            moments.bad[rows] = True
        else:
            _apply(moments, rows, tail)


def _apply(moments: Moments, rows: Counts, tail: _Tail) -> None:
    instants = saturated(moments.microseconds[rows] - tail.offset * _SECOND, 1)
    moments.microseconds[rows] = instants
    moments.wall[rows] = False
    if tail.zone is not None:
        moments.bad[rows] |= offsets_at(tail.zone, instants) != tail.offset * _SECOND


@lru_cache(maxsize=4096)
def _tail_of(text: str, *, american: bool = False) -> _Tail | None:
    """Return what a text says of the zone: ``Z``, `` UTC``, ``+02:00``, ``+0200 CEST``.

    ``EST`` and its like are read only where they may stand: in mail.

    None where it says nothing that can be read, or contradicts itself. The zone in
    ``Z[Europe/Berlin]`` is only where it was seen: ``Z`` says that the time itself is in UTC.

    Examples
    --------
    >>> _tail_of("+02:00[Europe/Berlin]"), _tail_of(" +0200 UTC")
    (_Tail(offset=7200, zone='Europe/Berlin'), None)
    """
    match = _TAIL.fullmatch(text)
    if match is None or (match["named"] and not american):
        return None
    if match["sign"] is None:
        offset: int | None = 3600 * _NAMED.get((match["named"] or "").upper(), 0)
    else:
        offset = _offset(match)
        if offset and (match["name"] or "").upper() in _UTC:
            return None
    if offset is None or match["zone"] is None:
        return None if offset is None else _Tail(offset)
    return _in_zone(offset, match["zone"], is_utc=match["utc"] is not None)


def _in_zone(offset: int, zone: str, *, is_utc: bool) -> _Tail | None:
    fixed = _FIXED.fullmatch(zone)
    if fixed is not None:
        own = _offset(fixed) if fixed["sign"] else 0
        return _Tail(offset) if own is not None and (is_utc or own == offset) else None
    if not is_zone(zone):
        return None
    return _Tail(offset, None if is_utc else zone)


def _offset(match: re.Match[str]) -> int | None:
    hours, minutes, seconds = (int(match[n] or 0) for n in ("hours", "minutes", "seconds"))
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    size = (hours * 60 + minutes) * 60 + seconds
    return -size if match["sign"] == "-" else size
