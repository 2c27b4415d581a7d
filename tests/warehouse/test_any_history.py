"""After every batch the tables are those of a plain loop over everything."""

from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.sql.constructs import epoch_microseconds
from clicksession.warehouse import Incremental, incremental
from tests.sql.names import INCREMENTAL, RUNS
from tests.sql.running import OfEngine
from tests.sql.test_meaning import MACROS
from tests.warehouse.databases import CLOCKS, Database, Reached, Told, Translated, in_clickhouse
from tests.warehouse.histories import History, expected, history


def events_in(database: Database, made: Incremental) -> list[tuple[Any, ...]]:
    names = made.job.names
    asked = sa.select(names.events.c.event_id, names.events.c.session_id)
    return sorted(database.ask(cs.to_sql(asked, made.job.dialect)))


def sessions_in(database: Database, made: Incremental) -> list[tuple[Any, ...]]:
    rows = made.parts.numbered().cte("found")
    times = [epoch_microseconds(rows.c[name]).label(name) for name in ("started_at", "ended_at")]
    told = [rows.c[name] for name in ("event_count", "session_index", "start_reason")]
    asked = sa.select(rows.c.session_id, rows.c.user_id, *times, *told, rows.c.duration_seconds)
    found = database.ask(cs.to_sql(asked, made.job.dialect))
    for *_, began, ended, _, _, _, seconds in found:
        assert seconds == (ended - began) / 1e6
    return sorted((row[:-1] for row in map(tuple, found)), key=lambda one: one[0])


def check(database: Database, made: Incremental, batches: list[Any]) -> None:
    right = expected(batches, made.job.names.rules)
    assert events_in(database, made) == sorted(right.events.items())
    assert sessions_in(database, made) == right.sessions


def play(database: Database, told: History, dialect: str) -> None:
    source = told.source()
    made = incremental(source, dialect, rules=told.rules)
    database.begin(source, made)
    for number, batch in enumerate(told.batches, 1):
        database.add(source, batch)
        database.run(made)
        check(database, made, told.batches[:number])


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
@pytest.mark.parametrize("seed", range(8))
def test_in_this_process(seed: int, dialect: str) -> None:
    engine = sa.create_engine(f"{dialect}:///:memory:", poolclass=sa.pool.StaticPool)
    play(Reached(engine), history(Random(seed)), dialect)
    engine.dispose()


@pytest.mark.parametrize("seed", range(100, 104))
def test_postgresql(seed: int, postgresql_server: str) -> None:
    engine = sa.create_engine(postgresql_server)
    play(Reached(engine), history(Random(seed)), "postgresql")
    engine.dispose()


@pytest.mark.parametrize("seed", range(200, 204))
def test_mariadb(seed: int, mariadb_server: str) -> None:
    admin = sa.create_engine(mariadb_server)
    with admin.begin() as connection:
        connection.exec_driver_sql("CREATE DATABASE IF NOT EXISTS histories")
    engine = sa.create_engine(sa.make_url(mariadb_server).set(database="histories"))
    play(Reached(engine), history(Random(seed)), "mariadb")
    admin.dispose()
    engine.dispose()


@pytest.mark.parametrize("seed", range(300, 303))
def test_clickhouse(seed: int, clickhouse: Any) -> None:
    play(in_clickhouse(clickhouse), history(Random(seed)), "clickhouse")


@pytest.mark.parametrize(
    "dialect",
    [name for name in INCREMENTAL if name not in RUNS],
)
@pytest.mark.parametrize("seed", range(400, 402))
def test_translated(seed: int, dialect: str) -> None:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=sa.pool.StaticPool)
    for macro in (MACROS, CLOCKS):
        OfEngine(engine).rows(macro)
    # Trino's seconds are exact until the year 2106.
    play(Told(Translated(engine, dialect)), history(Random(seed), until=2100), dialect)
    engine.dispose()
