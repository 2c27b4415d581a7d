"""What a text says of its zone after its time."""

import re
from dataclasses import dataclass
from functools import lru_cache

from clicksession.readers.rows.times.zones import is_zone

__all__ = ["Tail", "tail_of"]

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


@dataclass(frozen=True)
class Tail:
    """An offset from UTC in seconds, and the zone that must have it then, where one is named."""

    offset: int
    zone: str | None = None


@lru_cache(maxsize=4096)
def tail_of(text: str, *, american: bool = False) -> Tail | None:
    """Return what a text says of the zone: ``Z``, `` UTC``, ``+02:00``, ``+0200 CEST``.

    ``EST`` and its like are read only where they may stand: in mail.

    None where it says nothing that can be read, or contradicts itself. The zone in
    ``Z[Europe/Berlin]`` is only where it was seen: ``Z`` says that the time itself is in UTC.

    Examples
    --------
    >>> tail_of("+02:00[Europe/Berlin]"), tail_of(" +0200 UTC")
    (Tail(offset=7200, zone='Europe/Berlin'), None)
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
        return None if offset is None else Tail(offset)
    return _in_zone(offset, match["zone"], is_utc=match["utc"] is not None)


def _in_zone(offset: int, zone: str, *, is_utc: bool) -> Tail | None:
    fixed = _FIXED.fullmatch(zone)
    if fixed is not None:
        own = _offset(fixed) if fixed["sign"] else 0
        return Tail(offset) if own is not None and (is_utc or own == offset) else None
    if not is_zone(zone):
        return None
    return Tail(offset, None if is_utc else zone)


def _offset(match: re.Match[str]) -> int | None:
    hours, minutes, seconds = (int(match[n] or 0) for n in ("hours", "minutes", "seconds"))
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    size = (hours * 60 + minutes) * 60 + seconds
    return -size if match["sign"] == "-" else size
