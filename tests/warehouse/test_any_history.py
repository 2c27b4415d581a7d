"""After every batch the tables are those of a plain loop over everything."""

from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from clicksession.warehouse import Incremental, incremental
from tests.logs import microseconds
from tests.warehouse.histories import History, expected, history, stored


def content(connection: sa.Connection, made: Incremental) -> tuple[Any, Any]:
    names = made.job.names
    events = connection.execute(sa.select(names.events)).mappings().all()
    rows = connection.execute(made.parts.numbered()).mappings().all()
    sessions = [
        (
            row["session_id"],
            row["user_id"],
            microseconds(row["started_at"]),
            microseconds(row["ended_at"]),
            row["event_count"],
            row["session_index"],
            row["start_reason"],
        )
        for row in rows
    ]
    ids = [(row["event_id"], row["session_id"]) for row in events]
    return ids, sorted(sessions, key=lambda one: one[0])


def check(engine: sa.Engine, made: Incremental, batches: list[Any]) -> None:
    with engine.connect() as connection:
        events, sessions = content(connection, made)
    right = expected(batches, made.job.names.rules)
    assert sorted(events) == sorted(right.events.items())
    assert sessions == right.sessions


def play(engine: sa.Engine, told: History, dialect: str) -> None:
    source = told.source()
    made = incremental(source, dialect, rules=told.rules)
    with engine.begin() as connection:
        for table in (source, *made.tables):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")
        source.create(connection, checkfirst=False)
    done: list[Any] = []
    for batch in told.batches:
        with engine.begin() as connection:
            if batch:
                connection.execute(sa.insert(source), [stored(row) for row in batch])
        made.run(engine)
        done.append(batch)
        check(engine, made, done)


@pytest.mark.parametrize("seed", range(60))
def test_duckdb(seed: int) -> None:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=sa.pool.StaticPool)
    play(engine, history(Random(seed)), "duckdb")
    engine.dispose()


@pytest.mark.parametrize("seed", range(100, 120))
def test_postgresql(seed: int, postgresql_server: str) -> None:
    engine = sa.create_engine(postgresql_server)
    play(engine, history(Random(seed)), "postgresql")
    engine.dispose()
