"""The stretch between two pauses that an event is in: all that it can change lies within it."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, case, cast, func, or_, select

from clicksession.rules import Rules
from clicksession.sql.constructs import epoch_microseconds
from clicksession.sql.words import SQLWords
from clicksession.warehouse.names import RUN
from clicksession.windows import Window

__all__ = ["with_runs"]


def with_runs(
    words: SQLWords, rows: FromClause, rules: Rules, pause: ColumnElement[int]
) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    """Return the rows, and of each from when to when its run lasts; null where it has none.

    Where only gaps decide, a run is a session. By other rules it has all events of its user that
    no pause parts, also those that belong to no session.
    """
    if rules.gaps_decide:
        return rows, _of_sessions(rows)
    return _between_pauses(words, rows, pause)


def _of_sessions(rows: FromClause) -> dict[str, ColumnElement[Any]]:
    session, instant = rows.c.session_id, epoch_microseconds(rows.c.timestamp)
    ends = (func.min(instant), func.max(instant))
    return {
        name: case((session.is_not(None), end.over(partition_by=session)))
        for name, end in zip(RUN, ends, strict=True)
    }


def _between_pauses(
    words: SQLWords, rows: FromClause, pause: ColumnElement[int]
) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    taken = set(rows.c.keys())
    at, since, before = (_beside(taken, name) for name in ("at_microsecond", "began", "before"))
    instant = epoch_microseconds(rows.c.timestamp)
    owned = case((rows.c.user_id.is_not(None), instant))
    timed = select(*rows.c, owned.label(at)).cte("timed")

    def theirs(frame: FromClause) -> Window:
        # What has no time or no user is by itself.
        alone = case((frame.c[at].is_(None), 1), else_=0)
        return Window((words.whose(frame, "user_id"), alone), (frame.c[at],))

    previous = words.previous(timed.c[at], theirs(timed)).label(before)
    paced = select(*timed.c, previous).cte("paced")
    opens = or_(paced.c[before].is_(None), paced.c[at] - paced.c[before] > pause)
    start = words.running_max(case((opens, paced.c[at])), theirs(paced)).label(since)
    made = select(*paced.c, start).cte("in_runs")
    whose = (words.whose(made, "user_id"), made.c[since])
    end = func.max(made.c[at]).over(partition_by=whose)
    return made, {
        RUN[0]: made.c[since],
        RUN[1]: case((made.c[at].is_not(None), cast(end, BigInteger))),
    }


def _beside(taken: set[str], name: str) -> str:
    while name in taken:
        name += "_"
    return name
