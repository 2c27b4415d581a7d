"""What one row does to a load is the same on every database: the bounds are the library's."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.quality.fitting import short_id, wide_rows
from clicksession.sql import Tables
from clicksession.sql.dialects import common_bounds, spelling
from clicksession.writers.tables.misfits import quarantine_table
from clicksession.writers.tables.storable import storable
from tests.writers.content import BOOKKEEPING, content_of

AT = pd.Timestamp("2024-05-01T10:00:00Z")
LONG = "agent " * 700
MANY = {"properties": {f"p{n}": n for n in range(1_700)}}
WIDE = {f"t{n}": f"{n:032}" for n in range(900)}


def event(number: int, **more: Any) -> dict[str, Any]:
    """An event as a log has it."""
    return {"event_id": f"e{number}", "user_id": "ann", "timestamp": AT.isoformat()} | more


def written(path: Path, *rows: dict[str, Any]) -> Path:
    """A log with some good rows, then these, then a good one."""
    log = [*(event(number) for number in range(3)), *rows, event(99)]
    path.write_text("".join(json.dumps(row) + "\n" for row in log))
    return path


def events_of(database: sa.Engine) -> list[dict[str, Any]]:
    """The stored events beyond the good ones, without what is null."""
    good = ("e0", "e1", "e2", "e99")
    rows = [row for row in content_of(database)["events"] if row["event_id"] not in good]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def stored(number: int, user: str = "ann", **more: Any) -> dict[str, Any]:
    """An event as a table has it."""
    ids = {"event_id": f"e{number}", "user_id": user, "session_id": f"{user}:1714557600000000"}
    return ids | {"timestamp": AT.to_pydatetime()} | more


FITTED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a NUL": (event(10, page="a\0b"), stored(10, page="a\ufffdb")),
    "a NUL in a user": (event(11, user_id="a\0"), stored(11, "a\ufffd")),
    "a NUL in an id": (event(12, event_id="e\0"), stored(12, event_id="e\ufffd")),
    "a long user": (event(13, user_id=LONG), stored(13, short_id(LONG), user_id_text=LONG)),
    "a long user with a NUL": (
        event(14, user_id=LONG + "\0"),
        stored(14, short_id(LONG + "\ufffd"), user_id_text=LONG + "\ufffd"),
    ),
    "a long id": (
        event(15, event_id=LONG),
        stored(15, event_id=short_id(LONG), event_id_text=LONG),
    ),
    "a long type": (event(16, event_type=LONG), stored(16, event_type=LONG)),
    "columns of PostgreSQL": (
        event(17, ctid=1, xmin=2, tableoid=3, cmax=4),
        stored(17, source_ctid=1, source_xmin=2, source_tableoid=3, source_cmax=4),
    ),
    "words of databases": (
        event(18, rowid=1, oid=2, select=3, order=4, key=5, rank=6, system=7),
        stored(18, rowid=1, oid=2, select=3, order=4, key=5, rank=6, system=7),
    ),
    "a field that is called as a whole text": (
        event(19, user_id_text="x"),
        stored(19, source_user_id_text="x"),
    ),
    "a number as user": (event(20, user_id=1.5), stored(20, "1.5")),
    "a large number as user": (event(21, user_id=1e17), stored(21, "1e+17")),
}


def test_rows_that_are_fitted(database: sa.Engine, tmp_path: Path) -> None:
    rows, right = zip(*FITTED.values(), strict=True)
    log = written(tmp_path / "log.json", *rows)
    report = cs.run(log, database)
    assert report.events_added == report.rows_read == len(rows) + 4
    assert events_of(database) == sorted(right, key=lambda row: str(row["event_id"]))
    assert (report.reading.nuls_replaced, report.reading.ids_shortened) == (4, 3)
    # Of a frame it comes to the same, and it is stored already.
    assert cs.SQLWriter(database).write(cs.read_events(log)).duplicates == len(rows) + 4


ASIDE: dict[str, tuple[dict[str, Any], str, str]] = {
    "a long user": (event(5, user_id=LONG), "long_id", "user_id has 4,200 bytes"),
    "a long id": (event(5, event_id=LONG), "long_id", "event_id has 4,200 bytes"),
    "many fields": (event(5, **MANY), "too_wide", 'EventSchema(pack="properties")'),
    "many true fields": (
        event(5, of={f"p{n}": True for n in range(1_000)}),
        "too_many_columns",
        'EventSchema(pack="of")',
    ),
    "more fields than a row has": (
        event(5, of={f"p{n}": 1 for n in range(5_000)}),
        "too_many_fields",
        "more than 4,096",
    ),
    "many texts": (event(5, **WIDE), "too_wide", 'EventSchema(pack="*")'),
    "a text of megabytes": (event(5, t="'" * 8_000_001), "too_wide", "8,000,000"),
}


def test_rows_that_are_set_aside(database: sa.Engine, tmp_path: Path) -> None:
    rows = [row for row, _, _ in ASIDE.values()]
    log = written(tmp_path / "log.json", *rows)
    report = cs.run(log, database, on_misfit="quarantine")
    assert (report.events_added, report.refused) == (4, len(rows))
    assert events_of(database) == []
    aside = list(report.reading.quarantine)
    assert [(bad.file, bad.line) for bad in aside] == [(str(log), 4 + n) for n in range(len(rows))]
    for bad, (row, reason, said) in zip(aside, ASIDE.values(), strict=True):
        assert bad.reason == reason
        assert said in bad.detail
        assert json.loads(bad.raw) == row


@pytest.mark.parametrize("case", [case for case in ASIDE if not case.startswith("a long")])
def test_a_row_that_is_refused_with_its_place(case: str, tmp_path: Path) -> None:
    row, _, said = ASIDE[case]
    log, target = written(tmp_path / "log.json", row), f"sqlite:///{tmp_path / 'shop.db'}"
    with pytest.raises(cs.errors.BadRowError, match="line 4: ") as error:
        cs.run(log, target)
    assert said in str(error.value) or case == "more fields than a row has"
    # Nothing was written, and what sets bad rows aside sets it aside too.
    report = cs.run(log, target, on_error="quarantine")
    assert (report.events_added, len(report.reading.quarantine)) == (4, 1)


def test_a_long_id_is_refused_if_asked_to(tmp_path: Path) -> None:
    log = written(tmp_path / "log.json", event(5, user_id=LONG))
    target = f"sqlite:///{tmp_path / 'shop.db'}"
    with pytest.raises(cs.errors.BadRowError, match=r"line 4: user_id has 4,200 bytes"):
        cs.run(log, target, on_misfit="raise", on_error="skip")


@pytest.mark.parametrize(
    ("row", "pack"), [(event(5, **MANY), "properties"), (event(5, **WIDE), "*")]
)
def test_packed_it_goes_in(
    row: dict[str, Any], pack: str, database: sa.Engine, tmp_path: Path
) -> None:
    log = written(tmp_path / "log.json", row)
    report = cs.run(log, database, schema=cs.EventSchema(pack=pack))
    assert report.events_added == 5
    (found,) = events_of(database)
    column = "fields" if pack == "*" else pack
    assert json.loads(found[column]) == (WIDE if pack == "*" else MANY["properties"])


def test_columns_that_several_runs_bring(database: sa.Engine, tmp_path: Path) -> None:
    first = [event(n, **{f"a{n}_{k}": True for k in range(100)}) for n in range(100, 109)]
    cs.run(written(tmp_path / "1.json", *first), database)
    # With those of an event, 903 columns and the type of an event: there is room for 96.
    rows = [
        event(5, **{f"b{k}": True for k in range(97)}),
        event(6, **{f"c{k}": True for k in range(96)}),
        event(7, d=True),
        event(8, a100_0=True, c0=True),
    ]
    report = cs.run(written(tmp_path / "2.json", *rows), database, on_misfit="quarantine")
    assert [row.line for row in report.reading.quarantine] == [4, 6]
    assert report.refused == 2
    there = {row["event_id"] for row in events_of(database)}
    assert there >= {"e6", "e8"}
    assert not there & {"e5", "e7"}
    with pytest.raises(cs.errors.BadRowError, match=r"'d' is one column too many"):
        cs.run(written(tmp_path / "3.json", event(9, d=True)), database)


def frame_of(**columns: Any) -> pd.DataFrame:
    """Two events of a user of a number, with more columns."""
    moments = pd.Series([AT, AT + pd.Timedelta("1min")]).dt.as_unit("us")
    return pd.DataFrame({"event_id": [1, 2], "user_id": [7, 8], "timestamp": moments} | columns)


def times(*texts: str) -> pd.Series:
    """Times of any year."""
    return pd.Series(np.array(texts, "datetime64[us]")).dt.tz_localize("UTC")


FRAMES: dict[str, tuple[pd.DataFrame, str, str]] = {
    "a time of the year 12000": (
        frame_of(timestamp=times("2024-05-01", "12000-01-01")), "timestamp", "years 1 to 9999"
    ),
    "another time": (frame_of(seen=times("2024-05-01", "-0001-01-01")), "seen", "years 1 to 9999"),
    "an infinite number": (frame_of(share=[1.5, np.inf]), "share", "share is not finite"),
    "its negative": (
        frame_of(share=pd.array([None, -np.inf], "float32[pyarrow]")), "share", "number: -inf"
    ),
    "many texts": (
        frame_of(**{f"t{n}": ["x", "x" * 32] for n in range(400)}), "*", "of a page"
    ),
    "many columns": (
        frame_of(**{f"t{n}": [None, True] for n in range(1_000)}), "t996", "one column too many"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FRAMES)
def test_a_row_of_a_frame(case: str, database: sa.Engine) -> None:
    frame, column, said = FRAMES[case]
    with pytest.raises(cs.errors.WriteError, match=r"row 2 of the frame: .*Nothing was") as error:
        cs.SQLWriter(database).write(frame)
    assert said in str(error.value)
    with database.connect() as connection:
        assert not Tables().exist(connection)
    writer = cs.SQLWriter(database, on_misfit="quarantine")
    for added in (1, 0):
        done = writer.write(frame)
        assert (done.rows, done.events_added, done.refused) == (2, added, 1)
    with database.connect() as connection:
        (aside,) = connection.execute(sa.select(quarantine_table(Tables()))).mappings()
    assert aside["column_name"] == column
    assert said in aside["reason"]
    assert "row 2 of the frame" in aside["reason"]
    assert json.loads(aside["event"])["event_id"] == 2


def test_numbers_of_a_file_that_are_not_finite(database: sa.Engine, tmp_path: Path) -> None:
    numbers = [1.5, np.inf, np.nan, -np.inf, None, 2.0]
    ids = {"event_id": range(6), "user_id": "ann", "timestamp": AT}
    log = tmp_path / "log.parquet"
    pd.DataFrame({**ids, "share": pd.array(numbers, "float64[pyarrow]")}).to_parquet(log)
    with pytest.raises(cs.errors.BadRowError, match=r"row 2: share is not finite.*drop="):
        cs.run(log, database)
    report = cs.run(log, database, on_misfit="quarantine")
    assert (report.rows_read, report.events_added, report.refused) == (6, 4, 2)
    aside = list(report.reading.quarantine)
    assert [(bad.reason, bad.detail[-6:]) for bad in aside] == [
        ("not_finite", "r: inf"),
        ("not_finite", ": -inf"),
    ]
    stored = {row["event_id"]: row["share"] for row in content_of(database)["events"]}
    assert stored == {0: 1.5, 2: None, 4: None, 5: 2.0}


def test_texts_of_a_frame_are_fitted(database: sa.Engine) -> None:
    frame = frame_of(user_id=["x\0", LONG], page=["a\0", None])
    writer = cs.SQLWriter(database)
    done = writer.write(frame)
    assert (done.nuls_replaced, done.ids_shortened) == (2, 1)
    content = content_of(database)
    assert [row["user_id"] for row in content["events"]] == ["x\ufffd", short_id(LONG)]
    assert [row["user_id_text"] for row in content["events"]] == [None, LONG]
    # Whoever knows the whole id finds it, and a frame that was cut goes in.
    assert writer.write(cs.sessionize(frame)).duplicates == 2
    assert writer.delete_user(LONG).events_deleted == 1
    assert writer.delete_user("x\0").events_deleted == 1


def test_ids_made_of_fitted_content_are_those_of_the_file(
    database: sa.Engine, tmp_path: Path
) -> None:
    rows = [{"user_id": user, "timestamp": AT.isoformat(), "page": "a\0"} for user in ("b", LONG)]
    log = tmp_path / "log.json"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert cs.run(log, database).events_added == 2
    frame = pd.DataFrame(rows).assign(timestamp=AT)
    assert cs.SQLWriter(database).write(frame).duplicates == 2


def test_whole_ids_are_mapped_anew(database: sa.Engine, tmp_path: Path) -> None:
    log = written(tmp_path / "log.json", event(5, user_id=LONG, other="o"))
    cs.run(log, database, schema=cs.EventSchema())
    cs.SQLWriter(database).rebuild(cs.EventSchema(user_id="other"))
    (row,) = events_of(database)
    assert (row["user_id"], row["source_user_id"]) == ("o", LONG)
    assert "source_user_id_text" not in row


def test_a_path_that_is_long(database: sa.Engine, tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 250) / ("b" * 250)
    folder.mkdir(parents=True)
    log = written(folder / "log.json")
    assert cs.run(log, database).events_added == 4
    assert cs.run(log, database).files_skipped == 1
    events = cs.read_events(log)
    assert cs.SQLWriter(database).delete_events(events, file=str(log)).events_deleted == 4
    assert cs.run(log, database).events_added == 4


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"": 1}, "an empty one"),
        ({"a\0": 1}, "has a NUL"),
        ({"ctid": 1}, "'source_ctid'"),
        ({"t": pd.Series(["a", "\ud83d"], dtype=object)}, "surrogate pair in 't'"),
    ],
)
def test_names_and_texts_that_no_table_takes(
    columns: dict[str, Any], error: str, database: sa.Engine
) -> None:
    with pytest.raises(cs.errors.ClicksessionError, match=error):
        cs.SQLWriter(database).write(frame_of(**columns))


def test_a_percent_sign_in_names(database: sa.Engine) -> None:
    tables = Tables(prefix="a%b")
    writer = cs.SQLWriter(database, tables=tables)
    assert writer.write(frame_of(**{"c%d": 1})).events_added == 2
    again = writer.write(frame_of(**{"c%d": 2}, event_id=[3, 4]))
    assert (again.events_added, again.sessions_changed) == (2, 2)
    assert [row["c%d"] for row in content_of(database, tables)["events"]] == [1, 1, 2, 2]


_USERS = st.sampled_from([1, 7.0, 1.5, 1e17, 2**53, 12345678901234567, "a", "1.5", "7", 0.0])


def test_ids_of_any_kind_in_any_cut(
    database: sa.Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    tables = Tables(prefix="ids_")

    def ran(*logs: list[dict[str, Any]], frames: bool) -> Any:
        with database.begin() as connection:
            for name in ("events", "sessions", *BOOKKEEPING):
                connection.execute(sa.schema.DropTable(tables.table(name), if_exists=True))
        for rows in logs:
            path = tmp_path / "log.json"
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
            if frames:
                frame = pd.DataFrame(rows, dtype=object)
                frame["timestamp"] = pd.to_datetime(frame["timestamp"])
                cs.SQLWriter(database, tables=tables).write(frame)
            else:
                cs.run(path, database, tables=tables)
        events = content_of(database, tables)["events"]
        return sorted((str(row["event_id"]), str(row["user_id"])) for row in events)

    @settings(
        max_examples=max(2, request.config.getoption("--histories") // 3),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(
        users=st.lists(_USERS, min_size=1, max_size=4),
        ids=st.permutations([1, 2.5, 1e17, 4]),
        cut=st.integers(0, 3),
        frames=st.booleans(),
    )
    def check(users: list[Any], ids: list[Any], cut: int, frames: bool) -> None:
        rows = [
            event(0, user_id=user, event_id=number)
            for user, number in zip(users, ids, strict=False)
        ]
        # Text beside numbers, or numbers alone, in one batch or in two.
        parts = [part for part in (rows[cut:], rows[:cut]) if part]
        assert ran(*parts, frames=frames) == ran(rows, frames=False)

    check()


def test_a_row_that_is_let_in_goes_in(database: sa.Engine, request: pytest.FixtureRequest) -> None:
    """Rows as wide as the bound allows, of texts of any length and numbers between them."""
    tables = Tables(prefix="wide_")
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))

    def values(sizes: list[int], seed: int) -> list[Any]:
        """Texts of these lengths that do not compress; numbers and truths for 0 and -1."""
        draw = np.random.default_rng(seed)
        plain = {0: 2**60, -1: True}
        return [plain.get(n) or "".join(draw.choice(letters, n)) for n in sizes]

    @settings(
        max_examples=max(2, request.config.getoption("--histories") // 3),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(
        sizes=st.lists(
            st.sampled_from([-1, 0, 1, 7, 20, 24, 39, 40, 41, 130, 3_000]),
            min_size=1,
            max_size=7,
        ),
        seed=st.integers(0, 2**16),
    )
    def check(sizes: list[int], seed: int) -> None:
        with database.begin() as connection:
            for name in ("events", "sessions", *BOOKKEEPING):
                connection.execute(sa.schema.DropTable(tables.table(name), if_exists=True))
        row = dict(enumerate(values(sizes * (996 // len(sizes)), seed)))
        fixed = {"event_id": [1], "user_id": ["x" * 480], "timestamp": [AT]}
        # As many as the bound lets in.
        low, high = 1, len(row)
        while low < high:
            middle = (low + high + 1) // 2
            frame = {f"v{n}": [row[n]] for n in range(middle)}
            table = storable(pd.DataFrame(fixed | frame)).rows
            fits = wide_rows(table, common_bounds()) is None
            low, high = (middle, high) if fits else (low, middle - 1)
        frame = pd.DataFrame(fixed | {f"v{n}": [row[n]] for n in range(low)})
        done = cs.SQLWriter(database, tables=tables, on_misfit="quarantine").write(frame)
        assert (done.events_added, done.refused) == (1, 0)

    check()


def test_the_declared_bounds_are_those_of_the_database(database: sa.Engine) -> None:
    """Just inside goes in, just outside is refused by the database alone."""
    bounds = spelling(database.dialect.name).bounds
    with database.connect() as connection:

        def tries(statement: str, *values: Any) -> bool:
            try:
                connection.exec_driver_sql(statement, *values)
            except sa.exc.DBAPIError:
                connection.rollback()
                return False
            return True

        def makes(count: int) -> bool:
            connection.exec_driver_sql("DROP TABLE IF EXISTS bounded")
            connection.commit()
            columns = ", ".join(f"c{number} BIGINT" for number in range(count))
            if database.dialect.name == "mariadb":
                connection.exec_driver_sql("SET SESSION innodb_strict_mode = 0")
            return tries(f"CREATE TABLE bounded ({columns})")

        if bounds.columns is not None:
            assert makes(bounds.columns)
            assert not makes(bounds.columns + 1)
        connection.exec_driver_sql("DROP TABLE IF EXISTS bounded")
        kind = sa.Double().compile(database.dialect)
        connection.exec_driver_sql(f"CREATE TABLE bounded (c0 {kind})")
        connection.commit()
        insert = sa.insert(sa.table("bounded", sa.column("c0", sa.Double())))
        try:
            connection.execute(insert, {"c0": np.inf})
        except sa.exc.DBAPIError:
            connection.rollback()
            assert bounds.finite
        else:
            assert not bounds.finite
        if bounds.key_characters is not None:
            kind = spelling(database.dialect.name).key().compile(database.dialect)
            connection.exec_driver_sql("DROP TABLE IF EXISTS bounded")
            connection.exec_driver_sql(f"CREATE TABLE bounded (k {kind}, n BIGINT)")
            connection.exec_driver_sql("CREATE INDEX bounded_k ON bounded (k, n)")
            connection.commit()
            # Of four bytes each, and none like another: an index may compress.
            points = np.random.default_rng(1).integers(0x10000, 0x10FFFF, 1_000)
            text = "".join(map(chr, points.tolist()))
            insert = "INSERT INTO bounded (k) VALUES (%s)"
            assert tries(insert, (text[: bounds.key_characters],))
            assert not tries(insert, (text[: bounds.key_characters + 8],))
