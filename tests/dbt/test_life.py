"""What befalls a project over the years: other rules, deleted rows, clocks, two runs at once."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import clicksession as cs
from clicksession.metrics import SessionDuration
from clicksession.warehouse import write_dbt
from tests.dbt.expected import assert_equal_to_one_run
from tests.dbt.histories import History
from tests.dbt.places import PostgreSQL, write_profiles
from tests.dbt.running import Dbt, dbt_in
from tests.dbt.test_any_history import COLUMNS, RULES, at_work


@pytest.fixture(scope="module")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dbt]:
    with dbt_in(tmp_path_factory.mktemp("dbt")) as running:
        yield running


def test_a_life(dbt: Dbt, postgresql_url: str, tmp_path: Path) -> None:
    place, history = PostgreSQL(postgresql_url), History(7)
    at_work(dbt, place, metrics=[SessionDuration()])
    place.add(history.batch(40))
    assert "session_duration" in dbt("run")

    # A clock that was ahead, and is right now.
    for table in ("events", "sessions"):
        place.run(f"UPDATE shop.{table} SET changed_in = changed_in + {10**15}")
    place.add(history.batch(40))
    dbt("run")
    assert_equal_to_one_run(place, history.distinct, RULES, tmp_path)
    place.add(history.batch(40))
    dbt("run", "--full-refresh", "--select", "events")
    dbt("run")
    assert_equal_to_one_run(place, history.distinct, RULES, tmp_path)

    # Rows that are gone from the source: the tests see it, a refresh of the events alone mends it.
    gone = {row[0] for row in history.rows if row[0] < 1000}
    place.run("DELETE FROM raw.clicks WHERE event_id < 1000")
    history.rows = [row for row in history.rows if row[0] not in gone]
    dbt("run")
    wrong = dbt.tries("test")["wrong"]
    assert "clicksession_every_row_is_stored_once" in wrong
    assert "unique_events_event_id" not in wrong
    dbt("run", "--full-refresh", "--select", "events")
    dbt("run")
    assert_equal_to_one_run(place, history.distinct, RULES, tmp_path)
    dbt("test")

    # Other rules: refused, until all is cut by them.
    rules = cs.Rules("10min")
    (dbt.project / "dbt_project.yml").unlink()
    write_dbt(dbt.project, "raw.clicks", "postgresql", columns=COLUMNS, rules=rules)
    done = dbt.tries("run")
    assert "dbt run --full-refresh" in done["wrong"]["events"]
    dbt("run", "--full-refresh")
    assert_equal_to_one_run(place, history.distinct, rules, tmp_path)


def test_rows_without_ids_are_told_of(dbt: Dbt, postgresql_url: str, tmp_path: Path) -> None:
    place, history = at_work(dbt, PostgreSQL(postgresql_url)), History(8)
    place.add(history.batch(20))
    place.run("INSERT INTO raw.clicks (user_id, timestamp) VALUES (1, now())")
    for _ in range(2):
        dbt("run")
        assert_equal_to_one_run(place, history.distinct, RULES, tmp_path)
    assert list(dbt.tries("test")["wrong"]) == ["clicksession_every_row_is_stored_once"]


def test_two_runs_at_once(
    dbt: Dbt, postgresql_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place, history = at_work(dbt, PostgreSQL(postgresql_url)), History(9)
    place.add(history.batch(40))
    dbt("run")
    # It falls asleep before it commits, so that the other one comes in between.
    project = dbt.project / "dbt_project.yml"
    asleep = 'models:\n  +post-hook: "select pg_sleep(2)"\n'
    project.write_text(project.read_text().split("\nmodels:")[0] + "\n" + asleep)
    place.add(history.batch(40))
    with dbt_in(tmp_path_factory.mktemp("another")) as other:
        other.project, other.target = dbt.project, dbt.target
        write_profiles(other.folder, place)
        other("parse")
        dbt("parse")
        done: list[dict[str, Any]] = []
        threads = [
            Thread(target=lambda run=run: done.append(run.tries("run"))) for run in (dbt, other)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # One waits for the other, or is refused; nothing is stored twice in any case.
    assert any(each["success"] for each in done), done
    assert_equal_to_one_run(place, history.distinct, RULES, tmp_path)
    dbt("test")
