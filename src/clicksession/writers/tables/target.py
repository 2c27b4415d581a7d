"""The two tables of a target as SQLAlchemy sees them, and their indexes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Index,
    Table,
    and_,
    quoted_name,
)
from sqlalchemy.types import TypeEngine

from clicksession.schema import fitting
from clicksession.sql.conversions import conversion_column
from clicksession.sql.dialects import spelling
from clicksession.sql.tables import Instant, Key, Tables, Words, session_columns
from clicksession.windows.kept import Kept
from clicksession.writers.tables.columns import as_written

__all__ = ["Target", "column_types", "is_partial", "stored_target"]


@dataclass(frozen=True)
class Target:
    """The tables of a target as they are in the database.

    Attributes
    ----------
    kept
        What the sessions keep of their events.
    is_empty
        Whether no event is in them yet.
    is_made_here
        Whether this transaction made them: no other one can see them.
    """

    events: Table
    sessions: Table
    kept: Kept = Kept()  # noqa: RUF009  # frozen
    is_empty: bool = False
    is_made_here: bool = False

    @classmethod
    def of(
        cls, tables: Tables, types: Mapping[str, TypeEngine[Any]], *, is_made_here: bool = False
    ) -> "Target":
        """Return the tables with these types of the events' columns."""
        # Metrics ask for the type of an event, also where a log has none.
        types = {**types, "event_type": types.get("event_type", Words())}
        columns = [
            # Quoted, whatever it is: the lists of reserved words that SQLAlchemy has are not whole.
            Column(quoted_name(name, quote=True), kind, nullable=name != "event_id")
            for name, kind in types.items()
            if name != "session_id"
        ]
        return cls(
            tables.table("events", *columns, Column("session_id", Key())),
            tables.table("sessions", *session_columns(types["user_id"], tables.kept, types)),
            tables.kept,
            is_empty=is_made_here,
            is_made_here=is_made_here,
        )

    @property
    def stretch(self) -> dict[str, TypeEngine[Any]]:
        """The columns that say where the events of a session are."""
        user = self.events.c.user_id.type
        kinds = (Key(), user, Instant(), Instant())
        return dict(zip(("session_id", "user_id", "started_at", "ended_at"), kinds, strict=True))

    def are_in(self, sessions: FromClause) -> ColumnElement[bool]:
        """Say which events are of sessions that a table has the stretches of."""
        events = self.events.c
        # The user and the time say the same as the id, and have an index.
        return and_(
            events.user_id == sessions.c.user_id,
            events.timestamp.between(sessions.c.started_at, sessions.c.ended_at),
            events.session_id == sessions.c.session_id,
        )

    def former_indexes(self) -> tuple[Index, ...]:
        """Return the indexes that earlier versions made in place of one of these."""
        events = self.events
        return (Index(f"{events.name}_user_time", events.c.user_id, events.c.timestamp),)

    def indexes(self, *, partial: bool) -> tuple[Index, ...]:
        """Return the indexes that lookups by key need, and, where it can be, those of buyers."""
        events, sessions = self.events, self.sessions
        return (
            Index(f"{events.name}_event_id", events.c.event_id, unique=True),
            Index(f"{events.name}_user_id", events.c.user_id),
            Index(f"{sessions.name}_session_id", sessions.c.session_id, unique=True),
            Index(f"{sessions.name}_user_start", sessions.c.user_id, sessions.c.started_at),
            *(self.index_of_users(name) for name in self.kept.counted_events if partial),
        )

    def index_of_users(self, event_type: str) -> Index:
        """Return the index of the users with a conversion of a type: few sessions are in it."""
        sessions, column = self.sessions, conversion_column(event_type)
        converts = sessions.c[column] > 0
        name = fitting(f"{sessions.name}_{column}")
        user = sessions.c.user_id
        return Index(name, user, postgresql_where=converts, sqlite_where=converts)


def is_partial(index: Index) -> bool:
    """Say whether an index holds a part of the rows alone."""
    return index.dialect_options["postgresql"]["where"] is not None


def stored_target(connection: Connection, tables: Tables) -> Target | None:
    """Return the tables as they are in the database, or None where they are not."""
    known = column_types(connection, tables)
    return None if known is None else Target.of(tables, known)


def column_types(connection: Connection, tables: Tables) -> dict[str, TypeEngine[Any]] | None:
    """Return the types of the events' columns, or None where not both tables are there.

    A crash leaves events alone where each table that is made is a commit of its own.
    """
    if not tables.exist(connection):
        return None
    there = spelling(connection.dialect.name).columns(connection, tables.events)
    return there and {name: as_written(name, kind) for name, kind in there.items()}
