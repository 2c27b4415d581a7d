"""Run a metric's statement: on a database, or on a frame through an embedded DuckDB."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, Select, create_engine
from sqlalchemy.pool import StaticPool

from clicksession.errors import ParameterError
from clicksession.sql.tables import EventsOnly, Tables
from clicksession.sql.text import settled
from clicksession.sql.urls import engine_of, shown_url

__all__ = ["scalar"]

_NEEDED = ("user_id", "timestamp", "event_type", "session_id")


def scalar(statement: Callable[[Tables], Select[Any]], data: Any, tables: Tables | None) -> Any:
    """Return the one value of a statement, as a float, or None.

    Parameters
    ----------
    statement
        Gives the statement over some tables.
    data
        An `Engine`, a `Connection`, a URL or a frame.
    tables
        Which tables of the database; not for a frame.
    """
    if hasattr(data, "__arrow_c_stream__"):
        with _frame_connection(data) as connection:
            value = connection.execute(statement(EventsOnly())).scalar()
    else:
        tables = tables or Tables()
        with _connection(data) as connection:
            if not tables.exist(connection):
                names = f"{tables.table('events').name!r} and {tables.table('sessions').name!r}"
                must = f"a database with the tables {names}, which run() or SQLWriter makes"
                raise ParameterError("compute", "data", must, shown_url(connection.engine.url))
            chosen = settled(statement(tables), connection.dialect.name)
            value = connection.execute(chosen).scalar()
    return None if value is None else float(value)


@contextmanager
def _connection(data: Any) -> Iterator[Connection]:
    if isinstance(data, Connection):
        yield data
        return
    if isinstance(data, Engine):
        with data.connect() as connection:
            yield connection
        return
    must = "an Engine, a Connection, a database URL, or a frame that sessionize() made"
    if not isinstance(data, str | URL):
        raise ParameterError("compute", "data", must, type(data).__name__)
    engine = engine_of(data, who="compute", parameter="data", must=must)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _frame_connection(frame: Any) -> Iterator[Connection]:
    import pyarrow as pa

    table = pa.table(frame)
    for name in ("user_id", "timestamp", "session_id"):
        if name not in table.column_names:
            raise ParameterError(
                "compute", "data", "a frame that sessionize() made", f"no column {name!r}"
            )
    if "event_type" not in table.column_names:
        table = table.append_column("event_type", pa.nulls(table.num_rows, pa.string()))
    engine = create_engine("duckdb:///:memory:", poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.register("events", _as_stored(table.select(_NEEDED)))
            yield connection
    finally:
        engine.dispose()


def _as_stored(table: Any) -> Any:
    """Return a frame's columns in the types of a table: microseconds in UTC, and text."""
    import pyarrow as pa

    times, kinds = table["timestamp"], table["event_type"]
    if times.type.unit == "ns":
        times = times.cast(pa.timestamp("us", times.type.tz), safe=False)
    return table.set_column(1, "timestamp", times).set_column(
        2, "event_type", kinds.cast(pa.string())
    )
