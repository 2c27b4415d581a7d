"""Real events with known answers; they are not part of the project."""

from pathlib import Path

import pandas as pd
import sqlalchemy as sa

import clicksession as cs


def test_the_webshop(shared_data: Path, database_url: str) -> None:
    log = shared_data / "webshop" / "events.json"
    schema = cs.EventSchema.preset("webshop")
    events = cs.read_events(log, schema=schema)
    assert (len(events), events["user_id"].count(), events["user_id"].nunique()) == (1152, 319, 288)
    report = cs.run(log, database_url, schema=schema)
    assert (report.rows_read, report.sessions_added) == (1152, 308)
    assert cs.metrics.VisitsBeforeOrder().compute(database_url) == 0.0
    assert cs.metrics.MinutesBeforeOrder().compute(database_url) == 0.0
    orders = sa.text(
        "SELECT count(DISTINCT session_id), count(*) FROM events "
        "WHERE event_type = 'placed_order' AND session_id IS NOT NULL"
    )
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        assert tuple(connection.execute(orders).one()) == (14, 14)
    engine.dispose()


def test_readers_of_wikipedia(shared_data: Path) -> None:
    log = shared_data / "wikipedia_readers" / "events.csv"
    schema = cs.EventSchema(user_id="uuid")
    events = cs.read_events(log, schema=schema, drop_duplicates=None)
    assert (len(events), events["user_id"].nunique()) == (63_524, 10_000)
    # Of these, seven repeat a row in all: a log without ids has no other way to say "again".
    assert len(cs.read_events(log, schema=schema)) == 63_517
    assert len(cs.summarize(cs.sessionize(events))) == 22_224
    new = cs.Rules("30min", at_timeout="new")
    assert len(cs.summarize(cs.sessionize(events, rules=new))) == 22_226


def test_madlib(shared_data: Path) -> None:
    log = shared_data / "madlib" / "events.csv"
    events = cs.read_events(log, schema=cs.EventSchema(timestamp="event_timestamp"))
    found = cs.sessionize(events, "180s")
    assert len(found) == 42
    assert found["timestamp"].isna().sum() == 5
    pd.testing.assert_series_equal(
        found["session_index"], events["expected_session_id"], check_names=False
    )


def test_order_definitions(shared_data: Path, database_url: str) -> None:
    log = shared_data / "order_definitions" / "events.csv"
    cs.run(log, database_url)
    assert cs.metrics.VisitsBeforeOrder().compute(database_url) == 1.0
    assert cs.metrics.MinutesBeforeOrder().compute(database_url) == 12.0
