"""Jobs that die, meet, or find one of the tables gone: all end exact, or are refused."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.sql.tables import Instant, Key
from clicksession.warehouse import Incremental, incremental
from clicksession.warehouse.running import asking, run_steps
from tests.sql.running import OfEngine
from tests.sql.test_meaning import MACROS
from tests.warehouse.databases import CLOCKS, Database, Reached, Told, Translated, in_clickhouse
from tests.warehouse.histories import History, history
from tests.warehouse.test_any_history import check, events_in, play, sessions_in

START = datetime(2024, 5, 1, 10, tzinfo=UTC)
CLICKS = sa.Table(
    "clicks",
    sa.MetaData(),
    sa.Column("event_id", sa.BigInteger, autoincrement=False),
    sa.Column("user_id", Key()),
    sa.Column("timestamp", Instant()),
    sa.Column("loaded_at", sa.BigInteger),
)


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    made = sa.create_engine("duckdb:///:memory:", poolclass=sa.pool.StaticPool)
    yield made
    made.dispose()


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[sa.Engine]:
    made = sa.create_engine(postgresql_url)
    yield made
    made.dispose()


def begun(database: Database, told: History, dialect: str) -> Incremental:
    made = incremental(told.source(), dialect, rules=told.rules)
    database.begin(told.source(), made)
    return made


def a_history() -> History:
    """Return one in which late events join sessions and end others."""
    told = history(Random(11), cs.Rules("30min", change="campaign"), 40)
    assert len(told.batches) > 2
    return told


def die(made: Incremental, ask: Any, after: int) -> None:
    """Run a job up to a statement."""
    run_steps(ask, made.steps[:after])


@pytest.mark.parametrize("kind", ["duckdb", "postgresql"])
def test_a_job_that_dies_between_two_statements(kind: str, request: pytest.FixtureRequest) -> None:
    engine = request.getfixturevalue("engine" if kind == "duckdb" else kind)
    told, database = a_history(), Reached(engine)
    made = begun(database, told, kind)
    random = Random(3)
    for number, batch in enumerate(told.batches, 1):
        database.add(told.source(), batch)
        for after in random.sample(range(1, len(made.steps)), 5 if number > 1 else 0):
            with engine.connect() as connection:
                die(made, asking(connection), after)
                connection.rollback()
        database.run(made)
        check(database, made, told.batches[:number])


@pytest.mark.parametrize("kind", ["clickhouse", "bigquery"])
def test_a_job_without_transactions_that_dies(kind: str, request: pytest.FixtureRequest) -> None:
    told = a_history()
    database: Told
    if kind == "clickhouse":
        database = in_clickhouse(request.getfixturevalue("clickhouse"))
    else:
        database = Told(Translated(request.getfixturevalue("engine"), kind))
        for macro in (MACROS, CLOCKS):
            OfEngine(database.running.engine).rows(macro)
    made = begun(database, told, kind)
    drop = f"DROP TABLE IF EXISTS {made.job.names.lock.name}"
    for number, batch in enumerate(told.batches, 1):
        database.add(told.source(), batch)
        for after in range(1, len(made.steps)) if number == 2 else ():
            die(made, database.running.rows, after)
            # A reader sees no session twice, and no event.
            ids = [row[0] for row in sessions_in(database, made)]
            assert len(ids) == len(set(ids))
            events = [row[0] for row in events_in(database, made)]
            assert len(events) == len(set(events))
            with pytest.raises(Exception, match=r"(?i)exists"):
                database.run(made)
            database.running.rows(drop)
        database.run(made)
        check(database, made, told.batches[:number])


def test_two_jobs_at_once_one_of_which_waits(postgresql: sa.Engine) -> None:
    told, database = a_history(), Reached(postgresql)
    made = begun(database, told, "postgresql")
    database.run(made)
    for number, batch in enumerate(told.batches, 1):
        database.add(told.source(), batch)
        second = threading.Thread(target=made.run, args=(postgresql,))
        with postgresql.connect() as connection:
            run_steps(asking(connection), made.steps)
            second.start()
            second.join(0.3)
            assert second.is_alive()
            connection.commit()
        second.join()
        check(database, made, told.batches[:number])


def test_two_jobs_at_once_one_of_which_is_refused(tmp_path: Any) -> None:
    engine = sa.create_engine(f"duckdb:///{tmp_path / 'a.db'}")
    told, database = a_history(), Reached(engine)
    made = begun(database, told, "duckdb")
    database.run(made)
    database.add(told.source(), told.batches[0])
    with engine.connect() as connection:
        run_steps(asking(connection), made.steps)
        with pytest.raises(cs.errors.TargetBusyError, match="another job is at work"):
            made.run(engine)
        connection.commit()
    check(database, made, told.batches[:1])
    engine.dispose()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("gone", [("events",), ("sessions",), ("events_job", "events"), ()])
def test_a_table_that_is_made_anew(seed: int, gone: tuple[str, ...], engine: sa.Engine) -> None:
    told, database = history(Random(500 + seed), changes=False), Reached(engine)
    made = begun(database, told, "duckdb")
    for number, batch in enumerate(told.batches, 1):
        database.add(told.source(), batch)
        for name in gone:
            database.ask(f"DROP TABLE IF EXISTS {name}")
        database.run(made)
        check(database, made, told.batches[:number])
        # From now on the clock is behind the marks.
        database.ask("UPDATE events_job SET mark = mark + 1000000000000000")


def test_tables_of_other_rules(engine: sa.Engine) -> None:
    told, database = a_history(), Reached(engine)
    database.run(begun(database, told, "duckdb"))
    other = incremental(told.source(), "duckdb", rules=cs.Rules("1h"))
    with pytest.raises(cs.errors.RulesChangedError, match="cut by other rules"):
        other.run(engine)


def clicks(rows: Any) -> list[dict[str, Any]]:
    return [
        {"event_id": n, "user_id": u, "timestamp": START + timedelta(minutes=m), "loaded_at": when}
        for n, u, m, when in rows
    ]


@pytest.mark.parametrize("kind", ["duckdb", "postgresql"])
@pytest.mark.parametrize("same_time", [False, True])
def test_late_events_of_long_sessions_over_many_days(
    kind: str, same_time: bool, request: pytest.FixtureRequest
) -> None:
    """Days are bounded: a session reaches back, and forth, over those on which nothing is new."""
    engine = request.getfixturevalue("engine" if kind == "duckdb" else kind)
    random = Random(5)
    minutes = [(user, m) for user in "ab" for m in range(0, 8 * 1440, 29) if m % 4000 < 2500]
    minutes += [("c", random.randrange(60 * 1440)) for _ in range(300)]
    random.shuffle(minutes)
    made = incremental(
        CLICKS, kind, loaded_at="loaded_at" if same_time else None, same_time=same_time
    )
    CLICKS.create(engine)
    every: list[dict[str, Any]] = []
    for batch in range(4):
        part = minutes[batch::4]
        number = len(every) + 1
        rows = clicks((number + n, u, m, batch) for n, (u, m) in enumerate(part))
        rows.append({"event_id": -batch, "user_id": "a", "timestamp": None, "loaded_at": batch})
        again = [{**row, "loaded_at": batch} for row in random.sample(every, min(99, len(every)))]
        with engine.begin() as connection:
            connection.execute(sa.insert(CLICKS), [*rows, *again])
        every += rows
        made.run(engine)
        frame = pd.DataFrame(every)
        right = cs.sessionize(frame)
        ids = right["session_id"].astype(object).where(right["session_id"].notna(), None)
        with engine.connect() as connection:
            names = made.job.names
            asked = sa.select(names.events.c.event_id, names.events.c.session_id)
            found = sorted(map(tuple, connection.execute(asked)))
            sessions = connection.execute(sa.select(names.sessions.c.session_id)).scalars().all()
        assert found == sorted(zip(right["event_id"], ids, strict=True))
        assert sorted(sessions) == sorted(set(ids) - {None})


def _is_of_today(told: History) -> bool:
    rows = [row for batch in told.batches for row in batch]
    return len(rows) > 20 and all((row["timestamp"] or 2**50) > 2**50 - 1 for row in rows)


def test_the_tables_of_one_run_over_everything(engine: sa.Engine, tmp_path: Any) -> None:
    # A log of today: `run` takes no clicks of 1970.
    drawn = (history(Random(n), cs.Rules("30min"), 60, 2100, changes=False) for n in count(30))
    told = next(one for one in drawn if len(one.batches) > 2 and _is_of_today(one))
    database = Reached(engine)
    play(database, told, "duckdb")
    frame = pd.DataFrame(
        database.ask("SELECT event_id, user_id, timestamp, event_type FROM events"),
        columns=["event_id", "user_id", "timestamp", "event_type"],
    )
    target = sa.create_engine(f"duckdb:///{tmp_path / 'b.db'}")
    cs.run(frame, target)
    columns = "session_id, user_id, started_at, ended_at, duration_seconds, event_count"
    for asked in (
        "SELECT event_id, user_id, timestamp, event_type, session_id FROM events ORDER BY 1",
        f"SELECT {columns} FROM sessions ORDER BY 1",
    ):
        ours, theirs = database.ask(asked), OfEngine(target).rows(asked)
        assert [tuple(map(str, row)) for row in ours] == [tuple(map(str, row)) for row in theirs]
    target.dispose()
