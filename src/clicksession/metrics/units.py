"""Units of time: counts of microseconds are divided once, at the end."""

from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, literal_column

__all__ = ["TimeUnit", "in_unit", "units"]

TimeUnit = Literal["seconds", "minutes", "hours", "days"]

_MICROSECONDS = {"seconds": "1e6", "minutes": "6e7", "hours": "3.6e9", "days": "8.64e10"}


def units() -> tuple[str, ...]:
    """Return the names of all units."""
    return get_args(TimeUnit)


def in_unit(microseconds: ColumnElement[Any], unit: TimeUnit) -> ColumnElement[Any]:
    """Return a count of microseconds in a unit, fractions kept."""
    # A plain "/", since SQLAlchemy's own adds casts; and a float, since MariaDB rounds quotients
    # of decimals to four digits.
    return microseconds.op("/", precedence=8)(literal_column(_MICROSECONDS[unit]))
