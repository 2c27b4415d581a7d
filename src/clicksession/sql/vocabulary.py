"""What a target remembers of its log's words: which event types play which role."""

from collections import defaultdict

from sqlalchemy import Column, Connection, Integer, Table, select

from clicksession.errors import ParameterError
from clicksession.schema import Vocabulary
from clicksession.sql.tables import Key, Tables, Words

__all__ = ["vocabulary_in", "vocabulary_table"]


def vocabulary_table(tables: Tables) -> Table:
    """Return the table: a row for each event type of each role, in the order they were named."""
    return tables.table(
        "clicksession_vocabulary",
        Column("role", Key(), nullable=False),
        Column("place", Integer(), nullable=False),
        Column("event_type", Words(), nullable=False),
    )


def vocabulary_in(connection: Connection, tables: Tables) -> Vocabulary:
    """Return the vocabulary of a database: empty where none is kept.

    Raises
    ------
    ParameterError
        One is kept, and the connection may not read it.
    """
    kept = vocabulary_table(tables)
    if not tables.is_readable(connection, kept):
        if tables.holds(connection, kept):
            must = (
                f"a database whose table {kept.name!r} may be read: it says what events are called"
            )
            hint = "Have SELECT granted on it, or name the events yourself."
            raise ParameterError("compute", "data", must, "no right to", hint)
        return {}
    named = select(kept.c.role, kept.c.event_type).order_by(kept.c.place)
    found: dict[str, list[str]] = defaultdict(list)
    for role, event_type in connection.execute(named).all():
        found[role].append(event_type)
    return {role: tuple(types) for role, types in found.items()}
