"""One transaction on a target: entered one at a time, retried while that is safe."""

import time
from collections.abc import Callable
from typing import Literal, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from clicksession.errors import ParameterError, TargetBusyError, WriteError
from clicksession.sql.tables import Tables
from clicksession.writers.bulk.rows import Busy, RowLoader

__all__ = ["OnBusy", "engine_of", "in_transaction"]

Result = TypeVar("Result")
OnBusy = Literal["wait", "fail"]

_ATTEMPTS = 4
_FIRST_PAUSE_SECONDS = 0.2
_BUSY_PAUSE_SECONDS = 0.05
_ENGINE = "a SQLAlchemy Engine or a database URL, such as 'duckdb:///shop.duckdb'"


def engine_of(target: object) -> Engine:
    """Return the engine of a target; a text that is no URL is refused without being shown."""
    if isinstance(target, Engine):
        return target
    if not isinstance(target, str | URL):
        raise ParameterError("SQLWriter", "target", _ENGINE, type(target).__name__)
    try:
        return create_engine(target)
    except (ArgumentError, NoSuchModuleError):
        failure = ParameterError("SQLWriter", "target", _ENGINE, "a text that is no such URL")
    except ImportError as error:
        hint = 'For PostgreSQL, type: pip install "clicksession[postgresql]"'
        must = "a URL whose driver is installed"
        failure = ParameterError("SQLWriter", "target", must, error.name, hint)
    # Outside the except block: the message of the cause may hold a password.
    raise failure


def in_transaction(
    engine: Engine,
    loader: RowLoader,
    tables: Tables,
    on_busy: OnBusy,
    work: Callable[[Connection], Result],
) -> Result:
    """Do the work in one transaction, alone on the target, and return what it returns.

    A connection that is lost before the commit is made again and the work repeated: nothing can
    have been written. One that is lost while committing is reported.

    Raises
    ------
    TargetBusyError
        Another writer is at work, and `on_busy` is ``"fail"``.
    WriteError
        The database refused or went away.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return _attempt(engine, loader, tables, on_busy, work)
        except _ConnectionLostError as lost:
            failure = WriteError(tables.events.name, lost.reason)
        time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
    raise failure


class _ConnectionLostError(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _attempt(
    engine: Engine,
    loader: RowLoader,
    tables: Tables,
    on_busy: OnBusy,
    work: Callable[[Connection], Result],
) -> Result:
    committing = False
    try:
        with _connected(engine, loader, tables, on_busy) as connection:
            with loader.alone(connection, tables.events, wait=on_busy == "wait"):
                result = work(connection)
                committing = True
                connection.commit()
            return result
    except Busy:
        failure: Exception = TargetBusyError(
            tables.events.name,
            "another writer is at work on this target",
            "Try again when it is done, or wait for it with on_busy='wait'.",
        )
    except DBAPIError as error:
        failure = _failure(error, tables, loader, committing)
    # Outside the except block: SQLAlchemy's message shows every value of the statement.
    raise failure


def _connected(engine: Engine, loader: RowLoader, tables: Tables, on_busy: OnBusy) -> Connection:
    while True:
        try:
            return engine.connect()
        except DBAPIError as error:
            if not loader.is_busy(error):
                raise
            if on_busy == "fail":
                raise Busy from None
        # A DuckDB file has one process that writes; there is no queue to stand in.
        time.sleep(_BUSY_PAUSE_SECONDS)


def _failure(error: DBAPIError, tables: Tables, loader: RowLoader, committing: bool) -> Exception:
    reason = f"{type(error.orig).__name__}: {str(error.orig).strip()}"
    if committing:
        return WriteError(
            tables.events.name,
            f"the database failed while it was committing ({reason})",
            "Run it again: what was written before is not written twice.",
            unsure=True,
        )
    if error.connection_invalidated or loader.is_lost(error):
        return _ConnectionLostError(reason)
    return WriteError(tables.events.name, reason)
