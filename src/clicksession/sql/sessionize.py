"""Sessions as a `Select`: the definition of `clicksession.sessionize`, for a database to run."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, or_, select

from clicksession.rules import Rules
from clicksession.sql.constructs import (
    as_text,
    ascending,
    epoch_microseconds,
    microseconds_between,
    previous,
)

__all__ = ["sessionize"]

_MICROSECOND = 1000


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
    kept = [column for column in table.c if column.name not in ("session_id", "session_index")]
    # Rows without a user or a time form partitions of their own: no gap is measured across them.
    known = and_(table.c[user].is_not(None), table.c[time].is_not(None))
    ordered = _step(
        "ordered",
        *kept,
        case((known, 1), else_=0).label("has_session"),
        previous(table.c[time])
        .over(partition_by=[table.c[user], case((known, 1), else_=0)], order_by=_order(table, time))
        .label("previous_time"),
    )
    gap = microseconds_between(ordered.c.previous_time, ordered.c[time])
    starts = or_(ordered.c.previous_time.is_(None), gap > rules.longest_gap(_MICROSECOND))
    marked = _step("marked", *ordered.c, case((starts, 1), else_=0).label("starts_session"))
    numbered = _step(
        "numbered",
        *marked.c,
        func.sum(marked.c.starts_session)
        .over(
            partition_by=[marked.c[user], marked.c.has_session],
            order_by=_order(marked, time),
            rows=(None, 0),
        )
        .label("session_index"),
    )
    named = _step(
        "named",
        *numbered.c,
        func.min(numbered.c[time])
        .over(partition_by=[numbered.c[user], numbered.c.has_session, numbered.c.session_index])
        .label("session_started_at"),
    )
    name = as_text(named.c[user]) + ":" + as_text(epoch_microseconds(named.c.session_started_at))
    has_session = named.c.has_session == 1
    return select(
        *(named.c[column.name] for column in kept),
        case((has_session, name)).label("session_id"),
        case((has_session, named.c.session_index)).label("session_index"),
    )


def _step(name: str, *columns: ColumnElement[Any]) -> FromClause:
    return select(*columns).cte(name)


def _order(table: FromClause, time: str) -> list[ColumnElement[Any]]:
    return [table.c[time], *([ascending(table.c.event_id)] if "event_id" in table.c else [])]
