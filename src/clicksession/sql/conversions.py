"""What a table of sessions counts of each session: events of the types that are conversions."""

from sqlalchemy import ColumnElement, FromClause, or_

from clicksession.windows.kept import conversion_column

__all__ = ["conversion_column", "converts"]


def converts(sessions: FromClause, event_types: tuple[str, ...]) -> ColumnElement[bool]:
    """Return whether a session has an event of these types, from what it counts."""
    return or_(*(sessions.c[conversion_column(name)] > 0 for name in event_types))
