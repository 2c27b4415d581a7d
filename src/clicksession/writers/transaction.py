"""One transaction on a target: entered one at a time, retried while that is safe."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from clicksession.durations import in_words
from clicksession.errors import NoRoomError, TargetBusyError, WriteError
from clicksession.sql.tables import Tables
from clicksession.writers.bulk.rows import Busy, RowLoader

__all__ = ["Transactions", "no_room"]

_log = logging.getLogger("clicksession")

Result = TypeVar("Result")

_ATTEMPTS = 4
_FIRST_PAUSE_SECONDS = 0.2

# How long to wait for somebody else at a time, and how long without a word.
_PAUSE_SECONDS = 0.05
_SILENT_SECONDS = 1.0

# Of a write that failed, on a database that commits each statement that alters a table.
_ALTERED = "Tables and columns that were made for it stay, and serve the next write."


@dataclass
class Waiting:
    """The wait for one transaction's turn.

    Attributes
    ----------
    target
        What is waited for, in messages.
    patience
        How long; None: as long as it takes.
    """

    target: str
    patience: timedelta | None
    _began: float = field(default_factory=time.monotonic)
    _has_spoken: bool = False

    @property
    def in_line(self) -> bool:
        """Whether it is time to stand in the database's own queue, which is fair and silent."""
        return self._has_spoken and self.patience is None

    def pause(self, holder: str) -> None:
        """Wait a little; after a while, say for whom.

        Raises
        ------
        TargetBusyError
            There is no patience left.
        """
        waited = time.monotonic() - self._began
        if self.patience is not None and waited >= self.patience.total_seconds():
            after = f", also after {in_words(self.patience)}" if self.patience else ""
            raise TargetBusyError(
                self.target,
                f"{holder}{after}",
                "Try again when that has ended, or wait for it with on_busy='wait' or a duration.",
            )
        if waited >= _SILENT_SECONDS and not self._has_spoken:
            self._has_spoken = True
            limit = "" if self.patience is None else f", for {in_words(self.patience)} at the most"
            _log.warning("Waiting for table %r: %s%s.", self.target, holder, limit)
        time.sleep(_PAUSE_SECONDS)


@dataclass(frozen=True)
class Transactions:
    """How to be at work on a target: through what, and what to do while it is busy."""

    engine: Engine
    loader: RowLoader
    tables: Tables
    patience: timedelta | None

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do the work in one transaction, alone on the target, and return what it returns.

        A connection that is lost before the commit is made again and the work repeated: nothing
        can have been written. One that is lost while committing is reported.

        Raises
        ------
        TargetBusyError
            Somebody else has the target, and there is no patience left.
        WriteError
            The database refused or went away.
        """
        waiting = Waiting(self.tables.events.name, self.patience)
        for attempt in range(_ATTEMPTS):
            try:
                return self._in_turn(work, waiting)
            except _ConnectionLostError as lost:
                failure = WriteError(self.tables.events.name, str(lost))
            time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
        raise failure

    def _in_turn(self, work: Callable[[Connection], Result], waiting: Waiting) -> Result:
        while True:
            try:
                return self._attempt(work, waiting)
            except Busy as busy:
                holder = str(busy) or "another writer is at work on it"
            waiting.pause(holder)

    def _attempt(self, work: Callable[[Connection], Result], waiting: Waiting) -> Result:
        committing = False
        try:
            with self._connected() as connection:
                events = self.tables.events
                with self.loader.alone(connection, events, wait=waiting.in_line):
                    result = work(connection)
                    committing = True
                    self.loader.commit(connection, waiting.pause)
                return result
        except DBAPIError as error:
            failure: Exception = self._failure(error, committing)
        except self.engine.dialect.loaded_dbapi.Error as error:
            # Bulk loading talks to the driver, past SQLAlchemy.
            failure = self._failure(DBAPIError(None, None, error), committing)
        if isinstance(failure, WriteError) and self.loader.ddl_commits:
            failure = failure.having_kept(_ALTERED)
        # Outside the except block: SQLAlchemy's message shows every value of the statement.
        raise failure

    def _connected(self) -> Connection:
        level = self.loader.isolation_level
        try:
            connection = self.engine.connect()
            # All of the work is one transaction, whatever the engine was made to do.
            return connection.execution_options(isolation_level=level) if level else connection
        except DBAPIError as error:
            holder = self.loader.holder(error)
            if not holder:
                raise
        # Outside the except block: nobody needs to see what the driver said.
        raise Busy(holder)

    def _failure(self, error: DBAPIError, committing: bool) -> Exception:
        reason = f"{type(error.orig).__name__}: {str(error.orig).strip()}"
        full = self.loader.full(error)
        if full:
            # A database that says so, also of a commit, has taken all back.
            return no_room(self.tables, full, reason)
        if committing:
            return WriteError(
                self.tables.events.name,
                f"the database failed while it was committing ({reason})",
                "Run it again: what was written before is not written twice.",
                unsure=True,
            )
        if error.connection_invalidated or self.loader.is_lost(error):
            return _ConnectionLostError(reason)
        return WriteError(self.tables.events.name, reason, self.loader.advice(error))


def no_room(tables: Tables, full: str, reason: str) -> NoRoomError:
    """Return the error of a write that found a disk full."""
    hint = "Make room there, then run it again: what is stored is not stored twice."
    said = reason.partition("\n")[0].rstrip(".")
    return NoRoomError(tables.events.name, f"{full} is full ({said})", hint)


class _ConnectionLostError(Exception):
    """There is no connection any more; the text says why."""
