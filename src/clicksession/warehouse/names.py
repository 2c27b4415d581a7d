"""Where the tables are, and what their columns are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    ColumnElement,
    Double,
    TableClause,
    Text,
    column,
    table,
)
from sqlalchemy.types import TypeEngine

from clicksession.rules import Rules
from clicksession.sql.tables import Instant
from clicksession.windows import added_columns

__all__ = ["CHANGED_IN", "IS_GONE", "RUN", "Names"]

#: The mark of the job that last wrote a row: greater than that of every job before.
CHANGED_IN = "changed_in"

#: Whether the latest version of a session says that there is none.
IS_GONE = "is_gone"

#: From when to when the stretch between two pauses lasts that an event is in, in microseconds.
RUN = ("run_from", "run_to")

_KEYS = ("event_id", "user_id", "timestamp")


@dataclass(frozen=True)
class Names:
    """The tables that a job reads and writes.

    Attributes
    ----------
    events_name, sessions_name
        What the two tables are called that everybody reads.
    schema
        Where they are, and those that the jobs keep for themselves.
    types
        The columns of the source that are stored, under the names that they have in the table.
    rules
        What ends a session.
    stage_prefix, stages_in_schema
        What the names of the tables begin with that last for a job, and whether the schema has
        them.
    """

    events_name: str
    sessions_name: str
    schema: str | None
    types: Mapping[str, TypeEngine[Any]]
    rules: Rules
    stage_prefix: str = ""
    stages_in_schema: bool = False

    @property
    def is_bounded(self) -> bool:
        """Whether an event changes nothing beyond the next pause of its user."""
        return not self.rules.unbounded

    @cached_property
    def given(self) -> list[str]:
        """The columns of an event that come from the source."""
        return list(self.types)

    @cached_property
    def derived(self) -> list[str]:
        """The columns of an event that its neighbours decide."""
        explained = ["opened_by"] if "start_reason" in added_columns(self.rules, ()) else []
        return ["session_id", *explained, *(RUN if self.is_bounded else ()), CHANGED_IN]

    @cached_property
    def events(self) -> TableClause:
        """The events."""
        return self._table(self.events_name, [*self.given, *self.derived])

    def events_called(self, name: str) -> TableClause:
        """Return the events under another name, in no schema."""
        return table(name, *map(_alike, self.events.c))

    @cached_property
    def sessions(self) -> TableClause:
        """The sessions."""
        return self._table(self.sessions_name, self.session_columns)

    @cached_property
    def session_columns(self) -> list[str]:
        """The columns of a session."""
        told = ["session_id", "user_id", "started_at", "ended_at", "duration_seconds"]
        explained = ["opened_by"] if "opened_by" in self.derived else []
        return [*told, "event_count", *explained, CHANGED_IN]

    @cached_property
    def fresh(self) -> TableClause:
        """What is new of the source, for the time of a job."""
        return self._stage(f"{self.events_name}_new", self.given)

    @cached_property
    def touched(self) -> TableClause:
        """The runs, or users, that it touches."""
        return self._stage(f"{self.events_name}_near", ["user_id", *RUN])

    @cached_property
    def cut(self) -> TableClause:
        """The events that are written anew."""
        return self._stage(f"{self.events_name}_cut", [*self.given, *self.derived])

    @cached_property
    def changed(self) -> TableClause:
        """The sessions that are written anew."""
        return self._stage(f"{self.sessions_name}_new", self.session_columns)

    @cached_property
    def stale(self) -> TableClause:
        """The ids of the sessions that these replace."""
        return self._stage(f"{self.sessions_name}_old", ["session_id"])

    @cached_property
    def job(self) -> TableClause:
        """One row: the mark of the latest job, and the rules of all of them."""
        return self._table(f"{self.events_name}_job", ["mark", "rules"])

    @cached_property
    def lock(self) -> TableClause:
        """The mark of the job at hand, where it is there as long as the job."""
        return self._table(f"{self.events_name}_lock", ["mark"])

    @cached_property
    def event_versions(self) -> TableClause:
        """What is behind the events where rows are replaced by later versions."""
        return self._table(f"{self.events_name}_versions", [*self.given, *self.derived])

    @cached_property
    def session_versions(self) -> TableClause:
        """What is behind the sessions where rows are replaced by later versions."""
        columns = [*self.session_columns, IS_GONE]
        return self._table(f"{self.sessions_name}_versions", columns)

    def _stage(self, name: str, columns: Iterable[str]) -> TableClause:
        found = self._table(f"{self.stage_prefix}{name}", columns)
        return found if self.stages_in_schema else table(found.name, *map(_alike, found.c))

    def _table(self, name: str, columns: Iterable[str]) -> TableClause:
        typed = (column(each, self._type(each)) for each in columns)
        return table(name, *typed, schema=self.schema)

    def _type(self, name: str) -> TypeEngine[Any]:
        if name in self.types:
            return self.types[name]
        if name in (*RUN, CHANGED_IN, IS_GONE, "mark", "event_count"):
            return BigInteger()
        if name in ("started_at", "ended_at"):
            return Instant()
        return Double() if name == "duration_seconds" else Text()


def _alike(found: ColumnElement[Any]) -> ColumnClause[Any]:
    """Return a column of the same name and type, of no table yet."""
    return column(str(found.key), found.type)
