"""Exact incremental sessions as statements for a warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, FromClause, Select, TableClause

from clicksession.keywords import keywords
from clicksession.rules import Rules
from clicksession.sql.dialects import DIALECTS, Ability, spelling
from clicksession.warehouse.creating import create
from clicksession.warehouse.given import as_source, columns_of
from clicksession.warehouse.job import Job
from clicksession.warehouse.merging import ByMerge
from clicksession.warehouse.names import Names
from clicksession.warehouse.parts import Parts
from clicksession.warehouse.running import (
    Ask,
    JobReport,
    connected,
    make_missing,
    run_job,
    run_steps,
)
from clicksession.warehouse.step import Step
from clicksession.warehouse.transaction import InTransaction
from clicksession.warehouse.versions import ByVersions
from clicksession.windows import unsupported

__all__ = ["Incremental", "incremental"]

_WAYS: dict[str, type[InTransaction | ByMerge | ByVersions]] = {
    "transaction": InTransaction,
    "merge": ByMerge,
    "versions": ByVersions,
}


@dataclass(frozen=True, repr=False)
class Incremental:
    """The statements that bring tables of events and sessions up to date with a source."""

    job: Job

    def __repr__(self) -> str:
        names = self.job.names
        return (
            f"<Incremental {names.events.fullname}, {names.sessions.fullname}: {self.job.dialect}>"
        )

    @property
    def create(self) -> tuple[Step, ...]:
        """The statements that make the tables, once."""
        return tuple(step for _, step in create(self.job))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The statements of one job, in order."""
        return tuple(_WAYS[self.job.spelled.replaces_by](self.job).all_of_them())

    @property
    def tables(self) -> tuple[TableClause, ...]:
        """The tables that last: events, sessions, and that of the jobs."""
        return tuple(dict.fromkeys(table for table, _ in create(self.job)))

    @property
    def parts(self) -> Parts:
        """The same as queries, one for each table, for whoever writes their rows in another way."""
        return Parts(self.job)

    def run(self, connection: Connection | Engine | Ask, *, take_over: bool = False) -> JobReport:
        """Bring the tables up to date, and make those that are not there."""
        if callable(connection):
            return run_steps(connection, self.steps)
        with connected(connection, self.job.dialect) as database:
            make_missing(database, self.job)
            return run_job(database, self.job, self.steps, take_over)


@keywords()
def incremental(
    source: FromClause | Select[Any] | str,
    dialect: str,
    *,
    columns: Sequence[str] | None = None,
    rules: Rules | None = None,
    user: str = "user_id",
    time: str = "timestamp",
    event_id: str = "event_id",
    loaded_at: str | None = None,
    same_time: bool = False,
    events: str = "events",
    sessions: str = "sessions",
    schema: str | None = None,
) -> Incremental:
    """Return the statements that keep events and sessions in a warehouse up to date, exactly."""
    rules = rules or Rules()
    DIALECTS.find(dialect)
    spelled = spelling(dialect)
    spelled.must(Ability.INCREMENTAL)
    unsupported(rules, "SQL", "Run clicksession.run, which cuts them in order.")
    rows = as_source(source, columns)
    stored = columns_of(rows, rules, user=user, time=time, event_id=event_id, loaded_at=loaded_at)
    types = {name: rows.c[of].type for name, of in stored.items()}
    stages = (spelled.stage_prefix, spelled.stages_in_schema)
    names = Names(events, sessions, schema, types, rules, *stages)
    return Incremental(Job(dialect, names, rows, stored, loaded_at, same_time))
