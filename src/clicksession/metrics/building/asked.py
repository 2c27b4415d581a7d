"""Which columns the parameters of a metric name, and whether a log has them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    column,
    literal_column,
    select,
)
from sqlalchemy.types import Boolean, NullType, TypeEngine

from clicksession.errors import ParameterError, did_you_mean
from clicksession.sql.dialects import spelling
from clicksession.sql.tables import Tables

__all__ = ["SESSION_COLUMNS", "Asked", "check_flag", "check_there", "event_column"]

#: The columns that sessions have.
SESSION_COLUMNS = tuple(Tables().sessions.c.keys())
# What `by` takes beside columns; `scope`, which says what they are, looks at this module.
_UNITS = ("hour", "day", "week", "month")
# Every log has them, or gets them before it is asked.
_OF_ALL_EVENTS = ("event_id", "user_id", "timestamp", "session_id")


@dataclass(frozen=True)
class Asked:
    """A column that a parameter of a metric names.

    Attributes
    ----------
    parameter
        Which one.
    column
        What it names.
    of_session
        Whether it is one of the sessions, where these have it, or else of their first events. Else
        it is one of the events.
    is_flag
        Whether it must be boolean.
    """

    parameter: str
    column: str
    of_session: bool = False
    is_flag: bool = False


def check_there(asked: Asked, events: Collection[str], kept: Collection[str]) -> None:
    """Refuse a column that a log does not have, or has twice.

    Parameters
    ----------
    asked
        What is named.
    events
        The columns of the events.
    kept
        The columns that the sessions keep of their events.

    Raises
    ------
    ParameterError
        It is not there, or another one is called so but for capital letters.
    """
    name, of_sessions = asked.column, (*SESSION_COLUMNS, *kept)
    if name in _OF_ALL_EVENTS or (asked.of_session and name in of_sessions):
        return
    if name not in events:
        raise _missing(asked, events, of_sessions)
    alike = [other for other in events if other.lower() == name.lower()]
    if len(alike) > 1:
        must = f"events with one column called {name!r}, in small or in capital letters"
        raise ParameterError("compute", "data", must, " and ".join(map(repr, alike)))


def check_flag(
    metric: object,
    asked: Asked,
    events: Mapping[str, TypeEngine[Any]],
    connection: Connection,
    tables: Tables,
) -> None:
    """Refuse a column that is not boolean: databases do not agree on what is true of it.

    Whole numbers are booleans where a database has no others, if all of them are 0 or 1.

    Raises
    ------
    ParameterError
        It is not.
    """
    kind = events.get(asked.column, NullType())
    # Of a type that SQLAlchemy does not know, the database itself will say.
    if isinstance(kind, Boolean | NullType) or getattr(kind, "display_width", None) == 1:
        return
    are_numbers = spelling(connection.dialect.name).booleans_are_numbers
    if not (are_numbers and isinstance(kind, Integer) and _is_binary(connection, tables, asked)):
        must = "the name of a boolean column of the events"
        hint = "Orders that are told by their type are named in `order_events`."
        raise ParameterError(type(metric).__name__, asked.parameter, must, asked.column, hint)


def event_column(events: FromClause, name: str) -> ColumnElement[Any]:
    """Return a column of the events, also one that only this log has."""
    if name in events.c:
        return events.c[name]
    return column(name, _selectable=events)


def _missing(asked: Asked, events: Collection[str], of_sessions: Collection[str]) -> ParameterError:
    name, whose, known, hint = asked.column, "events", list(events), ""
    if asked.of_session:
        whose, known = "sessions or events", list(dict.fromkeys([*of_sessions, *events]))
    elif name in of_sessions:
        hint = f"The sessions have it, but `{asked.parameter}` asks the events."
    must = f"{whose} with the column {name!r}, which `{asked.parameter}` asks for"
    near = [*known, *_UNITS] if asked.parameter == "by" else known
    hint = hint or did_you_mean(name, near)
    return ParameterError("compute", "data", must, f"only {', '.join(known)}", hint)


def _is_binary(connection: Connection, tables: Tables, asked: Asked) -> bool:
    """Say whether a column holds no other numbers than 0 and 1."""
    value = event_column(tables.events, asked.column)
    other: Select[Any] = select(literal_column("1")).where(value.not_in((0, 1)))
    return connection.execute(other.limit(1)).first() is None
