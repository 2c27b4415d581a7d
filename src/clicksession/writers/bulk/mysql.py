"""MariaDB and MySQL: inserts of many rows each, which the driver makes of one statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zlib import crc32

from sqlalchemy import Column, Connection, Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

from clicksession.writers.bulk.alter import ReplaceColumn
from clicksession.writers.bulk.rows import Busy, RowLoader

__all__ = ["MySQLLoader"]

# Lost, gone away, can't connect, server shutting down.
_LOST = (1053, 2002, 2003, 2006, 2013, 2055)

# The disk, and a table that cannot grow.
_FULL = (1021, 1114)

# Access denied: MySQL has it changed by those alone who may change the session's variables.
_DENIED = 1227

_SET_STRICTNESS = "SET SESSION innodb_strict_mode = %s"


class _DropTemporary(ExecutableDDLElement):
    """``DROP TEMPORARY TABLE …``."""

    def __init__(self, table: Table) -> None:
        self.table = table


@compiles(_DropTemporary)
def _drop_temporary(element: _DropTemporary, compiler: DDLCompiler, **_: Any) -> str:
    return f"DROP TEMPORARY TABLE {compiler.preparer.format_table(element.table)}"


def _strictness(connection: Connection) -> int | None:
    """Have InnoDB make tables that only some rows could be too wide for; return what it was.

    It would refuse one of some 370 texts, for rows in which all are long: such a row is refused
    before it comes here. None where the user may not change that.
    """
    before: int = connection.exec_driver_sql("SELECT @@SESSION.innodb_strict_mode").scalar_one()
    try:
        connection.exec_driver_sql(_SET_STRICTNESS, (0,))
    except DBAPIError as error:
        if _number(error) != _DENIED:
            raise
        return None
    return before


class MySQLLoader(RowLoader):
    """Loads by multi-row inserts."""

    ddl_commits = True
    isolation_level = "REPEATABLE READ"

    @contextmanager
    def alone(self, connection: Connection, table: Table, *, wait: bool) -> Iterator[None]:
        """Take a named lock of the server: it outlives the commits that DDL makes."""
        database = connection.engine.url.database or ""
        name = f"clicksession:{crc32(f'{table.schema or database}.{table.name}'.encode())}"
        # MariaDB has no wait without end, but a year will do.
        seconds = 31_536_000 if wait else 0
        if connection.execute(select(func.get_lock(name, seconds))).scalar() != 1:
            raise Busy
        # A snapshot that began before the lock would not see what the other writer wrote.
        connection.rollback()
        strict = _strictness(connection)
        try:
            yield
        finally:
            if not connection.invalidated:
                if strict is not None:
                    connection.exec_driver_sql(_SET_STRICTNESS, (strict,))
                connection.execute(select(func.release_lock(name)))

    def replace_column(
        self, connection: Connection, table: Table, old: Column[Any], new: Column[Any]
    ) -> None:
        """In one statement: each commits, and a reader would see the table without the column."""
        connection.execute(ReplaceColumn(table, old, new))

    def abandon_staged(self, connection: Connection, table: Table) -> None:
        """Drop it: it lives as long as the connection, whatever becomes of the transaction."""
        if not connection.invalidated:
            connection.rollback()
            self.drop_staged(connection, table)

    def drop_staged(self, connection: Connection, table: Table) -> None:
        """Say that it is temporary: dropping another table would commit."""
        connection.execute(_DropTemporary(table))

    def full(self, error: DBAPIError) -> str:
        """Say so by the server's error numbers, or by the system's message within one."""
        is_full = _number(error) in _FULL or "No space left on device" in str(error.orig)
        return "a disk of the database's server" if is_full else ""

    def is_lost(self, error: DBAPIError) -> bool:
        """Say so by the client's error numbers."""
        return _number(error) in _LOST


def _number(error: DBAPIError) -> object:
    """Return the server's or the client's number of an error, if it has any."""
    return next(iter(getattr(error.orig, "args", ())), None)
