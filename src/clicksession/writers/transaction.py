"""One transaction on a target: entered one at a time, retried while that is safe."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from clicksession.errors import TargetBusyError, WriteError
from clicksession.sql.tables import Tables
from clicksession.writers.bulk.rows import Busy, RowLoader

__all__ = ["OnBusy", "Transactions"]

Result = TypeVar("Result")
OnBusy = Literal["wait", "fail"]

_ATTEMPTS = 4
_FIRST_PAUSE_SECONDS = 0.2
_BUSY_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Transactions:
    """How to be at work on a target: through what, and what to do while it is busy."""

    engine: Engine
    loader: RowLoader
    tables: Tables
    on_busy: OnBusy

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do the work in one transaction, alone on the target, and return what it returns.

        A connection that is lost before the commit is made again and the work repeated: nothing
        can have been written. One that is lost while committing is reported.

        Raises
        ------
        TargetBusyError
            Another writer is at work, and `on_busy` is ``"fail"``.
        WriteError
            The database refused or went away.
        """
        for attempt in range(_ATTEMPTS):
            try:
                return self._attempt(work)
            except _ConnectionLostError as lost:
                failure = WriteError(self.tables.events.name, lost.reason)
            time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
        raise failure

    def _attempt(self, work: Callable[[Connection], Result]) -> Result:
        waits, committing = self.on_busy == "wait", False
        try:
            with self._connected(waits) as connection:
                with self.loader.alone(connection, self.tables.events, wait=waits):
                    result = work(connection)
                    committing = True
                    connection.commit()
                return result
        except Busy:
            failure: Exception = TargetBusyError(
                self.tables.events.name,
                "another writer is at work on this target",
                "Try again when it is done, or wait for it with on_busy='wait'.",
            )
        except DBAPIError as error:
            failure = self._failure(error, committing)
        except self._driver_error as error:
            # Bulk loading talks to the driver, past SQLAlchemy.
            failure = self._failure(DBAPIError(None, None, error), committing)
        # Outside the except block: SQLAlchemy's message shows every value of the statement.
        raise failure

    @property
    def _driver_error(self) -> type[Exception]:
        error: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        return error

    def _connected(self, waits: bool) -> Connection:
        while True:
            try:
                return self._isolated(self.engine.connect())
            except DBAPIError as error:
                if not self.loader.is_busy(error):
                    raise
                if not waits:
                    raise Busy from None
            # A DuckDB file has one process that writes; there is no queue to stand in.
            time.sleep(_BUSY_PAUSE_SECONDS)

    def _isolated(self, connection: Connection) -> Connection:
        """Have all of the work in one transaction, whatever the engine was made to do."""
        level = self.loader.isolation_level
        if level is None:
            return connection
        return connection.execution_options(isolation_level=level)

    def _failure(self, error: DBAPIError, committing: bool) -> Exception:
        reason = f"{type(error.orig).__name__}: {str(error.orig).strip()}"
        if committing:
            return WriteError(
                self.tables.events.name,
                f"the database failed while it was committing ({reason})",
                "Run it again: what was written before is not written twice.",
                unsure=True,
            )
        if error.connection_invalidated or self.loader.is_lost(error):
            return _ConnectionLostError(reason)
        return WriteError(self.tables.events.name, reason)


class _ConnectionLostError(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
