"""Stored events mapped anew: the tables are those of a run that read the files so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.errors import RulesChangedError
from tests.writers.content import content_of

WEBSHOP = cs.EventSchema.preset("webshop")
BY_ADDRESS = cs.EventSchema(
    event_id="id", user_id="event.ip", timestamp="event.timestamp", event_type="type"
)
BY_BOTH = cs.EventSchema(
    event_id="id",
    user_id=("event.customer-id", "event.ip"),
    timestamp="event.timestamp",
    event_type="event.page",
)
WITHOUT_ID = cs.EventSchema(
    user_id="event.customer-id", timestamp="event.timestamp", event_type="type"
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    return cs.datasets.write_webshop(folder / "events.json", customers=12, seed=3)


def fresh(log: Path, schema: cs.EventSchema, folder: Path, **options: Any) -> Any:
    """Return the tables of one run into a new database."""
    engine = sa.create_engine(f"duckdb:///{folder / 'fresh.db'}")
    cs.run(log, engine, schema=schema, **options)
    content = shown(content_of(engine))
    engine.dispose()
    return content


def shown(content: Any) -> Any:
    """Leave out the columns that hold nothing: they are left of the other schema."""
    events = content["events"]
    kept = [name for name in events[0] if any(row[name] is not None for row in events)]
    by_name = [{name: row[name] for name in sorted(kept)} for row in events]
    return by_name, content["sessions"]


@pytest.mark.parametrize("schema", [BY_ADDRESS, BY_BOTH, WITHOUT_ID])
def test_the_tables_are_those_of_reading_by_the_new_schema(
    schema: cs.EventSchema, database: sa.Engine, log: Path, tmp_path: Path
) -> None:
    cs.run(log, database, schema=WEBSHOP)
    before = len(content_of(database)["sessions"])
    report = cs.run(log, database, schema=schema, rebuild=True)
    assert shown(content_of(database)) == fresh(log, schema, tmp_path)
    assert (report.files_skipped, report.rows_read) == (1, 0)
    assert report.sessions_removed == before
    assert report.sessions_added == len(content_of(database)["sessions"])
    # It is a target of this schema now, and back.
    assert cs.run(log, database, schema=schema).files_skipped == 1
    # MariaDB commits with each change of a type, so that a column that was widened stays wide.
    if schema == BY_ADDRESS and database.dialect.name != "mariadb":
        cs.run(log, database, schema=WEBSHOP, rebuild=True)
        assert shown(content_of(database)) == fresh(log, WEBSHOP, tmp_path / "..")


def test_other_rules_at_the_same_time(database: sa.Engine, log: Path, tmp_path: Path) -> None:
    cs.run(log, database, schema=WEBSHOP)
    cs.run(log, database, schema=BY_ADDRESS, timeout="5min", rebuild=True)
    assert shown(content_of(database)) == fresh(log, BY_ADDRESS, tmp_path, timeout="5min")


def test_a_failure_leaves_what_was_there(
    database: sa.Engine, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cs.run(log, database, schema=WEBSHOP)
    before = shown(content_of(database))

    def power_cut(*_: Any) -> None:
        raise RuntimeError("power cut")

    for way in ("fill", "cut"):
        monkeypatch.setattr(f"clicksession.writers.merging.merge.Merge.{way}", power_cut)
    with pytest.raises(RuntimeError, match="power cut"):
        cs.run(log, database, schema=BY_ADDRESS, rebuild=True)
    events, sessions = shown(content_of(database))
    # MariaDB keeps a column that was widened for what did not come.
    assert [str(row["event_id"]) for row in events] == [str(row["event_id"]) for row in before[0]]
    assert [row["session_id"] for row in sessions] == [row["session_id"] for row in before[1]]


def test_what_the_stored_events_do_not_tell_is_refused(
    database: sa.Engine, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clicksession.pipeline.running.usual_memory", lambda: 1)
    cs.run(log, database, schema=BY_BOTH)
    before = content_of(database)
    with pytest.raises(cs.errors.RulesChangedError, match="which are one now"):
        cs.run(log, database, schema=BY_ADDRESS, rebuild=True)
    unknown = cs.EventSchema(user_id="event.cookie", timestamp="event.timestamp")
    with pytest.raises(cs.errors.RulesChangedError, match=r"no stored column.*event\.cookie"):
        cs.run(log, database, schema=unknown, rebuild=True)
    no_time = cs.EventSchema(event_id="id", user_id="event.user-agent", timestamp="type")
    with pytest.raises(cs.errors.WriteError, match="a stored value of type is no time"):
        cs.run(log, database, schema=no_time, rebuild=True)
    assert content_of(database) == before


def test_an_empty_text_hides_no_other_field(database: sa.Engine, tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    log.write_text('{"login": "", "cookie": "c", "timestamp": 1714557600}\n')
    cs.run(log, database, schema=cs.EventSchema(user_id="cookie"))
    cs.run(log, database, schema=cs.EventSchema(user_id=("login", "cookie")), rebuild=True)
    assert [row["user_id"] for row in content_of(database)["sessions"]] == ["c"]


def test_what_is_advised_for_another_schema_works(tmp_path: Path) -> None:
    """Fields that fed one column together are not told apart, and then nothing else is said."""
    message = '{"messageId": "m", "userId": "u", "anonymousId": "a", "type": "page", '
    source, target = tmp_path / "log.json", f"sqlite:///{tmp_path / 'shop.db'}"
    source.write_text(message + '"timestamp": "2024-05-01T10:00:00Z"}\n')
    segment = cs.EventSchema.preset("segment")
    cs.run(source, target, schema=segment)
    known = replace(segment, user_id="userId")
    with pytest.raises(RulesChangedError, match="other tables") as caught:
        cs.run(source, target, schema=known)
    assert "rebuild" not in str(caught.value)
    assert "User_id cannot be mapped anew: its stored values came from 'userId' and" in str(
        caught.value
    )
    with pytest.raises(RulesChangedError, match="cannot be mapped anew"):
        cs.run(source, target, schema=known, rebuild=True)
    tables = cs.sql.Tables(prefix="known_")
    assert cs.run(source, target, schema=known, tables=tables).events_added == 1
