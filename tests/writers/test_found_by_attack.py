"""What a hostile review of writing found, each kept as a test."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.pipeline import batches
from clicksession.writers.tables import widening
from clicksession.writers.target_writer import TargetWriter
from tests.writers.content import content_at, content_of

DAY = (pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-02", tz="UTC"))


class PowerCutError(Exception):
    """What interrupts a write."""


def frame(ids: list[Any], users: list[Any] | None = None, **columns: Any) -> pd.DataFrame:
    moments = pd.to_datetime(["2024-01-01"] * len(ids), utc=True)
    owners = users or [1] * len(ids)
    return pd.DataFrame({"event_id": ids, "user_id": owners, "timestamp": moments, **columns})


def cut(*_: Any) -> None:
    raise PowerCutError


def test_a_window_stays_where_its_reload_fails(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = cs.SQLWriter(database)
    writer.write(frame(["a", "b"], n=[1, 2]))
    before = [row["event_id"] for row in content_of(database)["events"]]
    for way in ("fill", "cut", "add"):
        monkeypatch.setattr(f"clicksession.writers.merging.merge.Merge.{way}", cut)
    with pytest.raises(PowerCutError):
        writer.write(frame(["c", "d"], n=["x", "y"], extra=[1, 1]), replacing=DAY)
    assert [row["event_id"] for row in content_of(database)["events"]] == before


def test_a_crash_while_a_column_is_widened(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = cs.SQLWriter(database)
    writer.write(frame([1, 2], v=[1, 2]))
    with monkeypatch.context() as patch:
        patch.setattr(widening, "_fill", cut)
        with pytest.raises(PowerCutError):
            writer.write(frame([3], v=["t"]))
    writer.write(frame([3], v=["t"]))
    events = content_of(database)["events"]
    assert [row["v"] for row in events] == ["1", "2", "t"]
    assert "clicksession_widened" not in events[0]


def test_ids_that_became_text_in_a_write_that_failed(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rules = cs.Rules(max_events=1)
    writer = cs.SQLWriter(database, rules=rules)
    writer.write(frame([9, 10]))
    with monkeypatch.context() as patch:
        patch.setattr("clicksession.writers.merging.merge.Merge.add", cut)
        with pytest.raises(PowerCutError):
            writer.write(frame(["a"], users=["z"]))
    writer.write(frame(["a"], users=["z"]))
    whole = f"duckdb:///{tmp_path / 'whole.db'}"
    cs.SQLWriter(whole, rules=rules).write(frame(["9", "10", "a"], users=["1", "1", "z"]))
    assert content_of(database) == content_at(whole)


def test_a_first_run_that_fails_leaves_no_events(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = [
        {"user_id": user, "timestamp": 1714557600 + at, **({"x": 1} if user > 6 else {})}
        for user in range(12)
        for at in (0, 20 * 60)
    ]
    log = tmp_path / "log.json"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setattr("clicksession.pipeline.running.usual_memory", lambda: 1)
    with monkeypatch.context() as patch:
        patch.setattr("clicksession.writers.merging.addition.Addition.finish", cut)
        with pytest.raises(PowerCutError):
            cs.run(log, database_url, timeout="30min")
    assert cs.run(log, database_url, timeout="10min").sessions_added == 24


def test_events_without_an_id_are_known_after_a_rebuild_by_another_schema(
    database: sa.Engine, tmp_path: Path
) -> None:
    line = '{{"ip": "{}", "cookie": "x", "timestamp": "2024-01-01T10:0{}:00"}}\n'
    for name in ("1.json", "2.json"):
        (tmp_path / name).write_text(line.format("a", 0) + line.format("b", 5))
    by_ip, by_cookie = cs.EventSchema(user_id="ip"), cs.EventSchema(user_id="cookie")
    cs.run(tmp_path / "1.json", database, schema=by_ip)
    cs.run(tmp_path / "1.json", database, schema=by_cookie, rebuild=True)
    assert cs.run(tmp_path / "2.json", database, schema=by_cookie).events_added == 0


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_events_without_user_and_id_that_differ_by_nanoseconds(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f",2024-01-01T00:00:00.0000000{n:02d}Z,a" for n in range(50)]
    (tmp_path / "log.csv").write_text("\n".join(["user_id,timestamp,p", *rows, "1,2024-01-01,a"]))
    monkeypatch.setattr("clicksession.pipeline.running.usual_memory", lambda: 1)
    report = cs.run(tmp_path / "log.csv", f"{kind}:///{tmp_path / 'a.db'}")
    assert (report.events_added, report.duplicates) == (2, 49)


def test_one_event_has_one_id_whatever_stands_beside_it(database: sa.Engine) -> None:
    writer = cs.SQLWriter(database)
    two = frame([0, 0], users=[1, 2]).drop(columns="event_id")
    writer.write(two.assign(x=pd.Series([1e-7, "t"], dtype=object)))
    assert writer.write(two.iloc[:1].assign(x=[1e-7])).events_added == 0
    assert writer.write(two.iloc[:1].assign(x=["2.0"])).events_added == 1
    # Which of these two a number is written as is not for its neighbours to say.
    assert writer.write(two.iloc[:1].assign(x=["2"])).events_added == 0


def test_fractions_can_be_widened_and_looked_at(database: sa.Engine) -> None:
    rules = cs.Rules("30min", change="v")
    writer = cs.SQLWriter(database, rules=rules)
    writer.write(frame([1], v=[1e-12]))
    writer.write(frame([2], v=[0.5]))
    writer.write(frame([3], v=["t"]))
    assert [row["v"] for row in content_of(database)["events"]] == ["1e-12", "0.5", "t"]
    assert len(content_of(database)["sessions"]) == 3


def test_a_file_is_counted_once_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log.json"
    lines = (f'{{"user_id": {n}, "timestamp": {1714557600 + n}}}\n' for n in range(6))
    log.write_text("".join(lines))
    monkeypatch.setattr(batches, "_ROWS_PER_FIRST_WRITE", 3)
    url = f"duckdb:///{tmp_path / 'a.db'}"
    monkeypatch.setattr("clicksession.readers.formats.blocks.BLOCK_BYTES", 40)
    writes, write = [], TargetWriter.write

    def second_fails(self: TargetWriter, *arguments: Any, **options: Any) -> Any:
        writes.append(True)
        return cut() if len(writes) == 2 else write(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(TargetWriter, "write", second_fails)
        with pytest.raises(PowerCutError):
            cs.run(log, url)
    cs.run(log, url)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        text = "SELECT row_count, state FROM clicksession_files"
        assert connection.execute(sa.text(text)).all() == [(6, "done")]
    engine.dispose()


@pytest.mark.parametrize("name", ["at", "by", "glob", "returning", "nothing", "order", "Group"])
def test_fields_of_any_name(name: str, database: sa.Engine) -> None:
    writer = cs.SQLWriter(database)
    writer.write(frame([1]))
    writer.write(frame([2], **{name: ["x"]}))
    writer.write(frame([3], **{name: ["y"]}))
    assert [row[name] for row in content_of(database)["events"]] == [None, "x", "y"]


def test_what_the_driver_refuses_in_bulk_is_a_write_error(postgresql_url: str) -> None:
    writer = cs.SQLWriter(postgresql_url)
    writer.write(frame([1], p=["a"]))
    engine = sa.create_engine(postgresql_url)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE events ADD CHECK (p <> 'b')"))
    engine.dispose()
    with pytest.raises(cs.errors.WriteError, match="Nothing was written"):
        writer.write(frame([2], p=["b"]))


def test_deleting_events_of_ids_of_another_type(database: sa.Engine) -> None:
    writer = cs.SQLWriter(database)
    writer.write(frame([1]))
    assert writer.delete_events(frame([1]).drop(columns="event_id")).events_deleted == 0
    assert writer.delete_events(frame(["1"])).events_deleted == 1


def test_rules_about_columns_are_checked_before_a_rebuild(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(frame([1], campaign=["a"]))
    with pytest.raises(cs.errors.ParameterError, match="campaign"):
        cs.SQLWriter(database, rules=cs.Rules(change="campain")).rebuild()
    by_user = cs.SQLWriter(database, rules=cs.Rules(change="event_id"))
    by_user.rebuild()
    assert by_user.write(frame([2], campaign=["a"])).sessions_added == 1


def test_a_rebuild_by_rules_about_a_column_without_a_value(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(frame([1], campaign=[None]))
    writer = cs.SQLWriter(database, rules=cs.Rules(change="campaign"))
    writer.rebuild()
    assert writer.write(frame([2], campaign=["a"])).events_added == 1
    assert len(content_of(database)["sessions"]) == 2
