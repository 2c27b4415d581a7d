"""Run the steps of a job in a database."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError, OperationalError

from clicksession.display import Card
from clicksession.errors import ParameterError, RulesChangedError, TargetBusyError
from clicksession.rules import Rules
from clicksession.sql.dialects import spelling
from clicksession.sql.tables import Tables
from clicksession.warehouse.creating import create
from clicksession.warehouse.days import as_days
from clicksession.warehouse.job import Job
from clicksession.warehouse.step import Bounds, Step

__all__ = ["Ask", "JobReport", "connected", "make_missing", "run_job", "run_steps"]

#: Runs a statement and gives its rows.
Ask = Callable[[str], Sequence[Any]]

_WHO = "Incremental.run"


@dataclass(frozen=True)
class JobReport:
    """What a job did.

    Attributes
    ----------
    new
        How many events were stored.
    cut
        How many were cut anew, these among them.
    removed, changed
        How many sessions were taken away, and how many written, most of them in their place.

    Examples
    --------
    >>> print(JobReport(new=1, cut=3, removed=2, changed=1))
    1 new events; 3 cut anew; 1 sessions written in place of 2
    """

    new: int = 0
    cut: int = 0
    removed: int = 0
    changed: int = 0

    def __str__(self) -> str:
        return (
            f"{self.new:,} new events; {self.cut:,} cut anew; {self.changed:,} sessions written "
            f"in place of {self.removed:,}"
        )

    def _repr_html_(self) -> str:
        figures = {each.name: getattr(self, each.name) for each in fields(self)}
        return Card(kind="Job", figures={"": figures}).html


@contextmanager
def connected(data: object, dialect: str) -> Iterator[Connection]:
    """Give a connection to the database that the steps are for."""
    if isinstance(data, Engine):
        with data.connect() as connection:
            yield _checked(connection, dialect)
    elif isinstance(data, Connection):
        yield _checked(data, dialect)
    else:
        must = "a SQLAlchemy Engine or Connection, or a function that runs a text"
        raise ParameterError(_WHO, "connection", must, type(data).__name__)


def _checked(connection: Connection, dialect: str) -> Connection:
    found = connection.dialect.name
    if type(spelling(found)) is not type(spelling(dialect)):
        must = f"one to a database of the dialect {dialect!r}, which the statements are in"
        raise ParameterError(_WHO, "connection", must, found)
    if found == "duckdb":
        # Else its bar is in what a program prints. A notebook without ipywidgets has none, and
        # DuckDB refuses to set it.
        with suppress(DBAPIError):
            connection.exec_driver_sql("SET enable_progress_bar = false")
    return connection


def asking(connection: Connection) -> Ask:
    """Return what runs a statement as it stands, and gives its rows."""
    doubles = connection.dialect.paramstyle in ("format", "pyformat")

    def ask(sql: str) -> Sequence[Any]:
        found = connection.exec_driver_sql(sql.replace("%", "%%") if doubles else sql)
        return found.all() if found.returns_rows else ()

    return ask


def make_missing(connection: Connection, job: Job) -> None:
    """Make the tables that are not there; refuse those of other rules.

    Raises
    ------
    RulesChangedError
        Their sessions were cut by other rules.
    """
    there: dict[str, bool] = {}
    for table, step in create(job):
        held = Tables(schema=table.schema).table(table.name)
        if table.name not in there:
            there[table.name] = Tables.holds(connection, held)
        if not there[table.name]:
            asking(connection)(step.sql)
    rules = connection.execute(select(job.names.job.c.rules)).scalar_one()
    # What was asked must not be what the job sees: it begins when it has claimed the tables.
    connection.commit()
    if Rules.from_json(rules) != job.names.rules:
        detail = (
            f"its sessions were cut by other rules: {Rules.from_json(rules)} Now: {job.names.rules}"
        )
        hint = "Give the same rules, or drop the tables and have all events cut anew."
        raise RulesChangedError(job.name(job.names.sessions), detail, hint)


def run_job(connection: Connection, job: Job, steps: Iterable[Step], take_over: bool) -> JobReport:
    """Run a job, alone.

    Raises
    ------
    TargetBusyError
        Another one is at work, or has ended without letting go.
    """
    ask = asking(connection)
    locks = job.spelled.replaces_by != "transaction"
    if locks and take_over:
        ask(f"DROP TABLE IF EXISTS {job.name(job.names.lock)}")
    claim, *others = steps
    try:
        ask(claim.sql)
    except DBAPIError as error:
        connection.rollback()
        if not locks and not isinstance(error, OperationalError):
            raise
        hint = f"If that has died, run with take_over=True: it drops {job.name(job.names.lock)}."
        raise TargetBusyError(
            job.name(job.names.events),
            "another job is at work on it",
            hint if locks else "Run again when that has ended.",
        ) from error
    try:
        report = run_steps(ask, others)
    except BaseException:
        connection.rollback()
        if locks:
            ask(f"DROP TABLE IF EXISTS {job.name(job.names.lock)}")
            connection.commit()
        raise
    connection.commit()
    return report


def run_steps(ask: Ask, steps: Iterable[Step]) -> JobReport:
    """Run steps in order, with what the questions among them find."""
    days: dict[str, Any] = {}
    values: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for step in steps:
        rows = ask(step.bounded(Bounds(days, values)))
        if step.kind == "count":
            counts[step.name] = int(rows[0][0])
        elif step.kind == "days":
            days[step.name] = as_days(rows)
        elif step.kind == "value":
            values[step.name] = rows[0][0]
    return JobReport(**counts)
