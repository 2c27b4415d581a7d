"""Texts of times: those that say themselves what they are, and those whose form the schema says."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.rows.times.counts import NUMBER, counted
from clicksession.readers.rows.times.moments import Moments, of_times
from clicksession.readers.rows.times.parts import found_by
from clicksession.schema.forms import pattern_of

__all__ = ["formed", "spelled", "usual"]

_CLOCK = r"(?P<H>\d{1,2})(?::(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,](?P<f>\d+))?)?)?"
_CLOSE = r"(?P<H>\d\d)(?P<M>\d\d)(?:(?P<S>\d\d)(?:[.,](?P<f>\d+))?)?"
_FULL = r"(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)(?:[.,](?P<f>\d+))?"
_DAY = r"(?P<Y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
_DIGITS = r"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)"
_MONTH = r"(?P<b>[A-Za-z]{3})"

# Whatever may say the zone, and the reading of the monotonic clock that Go writes after it.
_ZONE = r"(?P<z>\s?[A-Za-z+-][^=()]*?)?(?:\sm=[+-]\d+(?:\.\d+)?)?"

_SPELLINGS = tuple(
    rf"^\s*{spelling}\s*$"
    for spelling in (
        # ISO 8601 with marks, as databases, BigQuery, Go and Java write it, with or without a zone.
        rf"{_DAY}(?:[Tt ]{_CLOCK})?{_ZONE}",
        # ISO 8601 without marks, wholly or in the time alone.
        rf"{_DIGITS}[Tt ]{_CLOCK}{_ZONE}",
        rf"{_DIGITS}[Tt ]{_CLOSE}{_ZONE}",
        rf"{_DAY}[Tt ]{_CLOSE}{_ZONE}",
        # The same without a T, which only its zone tells from a number: LDAP.
        rf"{_DIGITS}{_CLOSE}(?P<z>Z|[+-]\d{{4}})",
        # RFC 2822: mail, HTTP, feeds.
        rf"(?:(?P<a>[A-Za-z]{{3}}),\s*)?(?P<d>\d{{1,2}})\s+{_MONTH}\s+(?P<Y>\d{{4}})\s+"
        r"(?P<H>\d\d):(?P<M>\d\d)(?::(?P<S>\d\d))?\s+(?P<Z>[A-Za-z]+|[+-]\d{4})(?:\s*\([^()]*\))?",
        # The access logs of web servers.
        rf"\[?(?P<d>\d\d)/{_MONTH}/(?P<Y>\d{{4}}):{_FULL}\s?(?P<z>[+-]\d{{4}}|Z|UTC)\]?",
        # Java's arrays of a local time: of three numbers a date, else with hour and minute.
        r"\[\s*(?P<Y>\d{4})\s*,\s*(?P<m>\d{1,2})\s*,\s*(?P<d>\d{1,2})\s*(?:,\s*(?P<H>\d{1,2})\s*,"
        r"\s*(?P<M>\d{1,2})\s*(?:,\s*(?P<S>\d{1,2})\s*(?:,\s*(?P<n>\d{1,9})\s*)?)?)?\]",
    )
)

# What most logs hold, which Arrow reads by itself, and far faster.
_DATE = r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = r"[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_OFFSET = r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_UTC = " UTC"
_USUAL = tuple(
    (rf"{_DATE}{_TIME}(?:\.\d{{{decimals}}})?{zone}$", pa.timestamp(unit, "UTC" if zone else None))
    for decimals, unit in (("1,6", "us"), ("7,9", "ns"))
    for zone in ("", _OFFSET, _UTC)
)
_SAMPLES = 8


def usual(texts: pa.Array) -> pa.Array | None:
    """Return the times of texts that are all of one usual spelling, if some of them are.

    Arrow reads all of a column or none, and is slow to say that it cannot.
    """
    steps = np.linspace(0, len(texts) - 1, min(len(texts), _SAMPLES)).astype(np.int64)
    samples = texts.take(pa.array(steps)).drop_null()
    for pattern, kind in _USUAL if len(samples) else ():
        if pc.all(pc.match_substring_regex(samples, pattern)).as_py():
            return _cast(texts, kind)
    return None


def _cast(texts: pa.Array, kind: pa.DataType) -> pa.Array | None:
    try:
        if kind.tz is not None:
            texts = pc.replace_substring(texts, _UTC, "Z")
        return texts.cast(kind)
    except pa.ArrowInvalid:
        # Some are of another spelling, or a 30th of February.
        return None


def spelled(texts: pa.Array) -> Moments:
    """Return the moments of texts, and which of them are no time; nulls as any moment."""
    moments = Moments.none(len(texts))
    rows = np.flatnonzero(np.asarray(texts.is_valid()))
    for pattern, kind in _USUAL:
        if not rows.size:
            break
        left = texts.take(pa.array(rows))
        fits = pc.match_substring_regex(left, pattern)
        times = _cast(left.filter(fits), kind)
        if times is not None:
            matched = np.asarray(fits)
            moments.fill(rows[matched], of_times(times))
            rows = rows[~matched]
    for pattern in _SPELLINGS:
        if not rows.size:
            break
        matched, found = found_by(pattern, texts.take(pa.array(rows)))
        moments.fill(rows[matched], found)
        rows = rows[~matched]
    moments.bad[rows] = True
    return moments


def formed(texts: pa.Array, forms: Sequence[str], unit: str | None) -> Moments:
    """Return the moments of texts, each by the first form that it fits; nulls as any moment.

    A text that fits none is no time, unless it is a number and a unit says what it counts.
    """
    moments = Moments.none(len(texts))
    rows = np.flatnonzero(np.asarray(texts.is_valid()))
    for form in forms:
        if not rows.size:
            break
        matched, found = found_by(pattern_of(form), texts.take(pa.array(rows)))
        # 13/05/2024 has no month first: a later form may fit it.
        fits = matched.copy()
        fits[matched] = ~found.bad
        moments.fill(rows[fits], found.taken(~found.bad))
        rows = rows[~fits]
    left = texts.take(pa.array(rows))
    numbers = np.asarray(pc.match_substring_regex(left, NUMBER)) & (unit is not None)
    moments.bad[rows[~numbers]] = True
    if numbers.any():
        moments.fill(rows[numbers], counted(left.filter(pa.array(numbers)), unit))
    return moments
