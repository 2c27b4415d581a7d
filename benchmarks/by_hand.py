"""What one would write instead of `run`: DuckDB reads and cuts, and the target takes two tables.

Nothing is checked: no bad line is set aside, no duplicate found, and a second run stores all twice.
"""

import io
import sqlite3
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
from sqlalchemy import create_engine, text

from benchmarks import data

__all__ = ["cut", "into_postgresql", "into_sqlite"]

_EVENTS = """
CREATE TABLE events AS
SELECT * EXCLUDE (known, opens, started_at),
    CASE WHEN known THEN user_id || ':' || epoch_us(started_at) END AS session_id
FROM (
    SELECT *, max(CASE WHEN opens THEN timestamp END) OVER (
        PARTITION BY user_id ORDER BY timestamp, event_id ROWS UNBOUNDED PRECEDING
    ) AS started_at
    FROM (
        SELECT *, user_id IS NOT NULL AND timestamp IS NOT NULL AS known,
            coalesce(timestamp - lag(timestamp) OVER users > INTERVAL 30 MINUTE, true) AS opens
        FROM ({})
        WINDOW users AS (PARTITION BY user_id ORDER BY timestamp, event_id)
    )
)
"""
_SESSIONS = """
CREATE TABLE sessions AS
SELECT session_id, user_id, min(timestamp) AS started_at, max(timestamp) AS ended_at,
    epoch_us(max(timestamp) - min(timestamp)) / 1e6 AS duration_seconds,
    count(*) AS event_count,
    CASE row_number() OVER (PARTITION BY user_id ORDER BY min(timestamp))
        WHEN 1 THEN 'first' ELSE 'timeout' END AS start_reason
FROM events WHERE session_id IS NOT NULL GROUP BY session_id, user_id
"""
_TABLES = """
CREATE TABLE events (event_id bigint NOT NULL, user_id bigint, timestamp {time},
    event_type text, event_user_agent text, event_ip text, event_page text, session_id {key});
CREATE TABLE sessions (session_id {key} NOT NULL, user_id bigint, started_at {time},
    ended_at {time}, duration_seconds double precision, event_count bigint, start_reason text)
"""
_INDEXES = """
CREATE UNIQUE INDEX events_event_id ON events (event_id);
CREATE INDEX events_user_id ON events (user_id);
CREATE UNIQUE INDEX sessions_session_id ON sessions (session_id);
CREATE INDEX sessions_user_start ON sessions (user_id, started_at)
"""
_ROWS = 100_000


def cut(connection: duckdb.DuckDBPyConnection, rows: str, source: str) -> None:
    """Make tables of events and sessions in DuckDB, of what a query reads from a source."""
    connection.execute(_EVENTS.format(rows), [source])
    connection.execute(_SESSIONS)


def into_postgresql(source: str, url: str) -> float:
    """Load events, sessions and the four indexes, and return the seconds."""
    engine = create_engine(url)
    with engine.connect():
        began = perf_counter()
    cut = _cut(source)
    with engine.begin() as connection:
        for statement in _TABLES.format(time="timestamptz", key='text COLLATE "C"').split(";"):
            connection.execute(text(statement))
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor:
            cursor.execute("SET LOCAL TimeZone = 'UTC'")
            for table in ("events", "sessions"):
                _copy(cursor, table, cut.table(table).to_arrow_reader(_ROWS))
        for statement in _INDEXES.split(";"):
            connection.execute(text(statement))
    seconds = perf_counter() - began
    engine.dispose()
    return seconds


def into_sqlite(source: str, path: Path) -> float:
    """Do the same with ``executemany``, in one transaction."""
    began = perf_counter()
    cut = _cut(source)
    target = sqlite3.connect(path)
    with target:
        for statement in _TABLES.format(time="text", key="text").split(";"):
            target.execute(statement)
        for table in ("events", "sessions"):
            found = cut.table(table)
            as_kept = (
                f"strftime({name}, '%Y-%m-%d %H:%M:%S.%f')" if kind == "TIMESTAMP" else name
                for name, kind in zip(found.columns, map(str, found.types), strict=True)
            )
            rows = found.select(*map(duckdb.SQLExpression, as_kept)).fetchall()
            places = ", ".join("?" * len(found.columns))
            target.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
        for statement in _INDEXES.split(";"):
            target.execute(statement)
    target.close()
    return perf_counter() - began


def _cut(source: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    cut(connection, data.FLAT, source)
    return connection


def _copy(cursor: Any, table: str, batches: pa.RecordBatchReader) -> None:
    options = pa.csv.WriteOptions(include_header=False)
    with cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
        for batch in batches:
            lines = io.BytesIO()
            pa.csv.write_csv(batch, lines, options)
            copy.write(lines.getbuffer())
