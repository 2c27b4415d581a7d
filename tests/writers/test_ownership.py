"""Tables that are somebody else's stay as they are, on every database."""

from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs

EVENTS = pd.DataFrame({"user_id": ["ann"], "timestamp": [pd.Timestamp("2024-05-01T10:00Z")]})

FOREIGN = {
    "both": ["CREATE TABLE events (x INTEGER)", "CREATE TABLE sessions (y INTEGER)"],
    "events": ["CREATE TABLE events (x INTEGER)"],
    "sessions": ["CREATE TABLE sessions (y INTEGER)"],
    "nearly": [
        "CREATE TABLE events (event_id INTEGER, user_id INTEGER, session_id INTEGER)",
        "CREATE TABLE sessions (session_id INTEGER, user_id INTEGER)",
    ],
}


def tables_of(engine: sa.Engine) -> dict[str, Any]:
    found = {}
    with engine.connect() as connection:
        for name in ("events", "sessions", "clicksession_runs", "clicksession_files"):
            try:
                rows = connection.execute(sa.text(f"SELECT * FROM {name}"))
                found[name] = (list(rows.keys()), rows.all())
            except sa.exc.DBAPIError:
                connection.rollback()
    return found


@pytest.mark.parametrize("foreign", FOREIGN)
def test_tables_that_are_not_ours_are_refused_untouched(database_url: str, foreign: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        for statement in FOREIGN[foreign]:
            connection.execute(sa.text(statement))
    before = tables_of(engine)
    writer = cs.SQLWriter(engine)
    calls = [
        lambda: cs.run(EVENTS, engine),
        lambda: writer.write(EVENTS),
        lambda: writer.delete_user("ann"),
        lambda: writer.rebuild(),
        lambda: writer.check(),
    ]
    for call in calls:
        with pytest.raises(cs.errors.WriteError) as failure:
            call()
        assert "no target of this library" in str(failure.value)
        assert "Tables(prefix=" in str(failure.value)
    assert tables_of(engine) == before
    # Beside them, under names of its own, a target is welcome.
    report = cs.run(EVENTS, engine, tables=cs.sql.Tables(prefix="clicks_"))
    assert report.events_added == 1
    engine.dispose()


def test_an_own_target_is_known_again(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    assert cs.SQLWriter(engine).write(EVENTS).events_added == 1
    assert cs.SQLWriter(engine).write(EVENTS).duplicates == 1
    engine.dispose()
