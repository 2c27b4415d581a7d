"""A column takes what comes: whatever came first, the table is that of one write."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.rows.types import column_of
from clicksession.sql import Tables
from clicksession.writers.tables.misfits import quarantine_table
from tests.writers.content import BOOKKEEPING, content_of

_NUMBERS = st.sampled_from([0, 7, -3, 2**53, 2**53 + 1, -(2**63), 10**10, 7.0, 0.5, 1e10, 1e20])
_VALUES = st.one_of(_NUMBERS, st.sampled_from(["7", "007", "x", ""]), st.booleans(), st.none())
_USERS = st.sampled_from([1, 2, "2", "ann", None])


@st.composite
def logs(draw: st.DrawFn) -> list[tuple[int, Any, Any]]:
    """Events with an id, a user and a value."""
    rows = draw(st.lists(st.tuples(_USERS, _VALUES), min_size=1, max_size=6))
    return [(number, user, value) for number, (user, value) in enumerate(rows)]


def frame_of(rows: list[tuple[int, Any, Any]], *, texts: bool = False) -> pd.DataFrame:
    """Return events as `read_events` gives them: each column in the narrowest type that fits."""
    ids = [f"e{number}" if texts else number for number, _, _ in rows]
    moments = [pd.Timestamp("2024-05-01", tz="UTC") + pd.Timedelta(minutes=n) for n, _, _ in rows]
    columns = {"user_id": [row[1] for row in rows], "value": [row[2] for row in rows]}
    arrays = {name: column_of(values) for name, values in columns.items()}
    series = {
        name: pd.Series(pd.array(array, dtype=pd.ArrowDtype(array.type)))
        for name, array in arrays.items()
    }
    return pd.DataFrame({"event_id": ids, "timestamp": moments, **series})


def written(engine: sa.Engine, *batches: pd.DataFrame) -> Any:
    """Return the tables after these batches."""
    tables = Tables(prefix="types_")
    with engine.begin() as connection:
        for name in ("events", "sessions", *BOOKKEEPING):
            connection.execute(sa.schema.DropTable(tables.table(name), if_exists=True))
    writer = cs.SQLWriter(engine, tables=tables)
    for batch in batches:
        writer.write(batch)
    return content_of(engine, tables)


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64(), None])
def test_dates_are_texts_as_in_a_run(kind: Any, database: sa.Engine) -> None:
    dates = [date(2024, 1, 2), None]
    column = dates if kind is None else pd.array(dates, dtype=pd.ArrowDtype(kind))
    moments = pd.to_datetime(["2024-05-01"] * 2, utc=True)
    frame = pd.DataFrame({"user_id": [1, 2], "timestamp": moments, "born": column})
    assert cs.SQLWriter(database).write(frame).events_added == 2
    born = {row["user_id"]: row["born"] for row in content_of(database)["events"]}
    assert born == {1: "2024-01-02", 2: None}
    # Also by the ids that are made of what they hold.
    assert cs.run(frame, database).duplicates == 2


def plain(content: Any) -> Any:
    """Return tables without columns that hold nothing: no batch brought a value for them."""
    kept = {name for row in content["events"] for name, value in row.items() if value is not None}
    events = [{name: row.get(name) for name in kept} for row in content["events"]]
    kinds = {name: {type(row[name]) for row in events if row[name] is not None} for name in kept}
    return events, kinds, content["sessions"]


def check_any_order(engine: sa.Engine, log: list[tuple[int, Any, Any]], cuts: Any) -> None:
    order = cuts.draw(st.permutations(log))
    size = cuts.draw(st.integers(1, len(log)))
    batches = [frame_of(order[i : i + size]) for i in range(0, len(order), size)]
    assert plain(written(engine, *batches)) == plain(written(engine, frame_of(log)))


def test_in_any_order_the_types_are_those_of_one_write(database: sa.Engine, histories: int) -> None:
    @settings(
        max_examples=2 * histories,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(log=logs(), cuts=st.data())
    def check(log: list[tuple[int, Any, Any]], cuts: Any) -> None:
        check_any_order(database, log, cuts)

    check()


def test_ids_become_text(database: sa.Engine) -> None:
    numbers, texts = frame_of([(1, 7, 1), (2, 8, 2)]), frame_of([(3, "x", 1)], texts=True)
    content = written(database, numbers, texts, numbers)
    assert [row["event_id"] for row in content["events"]] == ["1", "2", "e3"]
    assert [row["user_id"] for row in content["sessions"]] == ["7", "8", "x"]
    assert content == written(database, texts, numbers)


def test_what_is_there_is_found_again_after_widening(database: sa.Engine) -> None:
    written(database, frame_of([(1, 7, 1)]), frame_of([(2, "x", "a")]))
    writer = cs.SQLWriter(database, tables=Tables(prefix="types_"))
    again = writer.write(frame_of([(1, "7", "1"), (2, "x", "a")]))
    assert (again.events_added, again.duplicates) == (0, 2)
    assert writer.delete_user(7).events_deleted == 1


def test_what_does_not_fit_is_set_aside_if_asked_to(database: sa.Engine) -> None:
    tables = Tables(prefix="types_")
    written(database, frame_of([(1, 7, 2**60)]))
    with database.begin() as connection:
        connection.execute(sa.schema.DropTable(quarantine_table(tables), if_exists=True))
    writer = cs.SQLWriter(database, tables=tables, on_misfit="quarantine")
    batch = frame_of([(2, 8, "x"), (3, 8, "12"), (4, 8, None), (5, 8, "0.5"), (6, 8, "007")])
    report = writer.write(batch)
    assert (report.rows, report.events_added, report.refused) == (5, 2, 3)
    assert [row["value"] for row in content_of(database, tables)["events"]] == [2**60, 12, None]
    with database.connect() as connection:
        aside = connection.execute(sa.select(quarantine_table(tables))).mappings().all()
    assert [(row["column_name"], json.loads(row["event"])["value"]) for row in aside] == [
        ("value", "x"),
        ("value", "0.5"),
        ("value", "007"),
    ]
    assert json.loads(aside[0]["event"])["event_id"] == 2
    assert {row["reason"] for row in aside} == {"it is BIGINT"}


def test_a_row_is_set_aside_once(database: sa.Engine) -> None:
    tables = Tables(prefix="types_")
    writer = cs.SQLWriter(database, tables=tables, on_misfit="quarantine")
    writer.write(frame_of([(1, 8, 12)]))
    # A database may take the second for the first.
    batch = frame_of([(2, 8, "x"), (2_000, 8, "X"), (3, 8, "y"), (4, 8, "12")])
    for added in (1, 0):
        report = writer.write(batch)
        assert (report.rows, report.refused, report.events_added) == (4, 3, added)
    assert writer.write(frame_of([(2, 8, "X"), (5, 8, None)])).refused == 1
    with database.connect() as connection:
        aside = connection.execute(sa.select(quarantine_table(tables).c.event)).scalars().all()
    kept = [(event["event_id"], event["value"]) for event in map(json.loads, aside)]
    assert kept == [(2, "x"), (2000, "X"), (3, "y"), (2, "X")]


def test_a_row_is_set_aside_once_whatever_it_comes_with(database: sa.Engine) -> None:
    tables = Tables(prefix="types_")
    writer = cs.SQLWriter(database, tables=tables, on_misfit="quarantine")
    writer.write(frame_of([(1, 8, 12)]))
    batch = frame_of([(2, 9, "x"), (3, 9, "13")])
    for rows in (batch, batch.join(pd.DataFrame({"page": ["a"]}, index=[1]))):
        assert writer.write(rows).refused == 1
    with database.connect() as connection:
        aside = connection.execute(sa.select(quarantine_table(tables).c.event)).scalars().all()
    assert [json.loads(event)["event_id"] for event in aside].count(2) == 1


@pytest.mark.parametrize("on_misfit", ["raise", "quarantine"])
def test_a_new_column_is_added_whatever_becomes_of_misfits(
    on_misfit: Any, database: sa.Engine
) -> None:
    tables = Tables(prefix="types_")
    written(database, frame_of([(1, 8, 12)]))
    writer = cs.SQLWriter(database, tables=tables, on_misfit=on_misfit)
    assert writer.write(frame_of([(2, 8, 13)]).assign(page="a")).events_added == 1
    assert [row["page"] for row in content_of(database, tables)["events"]] == [None, "a"]


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_what_is_no_number_of_json_is_set_aside_as_text(value: float, tmp_path: Path) -> None:
    engine = sa.create_engine(f"duckdb:///{tmp_path / 'a.db'}")
    tables = Tables(prefix="types_")
    writer = cs.SQLWriter(engine, tables=tables, on_misfit="quarantine")
    writer.write(frame_of([(1, 1, 7)]))
    assert writer.write(frame_of([(2, 1, value)])).refused == 1
    with engine.connect() as connection:
        (event,) = connection.execute(sa.select(quarantine_table(tables).c.event)).scalars()
    assert json.loads(event, parse_constant=pytest.fail)["value"] == str(value)
    engine.dispose()


@pytest.mark.parametrize(
    ("there", "comes", "fits"),
    [
        (1, 2.0, True),
        (1, 2.5, False),
        (1, True, False),
        (0.5, 2, True),
        (0.5, 2**53 + 1, False),
        (0.5, "0.25", True),
        (0.5, "1e400", False),
        (0.5, "x", False),
        (True, "false", True),
        (True, 1, False),
        ("x", 2.5, True),
    ],
)
def test_what_fits(there: Any, comes: Any, *, fits: bool, tmp_path: Path) -> None:
    writer = cs.SQLWriter(f"duckdb:///{tmp_path / 'a.db'}", on_misfit="quarantine")
    writer.write(frame_of([(1, 1, there)]))
    assert writer.write(frame_of([(2, 1, comes)])).refused == (not fits)
