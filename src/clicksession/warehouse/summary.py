"""Sessions of the events that were written anew, and which stored ones they replace."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    case,
    func,
    literal_column,
    select,
)

from clicksession.rules import reasons
from clicksession.sql.constructs import as_float, epoch_microseconds
from clicksession.warehouse.names import CHANGED_IN, Names

__all__ = ["changed", "numbered", "stale"]


def changed(names: Names, events: FromClause, *where: ColumnElement[bool]) -> Select[Any]:
    """Return the sessions of events, each whole, since a job marks all that is near an event.

    Parameters
    ----------
    names
        What the columns are called.
    events
        The events.
    where
        Which were written anew.
    """
    began, ended = func.min(events.c.timestamp), func.max(events.c.timestamp)
    instant = epoch_microseconds(events.c.timestamp)
    lasted = as_float(func.max(instant) - func.min(instant))
    columns: dict[str, ColumnElement[Any]] = {
        "session_id": events.c.session_id,
        "user_id": events.c.user_id,
        "started_at": began,
        "ended_at": ended,
        # One division of exact integers, so that 90 minutes are 5400.0 and not a hair beside.
        "duration_seconds": lasted.op("/", precedence=8)(literal_column("1000000")),
        "event_count": func.count(),
        CHANGED_IN: func.max(events.c[CHANGED_IN]),
    }
    if "opened_by" in names.derived:
        columns["opened_by"] = func.min(events.c.opened_by)
    return (
        select(*(columns[name].label(name) for name in names.session_columns))
        .where(events.c.session_id.is_not(None), *where)
        .group_by(events.c.session_id, events.c.user_id)
    )


def stale(events: FromClause, sessions: FromClause, *where: ColumnElement[bool]) -> Select[Any]:
    """Return the ids of the stored sessions whose first event was written anew.

    Not by the ids that events have now: one that a late event ended is in none of them.
    """
    moments = (
        select(events.c.user_id, events.c.timestamp)
        .where(events.c.user_id.is_not(None), *where)
        .distinct()
        .cte("moments")
    )
    is_first = (sessions.c.user_id == moments.c.user_id) & (
        sessions.c.started_at == moments.c.timestamp
    )
    return select(sessions.c.session_id).select_from(sessions.join(moments, is_first)).distinct()


def numbered(names: Names, sessions: FromClause) -> Select[Any]:
    """Return the sessions with their ordinals among those of their user, and why each began.

    Late events change both of sessions that are far from them: so they are derived, not stored.
    """
    order: list[Any] = [sessions.c.started_at]
    if names.rules.columns:
        # Of two that start in one microsecond the second has a suffix.
        order += [func.length(sessions.c.session_id), sessions.c.session_id]
    index = func.row_number().over(partition_by=sessions.c.user_id, order_by=order)
    placed = select(*sessions.c, index.label("session_index")).cte("placed")
    explained = "opened_by" in names.derived
    otherwise: Any = placed.c.opened_by if explained else reasons.TIMEOUT
    reason = case((placed.c.session_index == 1, reasons.FIRST), else_=otherwise)
    told = [each for each in placed.c if each.name not in ("opened_by", CHANGED_IN)]
    return select(*told, reason.label("start_reason"))
