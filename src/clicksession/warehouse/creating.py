"""The statements that make the tables, once."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    TableClause,
    func,
    literal,
    literal_column,
    select,
)

from clicksession.sql.constructs import as_float, as_text, epoch_microseconds, this_moment
from clicksession.sql.tables import Instant
from clicksession.warehouse.job import Job
from clicksession.warehouse.names import CHANGED_IN, IS_GONE
from clicksession.warehouse.selects import number
from clicksession.warehouse.step import Step

__all__ = ["create"]


def create(job: Job) -> Iterator[tuple[TableClause, Step]]:
    """Give for each table the statements that make it.

    Its columns are of the types that the source has: a query without rows says so.
    """
    names = job.names
    versions = job.spelled.replaces_by == "versions"
    events = names.event_versions if versions else names.events
    sessions = names.session_versions if versions else names.sessions
    for table, key, query in (
        (events, "event_id", _events(job, events)),
        (sessions, "session_id", _sessions(job, sessions)),
        (names.job, "", _job(job)),
    ):
        name = job.name(table)
        yield table, _step("create", table, job.spelled.make(name, job.query(query), key))
        for sql in job.spelled.indexes(table, name):
            yield table, _step("index", table, sql)
    if versions:
        yield from _views(job)


def _views(job: Job) -> Iterator[tuple[TableClause, Step]]:
    names, spelled = job.names, job.spelled
    for view, rows, where in (
        (names.events, names.event_versions, ""),
        (names.sessions, names.session_versions, f"{IS_GONE} = 0"),
    ):
        query = spelled.latest(job.name(rows), job.listed(view), where)
        yield view, _step("create", view, spelled.create("view", job.name(view), query))


def _step(what: str, table: TableClause, sql: str) -> Step:
    does = {"create": "Make it, empty.", "index": "Have its rows at hand."}
    return Step(f"{what} {table.name}", does[what], lambda _: sql)


def _events(job: Job, table: TableClause) -> Select[Any]:
    rows = job.arriving_all()
    return _empty(table, rows, {column.key: column for column in rows.c})


def _sessions(job: Job, table: TableClause) -> Select[Any]:
    rows = job.arriving_all()
    columns: dict[str, ColumnElement[Any]] = {
        "user_id": rows.c.user_id,
        "started_at": rows.c.timestamp,
        "ended_at": rows.c.timestamp,
        "duration_seconds": as_float(epoch_microseconds(rows.c.timestamp)),
    }
    return _empty(table, rows, columns)


def _empty(
    table: TableClause, rows: FromClause, columns: dict[str, ColumnElement[Any]]
) -> Select[Any]:
    """Return no rows, with these columns and others of their types.

    Others are expressions over the source, since a constant is as narrow as it can be to some
    databases: a 0 is of 32 bits, and a text of none.
    """
    count = epoch_microseconds(rows.c.timestamp)
    words = as_text(rows.c.user_id) + literal_column("':'") + as_text(count)
    others = {
        # Never null: what tells versions apart has to be there.
        CHANGED_IN: func.coalesce(count, number(0)),
        IS_GONE: func.coalesce(count, number(0)),
        "session_id": func.nullif(words, literal("")),
        "opened_by": func.nullif(words, literal("")),
    }
    otherwise = func.nullif(count, number(0))
    made = [
        columns.get(each.key, others.get(each.key, otherwise)).label(each.key) for each in table.c
    ]
    return select(*made).where(literal_column("1") == literal_column("0"))


def _job(job: Job) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [
        epoch_microseconds(this_moment(Instant())).label("mark"),
        as_text(literal(job.names.rules.to_json())).label("rules"),
    ]
    return select(*columns)
