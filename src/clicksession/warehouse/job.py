"""What a job is about: source, tables, rules and the database; and how it spells statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    TableClause,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.sql.compiler import IdentifierPreparer

from clicksession.sql.dialects import Dialect, spelling
from clicksession.sql.tables import Instant
from clicksession.sql.text import condition_to_sql, to_sql
from clicksession.warehouse.days import FIRST_DAY, LAST_DAY, few, within
from clicksession.warehouse.names import Names
from clicksession.warehouse.selects import arriving
from clicksession.warehouse.step import Bounds

__all__ = ["Job"]


@dataclass(frozen=True)
class Job:
    """A source that goes into two tables of a database.

    Attributes
    ----------
    dialect
        The database.
    names
        The tables.
    source
        Where the events come from.
    columns
        What is stored of it: the names of the columns in the table, and in the source.
    loaded_at
        The stored column that says when a row was loaded, if there is one.
    same_time
        Whether a row that repeats an id has its time, too.
    """

    dialect: str
    names: Names
    source: FromClause
    columns: Mapping[str, str]
    loaded_at: str | None = None
    same_time: bool = False

    @cached_property
    def spelled(self) -> Dialect:
        """How the database says things."""
        return spelling(self.dialect)

    def query(self, statement: Select[Any]) -> str:
        """Return a query as text."""
        return to_sql(statement, self.dialect)

    def name(self, table: TableClause) -> str:
        """Return the name of a table as it stands in a statement."""
        whole = f"{table.schema}.{table.name}" if table.schema else table.name
        return ".".join(map(self.column, whole.split(".")))

    def column(self, name: str) -> str:
        """Return the name of a column as it stands in a statement."""
        return str(self._preparer.quote(name))

    @cached_property
    def _preparer(self) -> IdentifierPreparer:
        return self.spelled.compiling().identifier_preparer

    def condition(self, *conditions: ColumnElement[Any]) -> str:
        """Return conditions as text; nothing of none."""
        return " AND ".join(f"({condition_to_sql(each, self.dialect)})" for each in conditions)

    def insert(self, into: TableClause, query: str) -> str:
        """Return the statement that adds a query's rows to a table."""
        return self.spelled.insert(self.name(into), self.listed(into), query)

    def listed(self, table: TableClause) -> str:
        """Return the columns of a table as they stand in a statement."""
        return ", ".join(map(self.column, table.c.keys()))

    def on_days(
        self, bounds: Bounds, question: str, events: TableClause | None = None
    ) -> list[ColumnElement[bool]]:
        """Return the condition on stored events that a question's answer gives."""
        rows = self.names.events if events is None else events
        days = bounds.days.get(question)
        most = self.spelled.most_stretches
        return within(rows.c.timestamp, None if days is None else few(days, most))

    def on_days_or_never(self, bounds: Bounds, question: str) -> list[ColumnElement[bool]]:
        """Return the same for events that may have no time: null, or an infinite one."""
        time = self.names.events.c.timestamp
        on_days = self.on_days(bounds, question)
        first, last = (literal(each, Instant()) for each in (FIRST_DAY, LAST_DAY))
        return [or_(each, time.is_(None), time < first, time >= last) for each in on_days]

    def arriving(self, bounds: Bounds, stored: FromClause | None = None) -> FromClause:
        """Return the rows of the source that may be new to the stored events."""
        rows = arriving(self.source, dict(self.columns))
        if self.loaded_at:
            loaded = self.source.c[self.columns[self.loaded_at]]
            rows = rows.where(self._since(loaded, bounds, stored))
        return rows.cte("arriving")

    def arriving_all(self) -> FromClause:
        """Return all rows of the source that have an id."""
        return arriving(self.source, dict(self.columns)).cte("arriving")

    def _since(
        self, loaded_at: ColumnElement[Any], bounds: Bounds, stored: FromClause | None
    ) -> ColumnElement[bool]:
        """Return whether a row was loaded since the last job, or with what that read last."""
        if "loaded" not in bounds.values:
            last = self.last_loaded(stored).scalar_subquery()
            return or_(loaded_at >= last, loaded_at.is_(None), last.is_(None))
        if bounds.values["loaded"] is None:
            return true()
        return or_(
            loaded_at >= literal(bounds.values["loaded"], loaded_at.type), loaded_at.is_(None)
        )

    def last_loaded(self, stored: FromClause | None = None) -> Select[Any]:
        """Return the question when the last of the stored events was loaded."""
        events = self.names.events if stored is None else stored
        return select(func.max(events.c[str(self.loaded_at)]).label("loaded"))
