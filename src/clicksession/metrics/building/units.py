"""Units of time: counts of microseconds are divided once, at the end."""

from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, literal_column

from clicksession.sql.constructs import as_float

__all__ = ["TIME_UNITS", "TimeUnit", "in_unit"]

TimeUnit = Literal["seconds", "minutes", "hours", "days"]
#: The names of all units.
TIME_UNITS: tuple[str, ...] = get_args(TimeUnit)

_MICROSECONDS = {
    "seconds": "1000000",
    "minutes": "60000000",
    "hours": "3600000000",
    "days": "86400000000",
}


def in_unit(microseconds: ColumnElement[Any], unit: TimeUnit) -> ColumnElement[Any]:
    """Return a count of microseconds in a unit, fractions kept."""
    # A plain "/", since SQLAlchemy's own adds casts.
    return as_float(microseconds).op("/", precedence=8)(literal_column(_MICROSECONDS[unit]))
