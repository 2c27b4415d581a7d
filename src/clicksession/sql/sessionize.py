"""Sessions as a `Select`: the definition of `clicksession.sessionize`, for a database to run."""

from typing import Any

from sqlalchemy import FromClause, Select

from clicksession.rules import Rules
from clicksession.sql.words import SQLWords
from clicksession.windows import sessions, unsupported

__all__ = ["sessionize"]


def sessionize(
    table: FromClause, rules: Rules | None = None, *, user: str = "user_id", time: str = "timestamp"
) -> Select[Any]:
    """Return the rows of a table of events, each with its session.

    The same definition as `clicksession.sessionize`, at the database's microseconds: a gap of
    exactly the timeout stays in the session, and an event without a user or a time has none. Ties
    in time break by ``event_id`` where the table has one.

    Parameters
    ----------
    table
        A table, view, subquery or CTE with a row per event.
    rules
        What ends a session; left out: a pause of more than 30 minutes.
    user, time
        The columns that say whose event it is and when it happened.

    Returns
    -------
    Select
        The columns of the table, but for any of these two names, then ``session_id`` (text) and
        ``session_index`` (1 for the first session of a user).

    Examples
    --------
    >>> from sqlalchemy import column, table
    >>> from clicksession import to_sql
    >>> events = table("events", column("user_id"), column("timestamp"))
    >>> print(to_sql(sessionize(events), "duckdb"))  # doctest: +ELLIPSIS
    WITH ordered AS (...
    """
    rules = rules or Rules()
    unsupported(rules, "SQL", "Use clicksession.sessionize over a frame in memory, or of PySpark.")
    statement: Select[Any] = sessions(
        SQLWords(getattr(table, "name", "")), table, rules, user=user, time=time
    )
    return statement
