"""A database that answers in time, or not at all; and answers kept for a while."""

from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Any, Generic, TypeVar

from fastapi import HTTPException
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

T = TypeVar("T")

#: What an answer from a database can come to, for the description of an operation.
SLOW: dict[int | str, dict[str, Any]] = {
    503: {"description": "The database does not answer."},
    504: {"description": "The database takes longer than the time limit."},
}

_MOST_KEPT = 1000


class Limited:
    """Work on a database, with a time limit: what takes longer is cancelled there.

    Parameters
    ----------
    engine
        The database.
    seconds
        The time limit, waiting for a free connection included.
    at_once
        How many pieces of work may run at the same time.
    """

    def __init__(self, engine: Engine, seconds: float, at_once: int = 8) -> None:
        self._engine, self._seconds = engine, seconds
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="metrics")

    def run(self, work: Callable[[Connection], T]) -> T:
        """Return what the work gives, or answer 504 in time, or 503 where nobody answers."""
        line = _Line()
        running = self._pool.submit(self._with_connection, work, line)
        try:
            return running.result(self._seconds)
        except TimeoutError:
            running.cancel()
            line.cut(self._engine)
            raise HTTPException(504, f"No answer within {self._seconds:g} seconds.") from None
        except (OperationalError, InterfaceError) as error:
            # The driver's message can hold the host, the user and the statement: it stays here.
            message = "The database does not answer. Try again later."
            raise HTTPException(503, message) from error
        except DBAPIError as error:
            message = "The database refuses: a column may be of another type, or not be readable."
            raise HTTPException(409, message) from error

    def _with_connection(self, work: Callable[[Connection], T], line: "_Line") -> T:
        with self._engine.connect() as connection:
            line.open(connection)
            try:
                return work(connection)
            finally:
                # Before the connection goes back to the pool, where others take it.
                line.close()


class _Line:
    """The connection that a piece of work is on, as long as it is."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._driver: Any = None
        self._is_cut = False

    def open(self, connection: Connection) -> None:
        with self._lock:
            if self._is_cut:
                raise TimeoutError
            self._driver = connection.connection.driver_connection

    def close(self) -> None:
        with self._lock:
            self._driver = None

    def cut(self, engine: Engine) -> None:
        with self._lock:
            self._is_cut = True
            if self._driver is not None:
                _cancel(engine, self._driver)


def _cancel(engine: Engine, driver: Any) -> None:
    """Cancel what a connection of a driver is at, from another thread."""
    if hasattr(driver, "interrupt"):  # DuckDB, SQLite
        driver.interrupt()
    elif hasattr(driver, "cancel"):  # PostgreSQL
        driver.cancel()
    elif hasattr(driver, "thread_id"):  # MariaDB and MySQL: from a connection of its own
        with engine.connect() as other:
            other.execute(text(f"KILL QUERY {int(driver.thread_id())}"))


class Kept(Generic[T]):
    """Answers, kept for a set time.

    Parameters
    ----------
    seconds
        How long; 0 keeps none.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._answers: dict[Hashable, tuple[float, T]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the answer that is kept under a key, or make it."""
        with self._lock:
            until, answer = self._answers.get(key, (0.0, None))
        if answer is not None and monotonic() < until:
            return answer
        made = make()
        if self._seconds:
            with self._lock:
                if len(self._answers) >= _MOST_KEPT:
                    self._answers.clear()
                self._answers[key] = (monotonic() + self._seconds, made)
        return made
