"""Tables that are somebody else's are told, and left as they are."""

from sqlalchemy import Connection, Table, select
from sqlalchemy.types import NullType

from clicksession.errors import WriteError
from clicksession.sql.dialects import spelling
from clicksession.sql.tables import Tables, session_columns

__all__ = ["require_own"]

_OF_EVENTS = ("event_id", "user_id", "timestamp", "session_id")
_OF_SESSIONS = tuple(column.name for column in session_columns(NullType()))


def require_own(connection: Connection, tables: Tables) -> None:
    """Refuse a database in which a table of one of our names is not one of ours.

    Events alone are ours where runs are remembered beside them and nothing is in them: where each
    table that is made is a commit of its own, a crash leaves them so, and the next write makes
    both anew.

    Raises
    ------
    WriteError
        It lacks a column that every table of the library has, or stands alone.
    """
    names = {tables.table("events"): _OF_EVENTS, tables.table("sessions"): _OF_SESSIONS}
    there = {table: _columns(connection, table) for table in names}
    for table, wanted in names.items():
        lacking = [name for name in wanted if name not in (there[table] or wanted)]
        if lacking:
            raise _not_ours(table, f"it has no column {lacking[0]!r}", tables)
    found = [table for table, columns in there.items() if columns is not None]
    if len(found) == 1 and not _is_left_by_a_crash(connection, tables, found[0]):
        other = next(table for table in names if table is not found[0])
        raise _not_ours(found[0], f"there is no table {other.name!r} beside it", tables)


def _is_left_by_a_crash(connection: Connection, tables: Tables, alone: Table) -> bool:
    if alone.name != tables.events.name or not tables.remembers(connection):
        return False
    return connection.execute(select(tables.events.c.event_id).limit(1)).first() is None


def _columns(connection: Connection, table: Table) -> set[str] | None:
    columns = spelling(connection.dialect.name).columns(connection, table)
    return None if columns is None else set(columns)


def _not_ours(table: Table, why: str, tables: Tables) -> WriteError:
    reason = f"it is no target of this library ({why})"
    other = f"{tables.prefix}clicks_"
    hint = f"Use names of your own: Tables(prefix={other!r}), or another schema or database."
    return WriteError(table.name, reason, hint)
