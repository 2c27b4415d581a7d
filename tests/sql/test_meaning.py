"""What the text means for databases that cannot run here: translated to DuckDB, and run there.

A translation can be wrong without a word; so this is a second check beside the golden files and
never a proof by itself.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from random import Random
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings

import clicksession as cs
from clicksession.testing import RunningDatabase
from clicksession.testing.statements import first_days
from tests.logs import logs
from tests.sql.names import TRANSLATED
from tests.sql.random_logs import (
    EVENTS,
    SESSIONIZED,
    answers,
    check_answer,
    check_sessions,
    load,
)
from tests.sql.running import OfEngine

sqlglot = pytest.importorskip("sqlglot", reason='needs: pip install "clicksession[test]"')

#: What sqlglot calls those that are translated.
GRAMMARS = {
    "bigquery": "bigquery",
    "databricks": "databricks",
    "mysql": "mysql",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "sqlserver": "tsql",
    "trino": "trino",
}

# What DuckDB has under another name, and sqlglot leaves as it is.
MACROS = """
CREATE OR REPLACE MACRO with_timezone(t, zone) AS timezone(zone, t);
CREATE OR REPLACE MACRO timestamp_micros(n) AS make_timestamp(n);
CREATE OR REPLACE MACRO pmod(n, divisor) AS ((n % divisor) + divisor) % divisor
"""

#: What sqlglot leaves as it is and DuckDB does not take, with what it means.
REPAIRS = {
    # DuckDB compares texts by code points already.
    "mysql": {"AS CHAR CHARACTER SET utf8mb4": "AS TEXT", " COLLATE utf8mb4_0900_bin": ""},
    "sqlserver": {
        "+ ':' +": "|| ':' ||",
        "TEXT(MAX)": "TEXT",
        " COLLATE Latin1_General_100_BIN2": "",
    },
}


# Without shrinking, which runs thousands of translations.
PHASES = (Phase.explicit, Phase.generate)


def translated(statement: Any, dialect: str) -> str:
    text = cs.to_sql(statement, dialect)
    found = sqlglot.transpile(
        text, GRAMMARS[dialect], "duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    assert len(found) == 1
    repaired = str(found[0])
    for left, right in REPAIRS.get(dialect, {}).items():
        repaired = repaired.replace(left, right)
    return repaired


# One statement is asked of one log after another.
translation = cache(translated)
FIRST_DAYS = first_days(EVENTS, "UTC", "event_id", "timestamp")


@pytest.fixture(scope="module")
def database() -> Iterator[RunningDatabase]:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=sa.pool.StaticPool)
    running = OfEngine(engine)
    running.rows(MACROS)
    yield running
    engine.dispose()


@pytest.mark.parametrize("dialect", TRANSLATED)
@settings(max_examples=10, phases=PHASES)
@given(events=logs(max_size=25))
def test_any_log(dialect: str, database: RunningDatabase, events: pd.DataFrame) -> None:
    load(database, events)
    for statement, expected in answers(events):
        found = database.rows(translation(statement, dialect))
        check_answer(found, expected, statement)
    check_sessions(database.rows(translation(SESSIONIZED, dialect)), events)


def test_the_seconds_of_trino_are_exact() -> None:
    """A float of seconds, rounded to six digits, is the microsecond itself until 2106."""
    random = Random(7)
    for _ in range(50_000):
        microseconds = random.randint(-(2**32) * 1_000_000, 2**32 * 1_000_000)
        seconds = Decimal(microseconds / 1_000_000).quantize(Decimal("1e-6"), ROUND_HALF_UP)
        assert seconds * 1_000_000 == microseconds


@pytest.mark.parametrize("dialect", TRANSLATED)
@settings(max_examples=10, phases=PHASES)
@given(events=logs(max_size=10, nulls=False))
def test_any_first_day(dialect: str, database: RunningDatabase, events: pd.DataFrame) -> None:
    load(database, events)
    ours = {
        row[0]: (*(str(day)[:10] for day in row[1:4]), *row[4:])
        for row in database.rows(translation(FIRST_DAYS, dialect))
    }
    days = {
        int(number): pd.Timestamp(time).tz_convert(None).normalize()
        for number, time in zip(events["event_id"], events["timestamp"], strict=True)
    }
    mondays = {n: day - pd.Timedelta(days=day.weekday()) for n, day in days.items()}
    firsts = {n: day.replace(day=1) for n, day in days.items()}
    for number, day in days.items():
        monday, first = mondays[number], firsts[number]
        last = max(firsts.values())
        assert ours[number] == (
            *(str(date)[:10] for date in (day, monday, first)),
            (max(days.values()) - day).days,
            (max(mondays.values()) - monday).days // 7,
            (last.year - first.year) * 12 + last.month - first.month,
        )
