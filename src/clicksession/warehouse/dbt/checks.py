"""What must be true of the tables, as queries that find no row where it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from clicksession.sql.words import SQLWords
from clicksession.warehouse.dbt.models import Models
from clicksession.warehouse.summary import changed
from clicksession.windows import Window

__all__ = ["Check", "checks"]

_WORDS = SQLWords()
# No mark is compared.
_MARK = literal_column("0", BigInteger())


@dataclass(frozen=True)
class Check:
    """One singular test of dbt.

    Attributes
    ----------
    name
        What it is called.
    says
        What must be true, in a sentence.
    sql
        The query that finds what is not so.
    whole
        Whether it reads all of the source.
    """

    name: str
    says: str
    sql: str
    whole: bool = False


def checks(models: Models) -> Iterator[Check]:
    """Give the tests of a project."""
    if models.names.rules.session_column is None:
        yield Check(
            "sessions_do_not_overlap",
            "No session of a user begins before the one before it has ended.",
            models.text(_overlaps(models.names.sessions)),
        )
    yield Check(
        "every_row_is_stored_once",
        "Every row of the source is stored by its id, and nothing else is; no row lacks an id.",
        models.text(_not_conserved(models)),
        whole=True,
    )
    yield Check(
        "events_are_those_of_a_full_refresh",
        "Each event has the session that one run over the whole source gives it.",
        models.text(_other_events(models)),
        whole=True,
    )
    yield Check(
        "sessions_are_those_of_a_full_refresh",
        "The sessions are those that one run over the whole source gives.",
        models.text(_other_sessions(models)),
        whole=True,
    )


def _overlaps(sessions: FromClause) -> Select[Any]:
    window = Window((_WORDS.whose(sessions, "user_id"),), (sessions.c.started_at,))
    before = _WORDS.previous(sessions.c.ended_at, window).label("ended_before")
    beside = select(sessions.c.session_id, sessions.c.started_at, before).cte("beside")
    return select(*beside.c).where(beside.c.started_at < beside.c.ended_before)


def _not_conserved(models: Models) -> Select[Any]:
    source, events = models.job.source, models.names.events
    theirs = source.c[models.job.columns["event_id"]]
    joined = source.outerjoin(events, events.c.event_id == theirs)
    back = events.outerjoin(source, events.c.event_id == theirs)
    wrong = (
        (joined, theirs, events.c.event_id, theirs.is_not(None), "is not stored"),
        (back, events.c.event_id, theirs, events.c.event_id.is_not(None), "is not in the source"),
    )
    found = [
        select(key.label("event_id"), literal(says).label("wrong"))
        .select_from(rows)
        .where(other.is_(None), is_row)
        for rows, key, other, is_row, says in wrong
    ]
    unnamed = select(theirs.label("event_id"), literal("has no id").label("wrong"))
    rows = union_all(*found, unnamed.where(theirs.is_(None))).cte("wrong_rows")
    return select(*rows.c)


def _other_events(models: Models) -> Select[Any]:
    names = models.names
    keys = ["event_id", *(name for name in names.derived if name in ("session_id", "opened_by"))]
    return _different(keys, models.parts.all_events(_MARK).cte("once"), names.events)


def _other_sessions(models: Models) -> Select[Any]:
    names = models.names
    told = ("duration_seconds", "changed_in")
    keys = [name for name in names.session_columns if name not in told]
    once = changed(names, models.parts.all_events(_MARK).cte("once")).cte("sessions_once")
    return _different(keys, once, names.sessions)


def _different(keys: Sequence[str], expected: CTE, stored: FromClause) -> Select[Any]:
    """Return the rows that are not as often in one as in the other."""
    sides = [
        select(*(rows.c[name] for name in keys), literal_column(number).label("times"))
        for rows, number in ((expected, "1"), (stored, "-1"))
    ]
    both = union_all(*sides).cte("both_sides")
    found = func.sum(both.c.times)
    columns: list[ColumnElement[Any]] = [both.c[name] for name in keys]
    return select(*columns, found.label("times")).group_by(*columns).having(found != 0)
