"""The text of `to_sql`, run as it stands on random logs: every row equals the oracle's."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings

from clicksession.testing import RunningDatabase
from tests.logs import logs
from tests.sql.random_logs import (
    SESSIONIZED,
    answers,
    check_answer,
    check_sessions,
    load,
    text_of,
)
from tests.sql.running import ClickHouse, OfEngine, Spark


def check(database: RunningDatabase, dialect: str, events: pd.DataFrame) -> None:
    load(database, events)
    check_sessions(database.rows(text_of(SESSIONIZED, dialect)), events)
    for statement, expected in answers(events):
        text = text_of(statement, dialect)
        check_answer(database.rows(text), expected, text)


@pytest.fixture(scope="module")
def engines() -> Iterator[dict[str, sa.Engine]]:
    made: dict[str, sa.Engine] = {}
    yield made
    for engine in made.values():
        engine.dispose()


@pytest.fixture(scope="module")
def postgresql(postgresql_server: str, engines: dict[str, sa.Engine]) -> RunningDatabase:
    return OfEngine(engines.setdefault("postgresql", sa.create_engine(postgresql_server)))


@pytest.fixture(scope="module")
def mariadb(mariadb_server: str, engines: dict[str, sa.Engine]) -> RunningDatabase:
    admin = engines.setdefault("admin", sa.create_engine(mariadb_server))
    with admin.begin() as connection:
        connection.execute(sa.text("CREATE DATABASE IF NOT EXISTS any_log"))
    url = sa.make_url(mariadb_server).set(database="any_log")
    return OfEngine(engines.setdefault("mariadb", sa.create_engine(url)))


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
@settings(max_examples=20)
@given(events=logs(max_size=25))
def test_in_this_process(dialect: str, events: pd.DataFrame) -> None:
    engine = sa.create_engine(f"{dialect}:///:memory:", poolclass=sa.pool.StaticPool)
    check(OfEngine(engine), dialect, events)
    engine.dispose()


@settings(max_examples=20)
@given(events=logs(max_size=25))
def test_postgresql(postgresql: RunningDatabase, events: pd.DataFrame) -> None:
    check(postgresql, "postgresql", events)


@settings(max_examples=15)
@given(events=logs(max_size=25))
def test_mariadb(mariadb: RunningDatabase, events: pd.DataFrame) -> None:
    check(mariadb, "mariadb", events)


@pytest.mark.parametrize("strict", [False, True])
@settings(max_examples=15)
@given(events=logs(max_size=25))
def test_clickhouse(clickhouse: Any, strict: bool, events: pd.DataFrame) -> None:
    check(ClickHouse(clickhouse, strict), "clickhouse", events)


# One log that is not empty, of which the contract asks; a statement takes half a second.
@settings(max_examples=1, phases=(Phase.generate,))
@given(events=logs(max_size=60).filter(lambda log: len(log) > 10))
def test_spark(spark: Any, events: pd.DataFrame) -> None:
    check(Spark(spark), "spark", events)
