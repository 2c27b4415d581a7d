"""Tables that are somebody else's stay as they are, on every database."""

from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from tests.writers.content import content_of

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
        lambda: writer.count_events(),
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


class PowerCutError(Exception):
    """What interrupts a write."""


def cut_short(engine: sa.Engine) -> None:
    """Write, up to where the table of the sessions would be made."""

    def cut(*arguments: Any) -> None:
        if "CREATE TABLE sessions" in arguments[2]:
            raise PowerCutError

    sa.event.listen(engine, "before_cursor_execute", cut)
    with pytest.raises(PowerCutError):
        cs.SQLWriter(engine).write(EVENTS.assign(page=1))
    sa.event.remove(engine, "before_cursor_execute", cut)


def without_sessions(engine: sa.Engine) -> None:
    """Write, and make by hand what a crash leaves where each statement commits."""
    cs.SQLWriter(engine).write(EVENTS.assign(page=1))
    with engine.begin() as connection:
        for statement in ("DROP TABLE sessions", "DELETE FROM events"):
            connection.execute(sa.text(statement))


@pytest.mark.parametrize("left_behind", [cut_short, without_sessions])
@pytest.mark.parametrize("tables", [cs.sql.Tables(), cs.sql.Tables(counted_events=("order",))])
def test_what_a_crash_between_the_two_tables_leaves_is_gone_on_with(
    database: sa.Engine, left_behind: Any, tables: cs.sql.Tables
) -> None:
    left_behind(database)
    writer = cs.SQLWriter(database, tables=tables)
    writer.count_events()
    assert writer.delete_user("ann").events_deleted == 0
    assert writer.rebuild().sessions_added == 0
    for read in (cs.load_events, cs.metrics.EventsPerSession().compute):
        with pytest.raises(cs.errors.ParameterError, match=r"which run\(\) or SQLWriter"):
            read(database)
    # Its columns are those of what comes now.
    assert writer.write(EVENTS.assign(page="x", event_type="order")).events_added == 1
    content = content_of(database)
    assert [row["page"] for row in content["events"]] == ["x"]
    assert [row.get("order_count", 1) for row in content["sessions"]] == [1]
    assert writer.write(EVENTS.assign(page="x", event_type="order")).duplicates == 1


@pytest.mark.parametrize(
    "statement",
    ["DROP TABLE clicksession_runs", "INSERT INTO events SELECT * FROM kept"],
)
def test_events_alone_that_no_crash_left_are_refused_untouched(
    database: sa.Engine, statement: str
) -> None:
    cs.SQLWriter(database).write(EVENTS)
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE kept AS SELECT * FROM events"))
    without_sessions(database)
    with database.begin() as connection:
        connection.execute(sa.text("ALTER TABLE events DROP COLUMN page"))
        connection.execute(sa.text(statement))
    before = tables_of(database)
    with pytest.raises(cs.errors.WriteError, match="no table 'sessions' beside it"):
        cs.SQLWriter(database).write(EVENTS)
    assert tables_of(database) == before
