"""The two tables of a target as SQLAlchemy sees them, and their indexes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Index, Table, quoted_name
from sqlalchemy.types import TypeEngine

from clicksession.sql.tables import Key, Tables, Words, session_columns

__all__ = ["Target"]


@dataclass(frozen=True)
class Target:
    """The tables of a target as they are in the database.

    Attributes
    ----------
    is_empty
        Whether no event is in them yet.
    is_made_here
        Whether this transaction made them: no other one can see them.
    """

    events: Table
    sessions: Table
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
            tables.table("sessions", *session_columns(types["user_id"])),
            is_empty=is_made_here,
            is_made_here=is_made_here,
        )

    def former_indexes(self) -> tuple[Index, ...]:
        """Return the indexes that earlier versions made in place of one of these."""
        events = self.events
        return (Index(f"{events.name}_user_time", events.c.user_id, events.c.timestamp),)

    def indexes(self) -> tuple[Index, ...]:
        """Return the indexes that lookups by key need."""
        events, sessions = self.events, self.sessions
        return (
            Index(f"{events.name}_event_id", events.c.event_id, unique=True),
            Index(f"{events.name}_user_id", events.c.user_id),
            Index(f"{sessions.name}_session_id", sessions.c.session_id, unique=True),
            Index(f"{sessions.name}_user_start", sessions.c.user_id, sessions.c.started_at),
        )
