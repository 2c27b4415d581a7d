"""Texts of times that say themselves what they are."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.times.moments import Counts, Flags, Moments, saturated
from clicksession.readers.times.parts import found_by

__all__ = ["spelled"]

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

# What most logs hold; these a parser reads that is three times as fast, and more lenient.
_USUAL = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?"
_LOCAL, _ZONED = rf"{_USUAL}$", rf"{_USUAL}(?:Z|[+-]\d\d:?\d\d)$"


def spelled(texts: pa.Array) -> Moments:
    """Return the moments of texts, and which of them are no time; nulls as any moment."""
    moments = Moments.none(len(texts))
    left = np.asarray(texts.is_valid()).copy()
    for pattern, zoned in ((_LOCAL, False), (_ZONED, True)):
        _read_usual(texts, pattern, moments, left, zoned=zoned)
    rows = np.flatnonzero(left)
    for pattern in _SPELLINGS:
        if not rows.size:
            break
        matched, found = found_by(pattern, texts.take(pa.array(rows)))
        moments.fill(rows[matched], found)
        rows = rows[~matched]
    moments.bad[rows] = True
    return moments


def _read_usual(
    texts: pa.Array, pattern: str, moments: Moments, left: Flags, *, zoned: bool
) -> None:
    """Read the texts of one usual pattern, and take those that could be read from what is left."""
    fits = np.asarray(pc.match_substring_regex(texts, pattern).fill_null(False))
    if not fits.any():
        return
    series = texts.filter(pa.array(fits)).to_pandas().astype("str")
    times = pd.to_datetime(series, format="ISO8601", utc=zoned, errors="coerce")
    good = times.notna().to_numpy()
    rows = np.flatnonzero(fits)[good]
    counts, nanoseconds = _counts(times[good])
    moments.microseconds[rows] = saturated(counts, 1)
    moments.nanoseconds[rows] = nanoseconds
    moments.wall[rows] = not zoned
    left[rows] = False


def _counts(times: "pd.Series[pd.Timestamp]") -> tuple[Counts, Counts]:
    """Return times in whole microseconds, and the nanoseconds beyond them."""
    plain = times.dt.tz_localize(None) if times.dt.tz is not None else times
    counts = plain.to_numpy()
    if np.datetime_data(counts.dtype)[0] == "ns":
        whole = counts.astype(np.int64)
        return whole // 1000, whole % 1000
    return counts.astype("datetime64[us]").astype(np.int64), np.zeros(len(counts), dtype=np.int64)
