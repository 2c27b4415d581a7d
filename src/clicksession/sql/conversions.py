"""What a table of sessions counts of each session: events of the types that are conversions."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, or_

from clicksession.errors import ParameterError
from clicksession.schema import LONGEST_NAME, column_name, fitting

__all__ = ["checked_conversions", "conversion_column", "converts"]

_COUNT = "_count"
_MUST = "event types that are conversions, such as ('placed_order',)"


def conversion_column(event_type: str) -> str:
    """Return the column of the sessions that counts the events of a type.

    Examples
    --------
    >>> conversion_column("placed_order"), conversion_column("Order Completed")
    ('placed_order_count', 'order_completed_count')
    """
    name = column_name(f"{event_type}{_COUNT}")
    if name.endswith("count"):
        return name
    # It was too long, and ends in digits: what it is should be seen all the same.
    return fitting(column_name(event_type), LONGEST_NAME - len(_COUNT)) + _COUNT


def converts(sessions: FromClause, event_types: tuple[str, ...]) -> ColumnElement[bool]:
    """Return whether a session has an event of these types, from what it counts."""
    return or_(*(sessions.c[conversion_column(name)] > 0 for name in event_types))


def checked_conversions(given: Any, taken: tuple[str, ...]) -> tuple[str, ...]:
    """Return event types as a tuple, where each has a column of its own.

    Parameters
    ----------
    given
        One event type, or several.
    taken
        The columns that sessions have anyway.

    Raises
    ------
    ParameterError
        They are no texts, or two of them would be counted in one column.
    """
    several = (given,) if isinstance(given, str) else given
    if not isinstance(several, tuple | list) or not all(
        isinstance(one, str) and one for one in several
    ):
        raise ParameterError("Tables", "conversions", _MUST, given)
    counted = dict.fromkeys(taken, "is another column of the sessions")
    for event_type in dict.fromkeys(several):
        column = conversion_column(event_type)
        problem = counted.get(column)
        if column == "count":
            problem = "says of no type what it counts"
        if problem:
            must = f"{_MUST}, with columns of their own ({column!r} {problem})"
            raise ParameterError("Tables", "conversions", must, event_type)
        counted[column] = f"counts {event_type!r} already"
    return tuple(dict.fromkeys(several))
