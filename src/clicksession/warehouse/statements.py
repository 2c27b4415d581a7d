"""Exact incremental sessions as statements for a warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, FromClause, Select, TableClause

from clicksession.display import Card
from clicksession.keywords import keywords
from clicksession.rules import Rules
from clicksession.sql.dialects import DIALECTS, Ability, spelling
from clicksession.warehouse.creating import create
from clicksession.warehouse.given import as_source, check_types, columns_of
from clicksession.warehouse.job import Job
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
from clicksession.warehouse.ways import WAYS
from clicksession.windows import unsupported

__all__ = ["Incremental", "incremental"]


@dataclass(frozen=True, repr=False)
class Incremental:
    """The statements that bring events and sessions in a warehouse up to date with a source.

    After a job the tables are those of one over everything: of each id the row that came first,
    and sessions as `sessionize` cuts them, whatever comes late, twice, or in another order. Only
    what lies in a stretch between two pauses of a user that a new event is in, or joins, is read
    and written anew. Rows that leave the source stay in the tables.

    Attributes
    ----------
    job
        The source, the tables, the rules and the dialect.

    Examples
    --------
    >>> made = incremental("clicks", "duckdb", columns=["event_id", "user_id", "timestamp"])
    >>> [step.name for step in made.create], made.in_transaction
    (['create events', 'create sessions', 'create events_job'], True)
    """

    job: Job

    def __repr__(self) -> str:
        names = self.job.names
        tables = f"{names.events.fullname}, {names.sessions.fullname}"
        return f"<Incremental {tables}: {self.job.dialect}>"

    def _repr_html_(self) -> str:
        return Card(
            kind="Incremental sessions",
            name=self.job.dialect,
            sentences=[self.describe()],
            folded={
                f"{n}. {step.name}": f"-- {step.does}\n{step.sql}"
                for n, step in enumerate(self.steps, 1)
            },
        ).html

    def describe(self) -> str:
        """Return what a job does, in a few sentences.

        Examples
        --------
        >>> columns = ["event_id", "user_id", "timestamp"]
        >>> print(incremental("raw.clicks", "duckdb", columns=columns).describe())
        Rows of raw.clicks whose event_id is not in events yet are added to it, and sessions follow.
        A session ends after a pause of more than 30 minutes. A job is one transaction.
        """
        names, way = self.job.names, self.job.spelled.replaces_by
        source = getattr(self.job.source, "fullname", "the query")
        alone = "A job is one transaction."
        if way != "transaction":
            alone = "Each table is replaced at once; a job that ends between them is run again."
        return (
            f"Rows of {source} whose {self.job.columns['event_id']} is not in "
            f"{names.events.fullname} yet are added to it, and {names.sessions.fullname} follow. "
            f"{names.rules} {alone}"
        )

    @property
    def create(self) -> tuple[Step, ...]:
        """The statements that make the tables, once.

        They take the types of the source. Tables that are there already, with these columns, do as
        well: with partitions, for example.
        """
        return tuple(step for _, step in create(self.job))

    @property
    def in_transaction(self) -> bool:
        """Whether the steps belong into one transaction."""
        return self.job.spelled.replaces_by == "transaction"

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The statements of one job, in order.

        Each has a name, says what it does, and has its SQL. Some are questions (`kind` is
        ``"days"`` or ``"value"``): those behind them that name them in `takes` can have the answer
        as a literal, and then read less. Run by hand without, they do the same.
        """
        return tuple(WAYS[self.job.spelled.replaces_by](self.job).all_of_them())

    @property
    def tables(self) -> tuple[TableClause, ...]:
        """The tables that last: events, sessions, and that of the jobs."""
        return tuple(dict.fromkeys(table for table, _ in create(self.job)))

    @property
    def parts(self) -> Parts:
        """The same as queries, one for each table, for whoever writes their rows in another way."""
        return Parts(self.job)

    def run(self, connection: Connection | Engine | Ask, *, take_over: bool = False) -> JobReport:
        """Bring the tables up to date, and make those that are not there.

        A table of events or sessions that was dropped is made anew, and filled. What one job does
        not end, the next one does.

        Parameters
        ----------
        connection
            An `Engine`, or a `Connection` without a transaction of its own; or a function that
            runs a statement as text and returns its rows, for what SQLAlchemy does not reach. Then
            the tables must be there, and the transaction is yours.
        take_over
            Where there are no transactions over several statements, a table says that a job is at
            work. One that was killed leaves it behind: this drops it.

        Returns
        -------
        JobReport
            How many events were new, and what was written.

        Raises
        ------
        TargetBusyError
            Another job is at work. Where the database lets it wait, it waits.
        RulesChangedError
            The tables are of other rules.
        ParameterError
            The connection leads to another kind of database.

        Examples
        --------
        >>> from sqlalchemy import create_engine
        >>> engine = create_engine("duckdb:///:memory:")
        >>> with engine.begin() as connection:
        ...     _ = connection.exec_driver_sql(
        ...         "CREATE TABLE clicks AS SELECT 1 AS event_id, 'ann' AS user_id, "
        ...         "TIMESTAMP '2024-05-01 10:00:00' AS timestamp"
        ...     )
        >>> columns = ["event_id", "user_id", "timestamp"]
        >>> print(incremental("clicks", "duckdb", columns=columns).run(engine))
        1 new events; 1 cut anew; 1 sessions written in place of 0
        """
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
    """Return the statements that keep events and sessions in a warehouse up to date, exactly.

    A new event can change only the stretch of its user's events between two pauses that it is in,
    or joins: all of that is cut anew with `sql.sessionize`, however late the event is. By rules
    that reach beyond a pause (`Rules.unbounded`), it is all events of its user.

    Parameters
    ----------
    source
        A table or query of SQLAlchemy, or the name of a table; it may have all rows or only those
        that came since. Rows without an id are left out. MariaDB and SQL Server need the types of
        the columns.
    dialect
        The database, as for `to_sql`; `UnsupportedDialectError` says of which there are none.
    columns
        With the name of a table: its columns, as far as they are to be stored.
    rules
        What ends a session; left out: a pause of more than 30 minutes.
    user, time, event_id
        The columns of the source that say whose event it is, when it happened, and which it is.
        They are stored as ``user_id``, ``timestamp`` and ``event_id``, others under their names.
    loaded_at
        A column that never becomes less from one load to the next, such as the time of loading or
        the number of a batch. Then only rows from the last that was stored on are looked at; a
        load that commits behind one with a later mark would be missed.
    same_time
        Whether a row that repeats an id has its time, too, as deliveries do that are made again.
        Then ids are looked for only on the days of what arrives; of one that comes again with
        another day, both rows would be stored.
    events, sessions
        What the tables are called.
    schema
        Where they are.

    Returns
    -------
    Incremental
        The statements, and `Incremental.run`, which runs them. ``events`` has the columns of the
        source, ``session_id``, from when to when the stretch lasts (``run_from``, ``run_to``, in
        microseconds since 1970, and null without one), and ``changed_in``, the mark of the job
        that last wrote the row. ``sessions`` has ``session_id``, ``user_id``, ``started_at``,
        ``ended_at``, ``duration_seconds``, ``event_count`` and ``changed_in``. Metrics read both as
        they are. Neither says which of its user's sessions it is, nor why it began: an event that
        comes late may change that of all later ones, so that ``parts.numbered()`` derives both.

    Raises
    ------
    UnsupportedDialectError
        The database cannot say it.
    UnsupportedRuleError
        Rules that window expressions cannot say.
    ParameterError
        A column that the source does not have, or has and the tables need for themselves.

    Examples
    --------
    >>> columns = ["event_id", "user_id", "timestamp", "page"]
    >>> made = incremental("raw.clicks", "bigquery", columns=columns, schema="web")
    >>> made
    <Incremental web.events, web.sessions: bigquery>
    >>> [step.name for step in made.steps][:3]
    ['claim', 'make events_new', 'around']
    """
    rules = rules or Rules()
    DIALECTS.find(dialect)
    spelled = spelling(dialect)
    spelled.must(Ability.INCREMENTAL)
    unsupported(rules, "SQL", "Run clicksession.run, which cuts them in order.")
    rows = as_source(source, columns)
    stored = columns_of(rows, rules, user=user, time=time, event_id=event_id, loaded_at=loaded_at)
    check_types(rows, dialect, user, event_id)
    types = {name: rows.c[of].type for name, of in stored.items()}
    stages = (spelled.stage_prefix, spelled.stages_in_schema)
    names = Names(events, sessions, schema, types, rules, *stages)
    return Incremental(Job(dialect, names, rows, stored, loaded_at, same_time))
