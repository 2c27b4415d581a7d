"""Ask a target, and say in words what it cannot answer."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select

from clicksession.errors import (
    NothingFoundError,
    ParameterError,
    UnsupportedDialectError,
    WriteError,
)
from clicksession.metrics import Metric
from clicksession.metrics.building.execution import Place, opened
from clicksession.reporting.numbers import counted, shortened
from clicksession.reporting.views import Answer, View
from clicksession.sql.tables import Tables
from clicksession.sql.text import settled, to_sql
from clicksession.sql.urls import connected, shown_url
from clicksession.writers.tables.ownership import require_own

__all__ = ["Asking", "asking"]

_WHO = "report"
_MUST = "an Engine, a Connection, or a database URL, such as 'duckdb:///shop.duckdb'"
_SHOWN = 8
_NOTHING = "There is nothing to count."


@dataclass(frozen=True)
class _Top:
    """The first rows of a metric's table, so that a page stays small."""

    metric: Metric
    rows: int

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement."""
        return self.metric.select(tables).limit(self.rows)

    def __getattr__(self, name: str) -> Any:
        # All else is as the metric has it.
        return getattr(self.metric, name)


@dataclass(frozen=True)
class Asking:
    """A target that is asked, one question after another."""

    place: Place
    heard: list[str] = field(default_factory=list)

    @property
    def connection(self) -> Connection:
        """The connection to the target."""
        return self.place.connection

    @property
    def tables(self) -> Tables:
        """The tables of the target, with what its sessions keep."""
        return self.place.tables

    def answer(
        self,
        title: str,
        metric: Metric,
        show: Callable[[Any], View | None],
        *,
        top: int | None = None,
    ) -> Answer:
        """Return what a metric gives, with its sentence and statement, or why there is nothing.

        Parameters
        ----------
        title
            What it is called on the page.
        metric
            What is asked; its roles are played by what this target says.
        show
            Makes of the answer what is shown; None for nothing.
        top
            How many rows of a table to take; left out: all.
        """
        named = self.place.named(metric)
        asked: Any = named if top is None else _Top(named, top)
        self.heard.clear()
        try:
            sql, found = self.sql(asked.select(self.tables)), self.place.answer(asked)
        except NothingFoundError as error:
            return Answer(title, why_not=_not_found(error))
        except (ParameterError, UnsupportedDialectError) as error:
            return Answer(title, why_not=str(error))
        view = None if found is None else show(found)
        notes = tuple(self.heard)
        return Answer(title, named.describe(), sql, view, "" if view else _NOTHING, notes)

    def rows(self, statement: Select[Any]) -> Sequence[Any]:
        """Return the rows of a statement."""
        return self.connection.execute(settled(statement, self._dialect)).all()

    def sql(self, statement: Select[Any]) -> str:
        """Return a statement as text for this database."""
        return to_sql(statement, self._dialect)

    @property
    def _dialect(self) -> str:
        return self.connection.dialect.name


@contextmanager
def asking(target: Any, tables: Tables | None) -> Iterator[Asking]:
    """Open a target to be asked; it is only read, and all that is asked is of one moment.

    Raises
    ------
    ParameterError
        It is no target of this library, or cannot be read.
    """
    tables = Tables.given(tables, who=_WHO)
    with connected(target, who=_WHO, parameter="target", must=_MUST) as connection:
        if not connection.in_transaction():
            _hold_still(connection)
        _require_target(connection, tables)
        heard: list[str] = []
        with opened(connection, tables, say=heard.append) as place:
            yield Asking(place, heard)


def _hold_still(connection: Connection) -> None:
    """Have all statements see the target as it is now, whatever is written meanwhile."""
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ")
    elif connection.dialect.name == "sqlite":
        # Its driver begins a transaction with the first write alone.
        connection.exec_driver_sql("BEGIN")


def _require_target(connection: Connection, tables: Tables) -> None:
    got = shown_url(connection.engine.url)
    try:
        require_own(connection, tables)
    except WriteError as error:
        must = f"a target of this library (table {error.table!r}: {error.reason})"
        raise ParameterError(_WHO, "target", must, got) from None
    if not tables.exist(connection):
        names = f"{tables.table('events').name!r} and {tables.table('sessions').name!r}"
        must = f"a database with the tables {names}, which run() or SQLWriter makes"
        raise ParameterError(_WHO, "target", must, got)


def _not_found(error: NothingFoundError) -> str:
    """Return in words that events do not occur, and which do."""
    named = " or ".join(repr(shortened(name)) for name in error.looked_for)
    found = [
        f"{'no type' if kind is None else repr(shortened(kind))} ({count:,})"
        for kind, count in error.occurring[:_SHOWN]
    ]
    more = len(error.occurring) - len(found)
    others = f" and {counted(more, 'type')} more" if more else ""
    there = f" Those that occur: {', '.join(found)}{others}." if found else ""
    sought = f"No event in a session is {named}" if named else "No event in a session has a type"
    return (
        f"{sought}, so this cannot be said: nothing found is not zero.{there} Where such events "
        "are called something else here, say so once, with SQLWriter.keep_vocabulary()."
    )
