"""Sessions as a `Select`: the definition of `clicksession.sessionize`, for a database to run."""

from typing import Any

from sqlalchemy import FromClause, Select

from clicksession.errors import ParameterError, did_you_mean
from clicksession.keywords import keywords
from clicksession.rules import Rules
from clicksession.sql.words import SQLWords
from clicksession.windows import sessions, unsupported

__all__ = ["sessionize"]

_WHO = "sql.sessionize"


@keywords()
def sessionize(
    table: FromClause, rules: Rules | None = None, *, user: str = "user_id", time: str = "timestamp"
) -> Select[Any]:
    """Return the rows of a table of events, each with its session.

    The same definition as `clicksession.sessionize`, at the database's microseconds: a gap of
    exactly the timeout stays in the session, and an event without a user or a time has none. Ties
    in time break by ``event_id``, which each event must have where the rules depend on it.

    Parameters
    ----------
    table
        A table, view, subquery or CTE with a row per event. Columns of text should have their
        type, so that they are compared by code points whatever their collation says.
    rules
        What ends a session; left out: a pause of more than 30 minutes.
    user, time
        The columns that say whose event it is and when it happened.

    Returns
    -------
    Select
        The columns of the table, but for any of these names, then ``session_id`` (text),
        ``session_index`` (1 for the first session of a user) and, with rules by which more than a
        pause ends a session, ``start_reason`` (text).

    Raises
    ------
    UnsupportedRuleError
        Rules that need to know where the session at hand began: `max_duration`, `max_events`,
        `max_rate`, or a timeout that is measured from the start.
    ParameterError
        A column that the table does not have: also ``event_id``, for rules by which the order of
        events of one moment matters.

    Examples
    --------
    >>> from sqlalchemy import column, table
    >>> from clicksession import to_sql
    >>> events = table("events", column("user_id"), column("timestamp"))
    >>> print(to_sql(sessionize(events), "duckdb"))  # doctest: +ELLIPSIS
    WITH known AS (...
    """
    rules = rules or Rules()
    for parameter, name in (("user", user), ("time", time), *(("rules", n) for n in rules.columns)):
        if name not in table.c:
            columns = list(table.c.keys())
            must = f"a column of the table ({', '.join(columns)})"
            raise ParameterError(_WHO, parameter, must, name, did_you_mean(name, columns))
    if rules.order_decides and "event_id" not in table.c:
        must = "with event_id, as by these rules the order of events of one moment matters"
        hint = "Add a column that says which of them comes first, under that name."
        raise ParameterError(_WHO, "table", must, list(table.c.keys()), hint)
    unsupported(rules, "SQL", "Use clicksession.sessionize over a frame in memory, or of PySpark.")
    statement: Select[Any] = sessions(
        SQLWords(getattr(table, "name", "")), table, rules, user=user, time=time
    )
    return statement
