"""What a target remembers, and how it is corrected: rules, files, windows, deletions, changes."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.readers.rows.duplicates.keys import EVENT_ID
from clicksession.sql import Tables
from clicksession.writers.merging.changes import changes_table
from tests.writers.content import content_of

LINE = '{"event_id": %d, "user_id": %d, "timestamp": "2024-05-%02dT10:%02d:00Z"}\n'


def log(path: Path, *events: tuple[int, int, int, int]) -> Path:
    """Write a file of events: id, user, day, minute."""
    path.write_text("".join(LINE % event for event in events))
    return path


def query(engine: sa.Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def test_other_rules_are_refused_and_rebuild_changes_them(
    database: sa.Engine, tmp_path: Path
) -> None:
    first = log(tmp_path / "1.json", (1, 7, 1, 0), (2, 7, 1, 20), (3, 7, 1, 59))
    cs.run(first, database)
    assert query(database, "SELECT count(*) FROM sessions") == [(2,)]
    with pytest.raises(cs.errors.RulesChangedError, match="rebuild=True"):
        cs.run(first, database, timeout="1h")
    with pytest.raises(cs.errors.RulesChangedError, match="pause of more than 30 minutes"):
        cs.SQLWriter(database, timeout="1h").write(cs.read_events(first))
    second = log(tmp_path / "2.json", (4, 7, 1, 40))
    report = cs.run([first, second], database, timeout="15min", rebuild=True)
    assert (report.files_read, report.files_skipped, report.events_added) == (1, 1, 1)
    whole = f"duckdb:///{tmp_path / 'whole.db'}"
    cs.run([first, second], whole, timeout="15min")
    other = sa.create_engine(whole)
    assert content_of(database) == content_of(other)
    other.dispose()
    with pytest.raises(cs.errors.RulesChangedError):
        cs.run(first, database)


def test_another_schema_is_refused(database: sa.Engine, tmp_path: Path) -> None:
    path = log(tmp_path / "1.json", (1, 7, 1, 0))
    cs.run(path, database, schema=cs.EventSchema(user_id="user_id"))
    with pytest.raises(cs.errors.RulesChangedError, match="its events came by another schema"):
        cs.run(path, database, schema=cs.EventSchema(user_id="event_id"))


def test_files_that_are_there_are_not_read_again(database: sa.Engine, tmp_path: Path) -> None:
    first = log(tmp_path / "1.json", (1, 7, 1, 0))
    empty = log(tmp_path / "2.json")
    report = cs.run(tmp_path / "*.json", database)
    assert (report.files_read, report.files_skipped, report.rows_read) == (2, 0, 1)
    log(tmp_path / "3.json", (2, 7, 1, 10))
    report = cs.run(tmp_path / "*.json", database)
    assert (report.files_read, report.files_skipped, report.rows_read) == (1, 2, 1)
    log(first, (1, 7, 1, 0), (3, 7, 2, 0))
    report = cs.run(tmp_path / "*.json", database)
    assert (report.files_read, report.events_added, report.duplicates) == (1, 1, 1)
    files = query(database, "SELECT name, row_count, duplicates, state FROM clicksession_files")
    assert sorted(files) == [
        (str(first), 2, 1, "done"),
        (str(empty), 0, 0, "done"),
        (str(tmp_path / "3.json"), 1, 0, "done"),
    ]
    runs = query(database, "SELECT run_id, events_added FROM clicksession_runs ORDER BY 1")
    assert runs == [(1, 1), (2, 1), (3, 1)]


@pytest.mark.parametrize(("group_bytes", "known"), [(0, 1), (2**20, 2)])
def test_an_interrupted_run_goes_on_where_it_was(
    database: sa.Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    group_bytes: int,
    known: int,
) -> None:
    # File by file, the end of the second is news of the write that never came; small files that are
    # read together are one piece, with their ends.
    monkeypatch.setattr("clicksession.readers.feeds.small_files._GROUP_BYTES", group_bytes)
    for limit in ("_ROWS_PER_WRITE", "_ROWS_PER_FIRST_WRITE"):
        monkeypatch.setattr(f"clicksession.pipeline.batches.{limit}", 2)
    log(tmp_path / "1.json", (1, 7, 1, 0), (2, 7, 1, 1))
    log(tmp_path / "2.json", (3, 7, 1, 2), (4, 7, 1, 3))
    broken = tmp_path / "3.json"
    broken.write_text("{oops\n")
    with pytest.raises(cs.errors.BadRowError):
        cs.run(tmp_path / "*.json", database)
    assert query(database, "SELECT count(*) FROM events") == [(4,)]
    log(broken, (5, 7, 1, 4))
    report = cs.run(tmp_path / "*.json", database)
    assert report.files_skipped == known
    assert report.events_added == 1
    assert query(database, "SELECT count(*), min(event_count) FROM sessions") == [(1, 5)]


def test_a_window_is_reloaded(database: sa.Engine, tmp_path: Path) -> None:
    path = log(tmp_path / "1.json", (1, 7, 1, 0), (2, 7, 2, 0), (3, 7, 2, 20), (4, 8, 3, 0))
    cs.run(path, database)
    log(path, (1, 7, 1, 0), (2, 7, 2, 5), (5, 7, 2, 50), (4, 8, 3, 0), (6, 8, 3, 1))
    report = cs.run(path, database, since="2024-05-02", until="2024-05-03")
    assert (report.events_deleted, report.rows_read, report.events_added) == (2, 2, 2)
    found = query(database, "SELECT event_id, session_id FROM events ORDER BY event_id")
    assert [number for number, _ in found] == [1, 2, 4, 5]
    ends = query(database, "SELECT event_count, start_reason FROM sessions ORDER BY started_at")
    assert ends == [(1, "first"), (1, "timeout"), (1, "timeout"), (1, "first")]


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ({"since": "2024-05-02"}, "`until` must be a time"),
        ({"until": "2024-05-02"}, "`since` must be a time"),
        ({"since": "soon", "until": "2024-05-02"}, "`since` must be a time"),
        # A number of what unit? Of nanoseconds, this would be in 1970.
        ({"since": 20240502, "until": "2024-05-03"}, "`since` must be a time"),
        ({"since": "2024-05-02", "until": "2024-05-01"}, "`until` must be later"),
    ],
)
def test_a_window_that_is_none(window: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(cs.errors.ParameterError, match=message):
        cs.run(tmp_path, f"duckdb:///{tmp_path / 'a.db'}", **window)  # type: ignore[arg-type]


def test_a_user_is_deleted(database: sa.Engine, tmp_path: Path) -> None:
    cs.run(log(tmp_path / "1.json", (1, 7, 1, 0), (2, 8, 1, 0), (3, 7, 2, 0)), database)
    report = cs.SQLWriter(database).delete_user(7)
    assert (report.events_deleted, report.sessions_removed) == (2, 2)
    assert query(database, "SELECT user_id FROM events") == [(8,)]
    assert query(database, "SELECT user_id FROM sessions") == [(8,)]
    assert cs.SQLWriter(database).delete_user("9").events_deleted == 0


#: A user as a caller may give it, and whether it is the one stored: of whole numbers, and of texts.
SPELLED: list[tuple[Any, bool, bool]] = [
    (7, True, True),
    (7.0, True, True),
    (np.float64(7), True, True),
    (np.int32(7), True, True),
    (Decimal("7.0"), True, True),
    ("7", True, True),
    ("7.0", True, True),
    ("007", False, False),
    (7.5, False, False),
    (" 7", False, False),
    ("", False, False),
    (2**70, False, False),
]


@pytest.mark.parametrize("kind", ["whole numbers", "texts"])
def test_a_user_is_told_by_the_rule_of_ids(database: sa.Engine, kind: str) -> None:
    moments = pd.to_datetime(["2024-05-01"] * 2, utc=True)
    users = [7, 8] if kind == "whole numbers" else ["7", "ann"]
    frame = pd.DataFrame({"event_id": [1, 2], "user_id": users, "timestamp": moments})
    writer = cs.SQLWriter(database)
    for user, of_numbers, of_texts in SPELLED:
        writer.write(frame)
        is_stored = of_numbers if kind == "whole numbers" else of_texts
        assert writer.delete_user(user).events_deleted == is_stored, user
    # A column with a null is one of floats, and so is each user that comes out of it.
    writer.write(frame)
    given = pd.Series([7, None])[0]
    assert writer.delete_user(given).events_deleted == 1
    assert writer.delete_user(users[1]).events_deleted == 1


def test_users_whose_text_is_that_of_a_number(database: sa.Engine, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    lines = [LINE.replace('"user_id": %d', '"user_id": %s') % each for each in (
        (1, "1e17", 1, 0), (2, "1.5", 1, 0), (3, '"7.0"', 1, 0), (4, '"ann"', 1, 0)
    )]  # fmt: skip
    path.write_text("".join(lines))
    cs.run(path, database)
    writer = cs.SQLWriter(database)
    for user in (1e17, np.float64(1.5), "7.0"):
        assert writer.delete_user(user).events_deleted == 1, user
    assert query(database, "SELECT user_id FROM events") == [("ann",)]


@pytest.mark.parametrize("user", [None, True, np.bool_(False), np.nan, pd.NA, pd.NaT, "a\ud800"])
def test_nobody_is_no_user_to_delete(user: Any, tmp_path: Path) -> None:
    writer = cs.SQLWriter(f"sqlite:///{tmp_path / 'shop.db'}")
    with pytest.raises(cs.errors.ParameterError, match=r"SQLWriter.delete_user: `user_id` must"):
        writer.delete_user(user)


def test_a_float_that_has_lost_digits_is_no_whole_number(tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path / 'shop.db'}"
    cs.run(log(tmp_path / "1.json", (1, 10**17, 1, 0)), target)
    with pytest.raises(cs.errors.ParameterError, match=r"a float has lost digits; got 1e\+17"):
        cs.SQLWriter(target).delete_user(1e17)
    assert cs.SQLWriter(target).delete_user(10**17).events_deleted == 1


@pytest.mark.parametrize(
    ("since", "until", "message"),
    [
        (None, "2024-06-01", "`since` must be a time"),
        ("2024-06-01", None, "`until` must be a time"),
        ("x", "y", "`since` must be a time"),
        (1, 2, "`since` must be a time"),
        ("2024-05-01", 1714557600.5, "`until` must be a time"),
        (pd.NaT, "2024-05-01", "`since` must be a time"),
        (["2024-05-01"], "2024-05-01", "`since` must be a time"),
        ("2024-05-02", "2024-05-01", "`until` must be later"),
        ("2024-05-01", "2024-05-01", "`until` must be later"),
    ],
)
def test_a_window_to_delete_that_is_none(
    since: Any, until: Any, message: str, tmp_path: Path
) -> None:
    writer = cs.SQLWriter(f"sqlite:///{tmp_path / 'shop.db'}")
    with pytest.raises(cs.errors.ParameterError, match=f"^SQLWriter.delete_between: {message}"):
        writer.delete_between(since, until)


@pytest.mark.parametrize(
    "events", [[1], None, "ann", {"user_id": ["ann"]}, pd.DataFrame({"user_id": ["ann"]})]
)
def test_events_to_delete_that_are_none(events: Any, tmp_path: Path) -> None:
    writer = cs.SQLWriter(f"sqlite:///{tmp_path / 'shop.db'}")
    with pytest.raises(cs.errors.ParameterError, match=r"^SQLWriter.delete_events: `events` must"):
        writer.delete_events(events)


def test_a_file_is_taken_back_and_those_that_share_with_it_are_read_again(
    database: sa.Engine, tmp_path: Path
) -> None:
    first = log(tmp_path / "1.json", (1, 7, 1, 0), (2, 7, 1, 20), (3, 7, 1, 40))
    second = log(tmp_path / "2.json", (3, 7, 1, 40), (4, 7, 1, 50))
    cs.run([first, second], database)
    assert query(database, "SELECT event_count FROM sessions") == [(4,)]
    writer = cs.SQLWriter(database)
    report = writer.delete_events(cs.read_events(first), file=str(first))
    assert report.events_deleted == 3
    again = cs.run(second, database)
    assert (again.files_read, again.events_added) == (1, 1)
    assert query(database, "SELECT event_count FROM sessions") == [(2,)]


def test_nothing_is_stored_yet(database: sa.Engine) -> None:
    writer = cs.SQLWriter(database)
    assert writer.delete_user(7).events_deleted == 0
    assert writer.rebuild().sessions_added == 0
    assert writer._target.held(None, EVENT_ID, ()).files == set()


def test_the_change_log_says_which_id_became_which(database: sa.Engine, tmp_path: Path) -> None:
    first = log(tmp_path / "1.json", (1, 7, 1, 0), (2, 7, 1, 50), (3, 8, 1, 0))
    cs.run(first, database, log_changes=True)
    cs.run(log(tmp_path / "2.json", (4, 7, 1, 25)), database, log_changes=True)
    cs.SQLWriter(database, log_changes=True).delete_user(8)
    ids = {user: f"{user}:{1714557600000000}" for user in (7, 8)}
    late = f"7:{1714557600000000 + 50 * 60_000_000}"
    found = query(database, "SELECT run_id, old_session_id, new_session_id FROM session_changes")
    assert sorted(found, key=str) == sorted(
        [
            (1, None, ids[7]),
            (1, None, late),
            (1, None, ids[8]),
            (2, late, ids[7]),
            (3, ids[8], None),
        ],
        key=str,
    )


def test_a_time_far_in_the_future_freezes_nothing(database: sa.Engine, tmp_path: Path) -> None:
    future = tmp_path / "1.json"
    future.write_text('{"event_id": 1, "user_id": 7, "timestamp": "2250-01-01T00:00:00Z"}\n')
    cs.run(future, database, latest="2261-01-01")
    cs.run(log(tmp_path / "2.json", (2, 7, 1, 0), (3, 7, 1, 10)), database)
    cs.run(log(tmp_path / "3.json", (4, 7, 1, 5)), database)
    assert query(database, "SELECT event_count FROM sessions ORDER BY started_at") == [(3,), (1,)]


def test_a_lost_connection_is_made_again(
    database: sa.Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if database.dialect.name not in ("postgresql", "mariadb"):
        pytest.skip("an embedded database has no connection to lose")
    writer = cs.SQLWriter(database)
    lost: list[bool] = []

    def losing(load: Callable[..., None]) -> Callable[..., None]:
        def loses(connection: sa.Connection, *arguments: Any, **options: Any) -> None:
            if not lost:
                lost.append(True)
                _kill(database, connection)
            load(connection, *arguments, **options)

        return loses

    for name in ("load", "load_stream"):
        setattr(writer._target.loader, name, losing(getattr(writer._target.loader, name)))
    path = log(tmp_path / "1.json", (1, 7, 1, 0))
    assert writer.write(cs.read_events(path)).events_added == 1
    assert lost
    assert query(database, "SELECT count(*) FROM sessions") == [(1,)]


def _kill(engine: sa.Engine, victim: sa.Connection) -> None:
    own = {"postgresql": "pg_backend_pid", "mariadb": "connection_id"}[engine.dialect.name]
    number = victim.execute(sa.text(f"SELECT {own}()")).scalar()
    kill = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}
    with engine.connect() as connection:
        connection.execute(sa.text(kill[engine.dialect.name].format(number)))


def test_changes_are_kept_beside_their_tables() -> None:
    assert changes_table(Tables(prefix="web_")).name == "web_session_changes"


def test_many_columns_and_users_of_text(database: sa.Engine) -> None:
    frame = pd.DataFrame(
        {
            "user_id": ["Ann", "ann", "ann ", "é", "é"],
            "timestamp": pd.to_datetime(["2024-05-01"] * 5),
            "event_type": ["A", "a", "a ", "é", "É"],
        }
    )
    report = cs.SQLWriter(database).write(frame)
    assert (report.events_added, report.sessions_added) == (5, 4)
    assert len(content_of(database)["sessions"]) == 4
    found = query(database, "SELECT count(*) FROM events WHERE event_type = 'a'")
    assert found == [(1,)]


@pytest.mark.parametrize("key", ["row", ["event_id", "user_id", "timestamp"], None])
def test_a_file_is_taken_back_where_ids_are_not_the_log_s(tmp_path: Path, key: Any) -> None:
    target, good, bad = f"sqlite:///{tmp_path / 'shop.db'}", tmp_path / "a.csv", tmp_path / "b.csv"
    good.write_text("event_id,user_id,timestamp\n1,ann,2024-05-01T10:00Z\n")
    bad.write_text("event_id,user_id,timestamp\n1,ann,2024-05-02T10:00Z\n")
    cs.run([good, bad], target, drop_duplicates=key)
    writer = cs.SQLWriter(target)
    with pytest.raises(cs.errors.ParameterError, match=r"drop_duplicates=.*delete_between\(\)"):
        writer.delete_events(cs.read_events(bad, drop_duplicates=key), file=str(bad))
    window = {"since": "2024-05-02", "until": "2024-05-03"}
    assert cs.run(good, target, drop_duplicates=key, **window).events_deleted == 1
    assert len(cs.load_events(target)) == 1


def test_a_frame_of_another_library_is_named() -> None:
    frame, writer = pl.DataFrame({"user_id": ["ann"]}), cs.SQLWriter("sqlite:///none.db")
    for write, way_out in (
        (writer.write, r"run\(events, target\)"),
        (writer.delete_events, "to_pandas"),
    ):
        with pytest.raises(cs.errors.ParameterError, match=rf"got 'polars\..*{way_out}"):
            write(frame)  # type: ignore[arg-type]
    with pytest.raises(cs.errors.ParameterError, match=r"got 'list'\.$"):
        writer.write([])  # type: ignore[arg-type]
