"""After `forget` no table has a trace of a person, on each database, and all of others is there."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from privacy import everything, forget, others_with

RULES = cs.Rules("30min")
ANN = ["ann@example.com", "anonymous:5eed"]
BOB = "bob:7"
# What no other row has: her ids, her address, what she searched for.
TRACES = ("ann@example.com", "5eed", "203.0.113.7", "secret gift")


def write(engine: sa.Engine, **columns: object) -> None:
    times = pd.to_datetime(columns.pop("times"), utc=True)  # type: ignore[call-overload]
    writer = cs.SQLWriter(engine, rules=RULES, on_misfit="quarantine", log_changes=True)
    writer.write(pd.DataFrame({"timestamp": times, **columns}))


@pytest.fixture
def shop(database: sa.Engine) -> sa.Engine:
    """A target with a person known by two ids, sessions that changed, and rows set aside."""
    write(
        database,
        times=["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-01 10:00", "2024-05-01 12:00"],
        event_id=[1, 2, 3, 4],
        user_id=[ANN[0], ANN[0], BOB, ANN[1]],
        event_ip=["203.0.113.7", "203.0.113.7", "198.51.100.1", "203.0.113.7"],
        search=["secret gift", None, "shoes", "secret gift"],
        price=[1, 2, 3, 4],
    )
    # A late event, which joins her two sessions.
    write(database, times=["2024-05-01 10:20"], event_id=[5], user_id=[ANN[0]], price=[5])
    for number, user in ((6, ANN[0]), (7, BOB), (8, ANN[1])):
        write(
            database,
            times=["2024-05-01 10:25"],
            event_id=[number],
            user_id=[user],
            price=["much"],
            search=["secret gift" if user != BOB else "shoes"],
        )
    return database


def whole(engine: sa.Engine) -> str:
    """Return all that any table of a database holds, as text."""
    engine.dispose()
    texts = []
    with engine.connect() as connection:
        for name in sorted(sa.inspect(connection).get_table_names()):
            rows = connection.execute(sa.text(f"SELECT * FROM {name}"))
            texts += [f"{name}: {tuple(row)}" for row in rows]
    return "\n".join(texts)


def test_nothing_is_left(shop: sa.Engine) -> None:
    before = whole(shop)
    assert all(trace in before for trace in TRACES)
    assert {"session_changes", "clicksession_quarantine"} <= set(sa.inspect(shop).get_table_names())
    found = {table: len(rows) for table, rows in everything(shop, ANN).items()}
    assert found["events"] == 4
    assert found["clicksession_quarantine"] == 2
    gone = forget(shop, ANN, RULES)
    after = whole(shop)
    assert not [trace for trace in TRACES if trace in after]
    assert (gone["events"], gone["sessions"], gone["clicksession_quarantine"]) == (4, 2, 2)
    # Of others nothing is gone.
    assert cs.load_events(shop)["user_id"].tolist() == [BOB]
    assert len(everything(shop, [BOB])["clicksession_quarantine"]) == 1
    assert len(everything(shop, [BOB])["session_changes"]) == 1
    assert after.count(BOB) == before.count(BOB)


def test_deleting_the_user_alone_leaves_what_was_set_aside(shop: sa.Engine) -> None:
    for name in ANN:
        cs.SQLWriter(shop, rules=RULES).delete_user(name)
    left = {table: len(rows) for table, rows in everything(shop, ANN).items()}
    assert left["events"] == left["sessions"] == 0
    assert left["clicksession_quarantine"] == 2
    assert left["session_changes"] > 2


def test_who_else_has_the_address(shop: sa.Engine) -> None:
    found = others_with(shop, ANN[:1], ["event_ip"])
    assert found.values.tolist() == [["event_ip", "203.0.113.7", ANN[1], 1]]


def test_sqlite_files_forget_by_vacuum(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    write(
        engine,
        times=["2024-05-01 10:00", "2024-05-01 10:00"],
        user_id=[ANN[0], BOB],
        search=["secret gift", "shoes"],
    )
    forget(engine, ANN, RULES)
    engine.dispose()
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM")
    engine.dispose()
    kept = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"shoes" in kept
    assert b"secret gift" not in kept


def test_a_copy_of_a_duckdb_file_forgets(tmp_path: Path) -> None:
    path, copy = tmp_path / "shop.duckdb", tmp_path / "copy.duckdb"
    engine = sa.create_engine(f"duckdb:///{path}")
    write(
        engine,
        times=["2024-05-01 10:00", "2024-05-01 10:00"],
        user_id=[ANN[0], BOB],
        search=["secret gift", "shoes"],
    )
    forget(engine, ANN, RULES)
    engine.dispose()
    with duckdb.connect(path) as connection:
        connection.execute("CHECKPOINT")
        connection.execute(f"ATTACH '{copy}' AS copy")
        connection.execute("COPY FROM DATABASE shop TO copy")
    assert b"secret gift" in path.read_bytes()
    assert b"secret gift" not in copy.read_bytes()
    kept = cs.load_events(f"duckdb:///{copy}")
    assert kept[["user_id", "search"]].values.tolist() == [[BOB, "shoes"]]
