"""Frames that a user would not expect to be odd: infinite times, texts as Polars lays them out, two
columns of one name, tables of engines that cannot count exact times."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa

import clicksession as cs
from tests.engines.needs import require
from tests.engines.test_frames import TO, to_arrow
from tests.spark import spark_session

MORNING = 1_714_557_600_000_000
ENDLESS = 2**63 - 1

# In the middle of an otherwise plain session stand an infinite time and its negative.
COUNTS = [MORNING, ENDLESS, MORNING + 60_000_000, -ENDLESS]
LOG = pa.table(
    {
        "n": pa.array(range(4)),
        "user_id": ["ann"] * 4,
        "timestamp": pa.array(COUNTS, pa.int64()).cast(pa.timestamp("us")),
    }
)
CREATE = "CREATE TABLE log (n BIGINT, user_id TEXT, timestamp TIMESTAMP)"
IDS = {0: f"ann:{MORNING}", 1: None, 2: f"ann:{MORNING}", 3: None}


def ids(frame: Any) -> dict[int, str | None]:
    return {row["n"]: row["session_id"] for row in to_arrow(frame).to_pylist()}


@pytest.mark.parametrize("name", [name for name in TO if name != "spark"])
@pytest.mark.parametrize("rules", [cs.Rules("30min"), cs.Rules("30min", midnight="UTC")], ids=str)
def test_an_infinite_time_has_no_session(name: str, rules: cs.Rules) -> None:
    require(name)
    # The times themselves are no datetimes of Python.
    found = cs.sessionize(TO[name](LOG), rules=rules)
    sessions = cs.summarize(found)
    names = ["n", "session_id"]
    assert ids(found.project(", ".join(names)) if name == "duckdb" else _chosen(found)) == IDS
    assert len(to_arrow(sessions)) == 1


def _chosen(frame: Any) -> Any:
    return (
        frame[["n", "session_id"]]
        if isinstance(frame, pd.DataFrame)
        else frame.select(["n", "session_id"])
    )


def test_an_infinite_time_has_no_session_in_spark() -> None:
    require("spark")
    spark = spark_session()
    rows = ", ".join(f"({n}, 'ann', {count}L)" for n, count in enumerate(COUNTS))
    log = spark.sql(
        f"SELECT n, user_id, timestamp_micros(c) AS timestamp FROM VALUES {rows} v(n, user_id, c)"
    )
    found = cs.sessionize(log).select("n", "session_id").collect()
    assert {row.n: row.session_id for row in found} == IDS


@pytest.mark.parametrize("database", ["duckdb", "postgresql"])
def test_an_infinite_time_has_no_session_in_sql(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"duckdb:///{tmp_path / 'log.duckdb'}"
    if database == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    engine = sa.create_engine(url)
    events = sa.table(
        "log",
        sa.column("n", sa.BigInteger()),
        sa.column("user_id", sa.Text()),
        sa.column("timestamp", sa.DateTime()),
    )
    with engine.begin() as connection:
        connection.execute(sa.text(CREATE))
        connection.execute(
            sa.text(
                "INSERT INTO log VALUES (0, 'ann', '2024-05-01 10:00'), (1, 'ann', 'infinity'), "
                "(2, 'ann', '2024-05-01 10:01'), (3, 'ann', '-infinity')"
            )
        )
        found = cs.sql.sessionize(events, cs.Rules("30min")).subquery()
        rows = connection.execute(sa.select(found.c.n, found.c.session_id)).all()
    engine.dispose()
    assert dict(map(tuple, rows)) == IDS


def test_the_last_moments_that_are_moments_have_sessions() -> None:
    counts = [ENDLESS - 1, -ENDLESS + 1]
    times = pa.array(counts, pa.int64()).cast(pa.timestamp("us"))
    found = cs.sessionize(pa.table({"user_id": ["a", "b"], "timestamp": times}))
    assert found["session_id"].to_pylist() == [f"a:{ENDLESS - 1}", f"b:{-ENDLESS + 1}"]


@pytest.mark.parametrize(
    "rules",
    [
        cs.Rules("30min"),
        cs.Rules("30min", change="campaign"),
        cs.Rules("30min", start_events="order", excluded_events="ping"),
        cs.Rules("30min", max_events=2),
    ],
    ids=str,
)
def test_texts_as_polars_lays_them_out_are_texts(rules: cs.Rules) -> None:
    frame = pl.DataFrame(
        {
            "user_id": ["ann", "ann", "bob", None, "ann", "ann"],
            "timestamp": pd.to_datetime([f"2024-05-01 10:0{n}" for n in range(6)]).to_list(),
            "event_type": ["view", "order", "view", "view", "ping", None],
            "campaign": ["a", "a", None, "b", "b", "b"],
        }
    )
    table = pa.table(frame)
    assert pa.types.is_string_view(table.schema.field("user_id").type)
    expected = cs.sessionize(frame.to_pandas(), rules=rules)["session_id"]
    found = cs.sessionize(table, rules=rules)
    assert found["session_id"].to_pylist() == [id_ or None for id_ in expected.fillna("")]
    assert cs.summarize(found).num_rows == expected.nunique()


def test_a_dictionary_of_such_texts_is_of_texts() -> None:
    users = pa.DictionaryArray.from_arrays(pa.array([1, 0]), pa.array(["a", "b"], pa.string_view()))
    table = pa.table({"user_id": users, "timestamp": LOG["timestamp"].take([0, 2])})
    found = cs.sessionize(table)["session_id"].to_pylist()
    assert found == [f"b:{MORNING}", f"a:{MORNING + 60_000_000}"]


TWICE = pd.DataFrame(
    [["ann", pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-02")]],
    columns=["user_id", "timestamp", "timestamp"],
)
ONE_NAME = pd.DataFrame({"user_id": ["a"], "timestamp": pd.Timestamp("2024-05-01"), 0: 1, "0": 2})


def _written(frame: Any) -> Any:
    return cs.SQLWriter(sa.create_engine("sqlite://")).write(frame)


def _run(frame: Any) -> Any:
    return cs.run(frame, sa.create_engine("sqlite://"))


@pytest.mark.parametrize(
    "call",
    [cs.sessionize, cs.read_events, _run, _written, cs.metrics.BounceRate().compute],
    ids=["sessionize", "read_events", "run", "SQLWriter.write", "compute"],
)
@pytest.mark.parametrize(
    ("frame", "said"),
    [(TWICE, "two columns called 'timestamp'"), (ONE_NAME, "0 and '0', which are one name")],
    ids=["twice", "one name"],
)
def test_two_columns_of_one_name_are_refused(
    call: Callable[[Any], Any], frame: pd.DataFrame, said: str
) -> None:
    with pytest.raises(cs.errors.ParameterError) as failure:
        call(frame)
    assert said in str(failure.value)


@pytest.mark.parametrize("call", [cs.sessionize, cs.read_events])
def test_two_columns_of_one_name_are_refused_in_arrow(call: Callable[[Any], Any]) -> None:
    times = LOG["timestamp"]
    table = pa.Table.from_arrays(
        [LOG["user_id"], times, times], ["user_id", "timestamp", "timestamp"]
    )
    with pytest.raises(cs.errors.ParameterError, match="two columns called 'timestamp'"):
        call(table)


def _in_sqlite(tmp_path: Path) -> Any:
    import ibis

    path = tmp_path / "log.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE log (user_id TEXT, timestamp TIMESTAMP)")
    connection.close()
    return ibis.sqlite.connect(path).table("log")


def _in_polars(tmp_path: Path) -> Any:
    import ibis

    log = pl.from_arrow(LOG)
    assert isinstance(log, pl.DataFrame)
    return ibis.polars.connect(tables={"log": log.lazy()}).table("log")


def _in_spark(tmp_path: Path) -> Any:
    import ibis

    require("spark")
    spark = spark_session()
    spark.sql("SELECT 'ann' AS user_id, timestamp_micros(0) AS timestamp").createOrReplaceTempView(
        "ibis_log"
    )
    return ibis.pyspark.connect(spark).table("ibis_log")


def _in_mysql(tmp_path: Path) -> Any:
    """A table of an engine for which Ibis has all the words, and that says other times by them."""
    import ibis
    from ibis.backends.duckdb import Backend
    from ibis.expr.operations import DatabaseTable

    backend = type("MySQL", (Backend,), {"name": "mysql"})()
    kinds = ibis.schema({"user_id": "string", "timestamp": "timestamp(6)"})
    return DatabaseTable("log", kinds, backend).to_expr()


@pytest.mark.parametrize(
    ("make", "engine"),
    [
        (_in_sqlite, "sqlite"),
        (_in_polars, "polars"),
        (_in_spark, "pyspark"),
        (_in_mysql, "mysql"),
    ],
)
def test_ibis_is_refused_on_engines_that_cannot_be_exact(
    make: Callable[[Path], Any], engine: str, tmp_path: Path
) -> None:
    require("ibis")
    with pytest.raises(cs.errors.ParameterError) as failure:
        cs.sessionize(make(tmp_path))
    assert "DuckDB and PostgreSQL are tested" in str(failure.value)
    assert f"got 'a table of {engine}'" in str(failure.value)
    assert "table.to_pyarrow()" in str(failure.value)


def test_ibis_agrees_on_postgresql(postgresql_url: str) -> None:
    require("ibis")
    import ibis

    engine = sa.create_engine(postgresql_url)
    with engine.begin() as connection:
        connection.execute(sa.text(CREATE))
        connection.execute(
            sa.text(
                "INSERT INTO log VALUES (0, 'ann', '2024-05-01 10:00'), "
                "(1, 'ann', '2024-05-01 10:30'), (2, 'ann', '2024-05-01 11:00:00.000001'), "
                "(3, NULL, '2024-05-01 10:00'), (4, 'bob', NULL), (5, 'ann', 'infinity')"
            )
        )
    engine.dispose()
    backend = ibis.connect(postgresql_url.replace("+psycopg", ""))
    found = cs.sessionize(backend.table("log")).select("n", "session_id").to_pyarrow()
    backend.disconnect()
    assert ids(found) == {
        0: f"ann:{MORNING}",
        1: f"ann:{MORNING}",
        2: f"ann:{MORNING + 3_600_000_001}",
        3: None,
        4: None,
        5: None,
    }
