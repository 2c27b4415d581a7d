"""Loads are not slow: ratios of one run, which fail at twice what they should be."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pandas as pd
import pytest
from benchmarks import data, stores
from benchmarks.stores import BY_HAND, OURS
from sqlalchemy import create_engine, text

import clicksession as cs
from tests.chances import at_most

_EVENTS = 50_000


def _ours_to_hand(contestants: stores.Contestants) -> float:
    return contestants[OURS]() / contestants[BY_HAND]()


@pytest.fixture
def second_url(postgresql_server: str) -> Iterator[str]:
    """Another empty database than `postgresql_url`."""
    admin = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE second"))
    yield admin.url.set(database="second").render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE second WITH (FORCE)"))
    admin.dispose()


def test_sqlite(tmp_path: Path) -> None:
    data.write_webshop(tmp_path / "few.json", 10, seed=0)
    data.write_webshop(tmp_path / "log.json", _EVENTS, seed=0)
    at_most(2 * 1.5, lambda: _ours_to_hand(stores.sqlite(tmp_path, None)))


def test_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    (tmp_path / "log").mkdir()
    data.write_webshop(tmp_path / "few.json", 10, seed=0)
    data.write_webshop(tmp_path / "log" / "one.json", _EVENTS, seed=0)
    at_most(2 * 1.0, lambda: _ours_to_hand(stores.postgresql(tmp_path, postgresql_url, None)))


def test_more_events_in_postgresql(postgresql_url: str) -> None:
    """Each costs at most ten times what one of the first load does: 1 % more 10 %, not 5 %."""
    everything = data.webshop_frame(_EVENTS + _EVENTS // 10, seed=0)
    is_later = data.is_later(_EVENTS, _EVENTS // 10, seed=0)
    engine, prefixes = create_engine(postgresql_url), iter("abcd")

    def seconds(writer: cs.SQLWriter, events: pd.DataFrame) -> float:
        began = perf_counter()
        writer.write(events)
        return perf_counter() - began

    def ratio() -> float:
        writer = cs.SQLWriter(engine, tables=cs.sql.Tables(prefix=next(prefixes)))
        first = seconds(writer, everything[~is_later])
        return 10 * seconds(writer, everything[is_later]) / first

    at_most(2 * 5, ratio)
    engine.dispose()


@pytest.mark.parametrize("database", ["duckdb", "postgresql"])
def test_many_runs(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    days = stores.daily_files(tmp_path / "days", files=300, events=100, seed=0)
    old, young = f"duckdb:///{tmp_path / 'old.db'}", f"duckdb:///{tmp_path / 'young.db'}"
    if database == "postgresql":
        old, young = (request.getfixturevalue(url) for url in ("postgresql_url", "second_url"))
    first, last = stores.growth(days, old, young, at_once=290)
    assert last <= 2 * 1.3 * first
