"""The statements that make the tables, once."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    TableClause,
    cast,
    func,
    literal,
    literal_column,
    select,
)

from clicksession.sql.constructs import as_float, as_text
from clicksession.warehouse.job import Job
from clicksession.warehouse.names import CHANGED_IN, RUN
from clicksession.warehouse.step import Step

__all__ = ["create"]


def create(job: Job) -> Iterator[tuple[TableClause, Step]]:
    """Give for each table the statements that make it."""
    names = job.names
    for table, does, query in (
        (names.events, "Make the table of events, empty.", _events(job)),
        (names.sessions, "Make the table of sessions, empty.", _sessions(job)),
        (names.job, "Make the table of jobs, with the rules.", _job(job)),
    ):
        yield (
            table,
            _step(
                f"create {table.name}",
                does,
                job.spelled.create("table", job.name(table), job.query(query)),
            ),
        )
        for sql in job.spelled.indexes(table, job.name(table)):
            yield table, _step(f"index {table.name}", "Index it.", sql)


def _step(name: str, does: str, sql: str) -> Step:
    return Step(name, does, lambda _: sql)


def _events(job: Job) -> Select[Any]:
    """Return no events, each column of its type: the source says of which."""
    rows = job.arriving_all()
    derived = [_nothing(name) for name in job.names.derived]
    return select(*rows.c, *derived).where(literal_column("1") == literal_column("0"))


def _sessions(job: Job) -> Select[Any]:
    rows = job.arriving_all()
    columns: dict[str, ColumnElement[Any]] = {
        "user_id": rows.c.user_id,
        "started_at": rows.c.timestamp.label("started_at"),
        "ended_at": rows.c.timestamp.label("ended_at"),
        "duration_seconds": as_float(literal_column("0")).label("duration_seconds"),
    }
    made = [columns.get(name, _nothing(name)) for name in job.names.session_columns]
    return select(*made).where(literal_column("1") == literal_column("0"))


def _job(job: Job) -> Select[Any]:
    mark = cast(literal_column("0"), BigInteger)
    rules = as_text(literal(job.names.rules.to_json()))
    columns: list[ColumnElement[Any]] = [mark.label("mark"), rules.label("rules")]
    return select(*columns)


def _nothing(name: str) -> ColumnElement[Any]:
    """Return a column that can be null, of its type."""
    if name in (*RUN, CHANGED_IN, "event_count"):
        return func.nullif(cast(literal_column("0"), BigInteger), literal_column("0")).label(name)
    return func.nullif(as_text(literal("")), literal("")).label(name)
