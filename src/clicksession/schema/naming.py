"""What the column of a field is called."""

import re
from collections.abc import Collection
from functools import lru_cache
from hashlib import sha256

__all__ = [
    "CANONICAL",
    "LONGEST_NAME",
    "SOURCE_SESSION",
    "SYSTEM",
    "are_halves",
    "column_name",
    "fitting",
]

CANONICAL = ("event_id", "user_id", "timestamp", "event_type")

# Columns that the library itself adds: a field of the source steps aside for them.
_RESERVED = (
    *CANONICAL,
    "session_id",
    "session_index",
    "start_reason",
    "user_id_text",
    "event_id_text",
)
_OURS = "clicksession_"

#: What a source's own ``session_id`` is called, since the library gives one.
SOURCE_SESSION = "source_session_id"

#: Columns that every table of PostgreSQL has already:
#: https://www.postgresql.org/docs/current/ddl-system-columns.html
SYSTEM = ("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid")

#: The bytes of a column's name that every database keeps: PostgreSQL cuts what is longer.
LONGEST_NAME = 63
_DIGITS = 12

# Of each batch of a source the same names are asked for.
_REMEMBERED = 2**13

# What the last word of a name says, but for where that time is told.
_DATES = {"date", "day", "dt", "ymd", "yyyymmdd"}
_CLOCKS = {"time", "hour", "hours", "clock", "tod", "tm", "hms", "hhmm", "hhmmss", "timeofday"}
_PLACES = {"utc", "gmt", "local", "of", "day", "tz"}


@lru_cache(_REMEMBERED)
def column_name(path: str) -> str:
    """Return the column that a source path feeds, where no other path of a row feeds it too.

    In snake case. A field with the name of a canonical column that another path feeds, of a column
    that the library adds, or of one that PostgreSQL has in every table, becomes ``source_…``. A
    name of more than 63 bytes, which is what PostgreSQL keeps, ends in digits that stand for the
    rest of it.

    Examples
    --------
    >>> column_name("event.user-agent"), column_name("pageURL"), column_name("clientId")
    ('event_user_agent', 'page_url', 'client_id')
    >>> column_name("session_id")
    'source_session_id'
    >>> column_name("x" * 64)[46:]
    'xxxx_7ce100971f64'
    """
    name = re.sub(r"\W+", "_", _split(path)).strip("_").lower() or "field"
    return fitting(f"source_{name}" if is_reserved(name) else name)


def is_reserved(name: str) -> bool:
    """Say whether a column's name is taken, by the library or by a database."""
    return name in _RESERVED or name in SYSTEM or name.startswith(_OURS)


def fitting(name: str, longest: int = LONGEST_NAME) -> str:
    """Return a column's name, in at most the bytes that every database keeps, or in so many."""
    if len(name.encode()) <= longest:
        return name
    digits = sha256(name.encode()).hexdigest()[:_DIGITS]
    room = longest - _DIGITS - 1
    return f"{name.encode()[:room].decode(errors='ignore')}_{digits}"


def are_halves(first: str, second: str) -> bool:
    """Say whether two paths look like a date and the time of day that belongs to it.

    Examples
    --------
    >>> are_halves("date", "time"), are_halves("eventDate", "event_time"), are_halves("dt", "ts")
    (True, True, False)
    """
    if _last_word(first) in _DATES and _last_word(second, _PLACES) in _CLOCKS:
        return True
    return "date" in first.lower() and first.lower().replace("date", "time") == second.lower()


def _last_word(path: str, beside: Collection[str] = ("utc", "gmt", "local", "tz")) -> str:
    words = [word for word in re.split(r"[\W_\d]+", _split(path).lower()) if word]
    while len(words) > 1 and words[-1] in beside:
        words.pop()
    return words[-1] if words else ""


def _split(path: str) -> str:
    """Return a path with its words of camel case apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", path)
