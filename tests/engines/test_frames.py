"""What goes in comes out: the type of frame, its rows and columns; and nothing runs early."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import clicksession as cs
from tests.engines.frames import EAGER, LAZY
from tests.engines.needs import require
from tests.spark import spark_session

T = datetime(2024, 5, 1, 10, tzinfo=None)
USERS = ["ann", "bob", "ann", None, "ann", "ann"]
MINUTES = [0, 5, 30, 31, 61, None]
EVENTS = pa.table(
    {
        "user_id": USERS,
        "timestamp": pa.array(
            [None if m is None else T + timedelta(minutes=m) for m in MINUTES], pa.timestamp("us")
        ),
        "event_type": ["view", "view", "login", "view", "view", "view"],
        "event_id": list("abcdef"),
    }
)
FOUND = [
    ("ann:1714557600000000", 1),
    ("bob:1714557900000000", 1),
    ("ann:1714557600000000", 1),
    (None, None),
    ("ann:1714561260000000", 2),
    (None, None),
]


def to_polars(table: pa.Table) -> Any:
    import polars as pl

    return pl.from_arrow(table)


def to_lazy_polars(table: pa.Table) -> Any:
    return to_polars(table).lazy()


def to_duckdb(table: pa.Table) -> Any:
    import duckdb

    return duckdb.from_arrow(table)


def to_ibis(table: pa.Table) -> Any:
    import ibis

    return ibis.memtable(table)


def to_spark(table: pa.Table) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    # Else Spark would read naive times in the zone of its session.
    schema = from_arrow_schema(table.schema, prefer_timestamp_ntz=True)
    return spark_session().createDataFrame(table, schema)


TO: dict[str, Callable[[pa.Table], Any]] = {
    "pandas": pa.Table.to_pandas,
    "polars": to_polars,
    "arrow": lambda table: table,
    "polars_lazy": to_lazy_polars,
    "duckdb": to_duckdb,
    "ibis": to_ibis,
    "spark": to_spark,
}


def to_arrow(frame: Any) -> pa.Table:
    """Return any frame as a table; texts of one type."""
    for method in ("toArrow", "collect", "to_arrow_table", "to_pyarrow", "to_arrow"):
        if hasattr(frame, method):
            return to_arrow(getattr(frame, method)())
    if not isinstance(frame, pa.Table):
        frame = pa.Table.from_pandas(frame, preserve_index=False)
    texts = {pa.large_string(), pa.string_view()}
    kinds = [f.with_type(pa.string()) if f.type in texts else f for f in frame.schema]
    return frame.cast(pa.schema(kinds)).replace_schema_metadata(None)


@pytest.fixture(params=[*EAGER, *LAZY])
def kind(request: pytest.FixtureRequest) -> str:
    require(request.param)
    return str(request.param)


@pytest.fixture(params=LAZY)
def lazy(request: pytest.FixtureRequest) -> str:
    require(request.param)
    return str(request.param)


def by_row(found: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    """Return columns as rows, by the number ``n`` of the row where there is one."""
    rows = found.to_pylist()
    if "n" in found.column_names:
        rows.sort(key=lambda row: row["n"])
    return [tuple(row[name] for name in names) for row in rows]


def numbered(table: pa.Table = EVENTS) -> pa.Table:
    return table.append_column("n", pa.array(range(len(table)), pa.int64()))


def test_the_type_of_frame_its_columns_and_rows_are_kept(kind: str) -> None:
    given = TO[kind](numbered())
    found = cs.sessionize(given)
    assert type(found) is type(given)
    table = to_arrow(found)
    assert table.column_names == [*numbered().column_names, "session_id", "session_index"]
    assert table.schema.field("session_id").type == pa.string()
    assert table.schema.field("session_index").type == pa.int64()
    assert by_row(table, "session_id", "session_index") == FOUND
    assert by_row(table, "user_id", "event_type") == by_row(numbered(), "user_id", "event_type")


@pytest.mark.parametrize("kind", [*EAGER, "polars_lazy"])
def test_the_order_of_rows_is_kept(kind: str) -> None:
    require(kind)
    found = to_arrow(cs.sessionize(TO[kind](EVENTS)))
    assert by_row(found, "session_id", "session_index") == FOUND


def test_a_reason_beside_rules_of_more_kinds(kind: str) -> None:
    rules = cs.Rules("30min", start_events="login")
    found = cs.sessionize(TO[kind](numbered()), rules=rules)
    reasons = ["first", "first", "event:login", None, "timeout", None]
    assert by_row(to_arrow(found), "start_reason") == [(reason,) for reason in reasons]
    hour = to_arrow(cs.sessionize(found, "1h"))
    assert by_row(hour, "session_index") == [(1,), (1,), (1,), (None,), (1,), (None,)]
    assert by_row(hour, "start_reason")[2] == ("first",)


def test_a_summary_is_that_of_pandas(kind: str) -> None:
    rules = cs.Rules("30min", start_events="login")
    for given in ({"timeout": "30min"}, {"rules": rules}):
        expected = cs.summarize(cs.sessionize(EVENTS.to_pandas(), **given))
        found = cs.summarize(cs.sessionize(TO[kind](EVENTS), **given))
        assert type(found) is type(TO[kind](EVENTS))
        table = to_arrow(found).sort_by([("started_at", "ascending"), ("session_id", "ascending")])
        assert table.to_pylist() == to_arrow(expected).to_pylist()
        assert table.column_names == list(expected.columns)


def test_columns_that_are_called_like_ours(kind: str) -> None:
    taken = ("counts", "instant", "place", "ordinal", "started", "begins", "row_number", "closes")
    events = numbered()
    for name in taken:
        events = events.append_column(name, pa.array([name] * len(events)))
    rules = cs.Rules("30min", end_events="login", midnight="Europe/Amsterdam", change="place")
    found = to_arrow(cs.sessionize(TO[kind](events), rules=rules))
    reasons = ["first", "first", "first", None, "timeout", None]
    assert by_row(found, "start_reason") == [(reason,) for reason in reasons]
    assert by_row(found, *taken) == [taken] * len(events)


def test_other_names_for_user_and_time(kind: str) -> None:
    names = ["who is.it", "moment", "event_type", "event_id", "n"]
    events = numbered().rename_columns(names)
    user_and_time = {"user": "who is.it", "time": "moment"}
    found = cs.sessionize(TO[kind](events), **user_and_time)
    assert by_row(to_arrow(found), "session_id", "session_index") == FOUND
    summary = to_arrow(cs.summarize(found, **user_and_time))
    assert sorted(by_row(summary, "who is.it", "event_count")) == [
        ("ann", 1),
        ("ann", 2),
        ("bob", 1),
    ]


def test_rules_that_go_through_the_events_in_order(kind: str) -> None:
    events, rules = TO[kind](numbered()), cs.Rules("1h", max_events=2)
    if kind in ("duckdb", "ibis"):
        name = {"duckdb": "DuckDB", "ibis": "Ibis"}[kind]
        with pytest.raises(cs.errors.UnsupportedRuleError) as raised:
            cs.sessionize(events, rules=rules)
        sentence = f"the rule `max_events` cannot be followed exactly by {name}. Give "
        assert str(raised.value).startswith(sentence)
        return
    found = cs.sessionize(events, rules=rules)
    assert type(found) is type(events)
    expected = [(1, "first"), (1, "first"), (1, "first"), (None, None), (2, "max_events")]
    assert by_row(to_arrow(found), "session_index", "start_reason") == [*expected, (None, None)]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"timestamp": [date(2024, 5, 1)] * 2}, r"sessionize: `time` must be a column of times"),
        ({"timestamp": [1, 2]}, r"sessionize: `time` must be a column of times; got 'timestamp \("),
        ({"user_id": [1.5, 2.5]}, r"sessionize: `user` must be a column of text or whole numbers"),
        ({"user_ids": ["a", "b"], "user_id": None}, r"`user` .*Did you mean 'user_ids'\?"),
    ],
)
def test_bad_columns_are_named(kind: str, columns: dict[str, Any], message: str) -> None:
    given = {"user_id": ["a", "b"], "timestamp": pa.array([T, T]), **columns}
    table = pa.table({name: values for name, values in given.items() if values is not None})
    with pytest.raises(cs.errors.ParameterError, match=message):
        cs.sessionize(TO[kind](table))


def test_a_column_of_the_rules_that_is_not_there(kind: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match="utm_campaign"):
        cs.sessionize(TO[kind](EVENTS), rules=cs.Rules("30min", change="utm_campaign"))


@pytest.mark.parametrize("parameter", ["start_column", "excluded_column", "timeout_column"])
def test_a_column_that_a_rule_cannot_look_at(kind: str, parameter: str) -> None:
    must = "durations" if parameter == "timeout_column" else "True and False"
    rules = cs.Rules("30min", **{parameter: "event_type"})
    with pytest.raises(cs.errors.ParameterError, match=f"`{parameter}` must be a column of {must}"):
        cs.sessionize(TO[kind](EVENTS), rules=rules)


class RanError(AssertionError):
    """A query ran before its time."""


def refuse(*_: object, **__: object) -> None:
    raise RanError


def test_polars_stays_lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    require("polars_lazy")
    import polars as pl

    events = to_lazy_polars(EVENTS)
    with monkeypatch.context() as patched:
        for name in ("collect", "collect_async", "fetch", "sink_parquet"):
            patched.setattr(pl.LazyFrame, name, refuse, raising=False)
        windows = cs.sessionize(events, rules=cs.Rules("30min", start_events="login"))
        passes = cs.sessionize(events, rules=cs.Rules("30min", max_events=2))
        cs.summarize(windows)
        with pytest.raises(RanError):
            windows.collect()
    # What Polars runs is what it was told to expect.
    for frame in (windows, passes, cs.summarize(windows)):
        assert frame.collect_schema() == frame.collect().schema


def test_duckdb_runs_nothing() -> None:
    import duckdb

    events = duckdb.sql(
        "SELECT 'ann' AS user_id, error('it ran')::TIMESTAMP AS timestamp FROM range(3)"
    )
    found = cs.sessionize(events, rules=cs.Rules("30min", midnight="UTC"))
    summary = cs.summarize(found)
    for relation in (found, summary):
        with pytest.raises(duckdb.Error, match="it ran"):
            relation.fetchall()


@pytest.mark.parametrize("rules", [cs.Rules("30min"), cs.Rules("30min", midnight="UTC")], ids=str)
def test_columns_stay_as_they_are_in_upper_and_lower_case(rules: cs.Rules, kind: str) -> None:
    own = {"Counts": "mine", "STARTED": "mine", "Ordinal": "mine"}
    more = EVENTS.rename_columns({"user_id": "Moment"})
    for name, value in own.items():
        more = more.append_column(name, pa.array([value] * len(more)))
    events = TO[kind](more)
    visits = cs.sessionize(events, rules=rules, user="Moment")
    found = to_arrow(visits).to_pylist()
    assert [{name: row[name] for name in own} for row in found] == [own] * len(found)
    assert {row["session_id"] for row in found} == {name for name, _ in FOUND}
    summary = cs.summarize(visits, user="Moment")
    counts = {r["session_id"]: r["event_count"] for r in to_arrow(summary).to_pylist()}
    assert counts == Counter(name for name, _ in FOUND if name)


def test_ibis_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    require("ibis")
    import ibis

    events = to_ibis(EVENTS)
    for name in ("execute", "to_pyarrow", "to_pandas", "to_polars", "count"):
        monkeypatch.setattr(ibis.Table, name, refuse)
    found = cs.sessionize(events, rules=cs.Rules("30min", midnight="Europe/Amsterdam"))
    sql = ibis.to_sql(cs.summarize(found), dialect="duckdb")
    assert "OVER (" in sql


def test_spark_shuffles_once_and_runs_nothing() -> None:
    require("spark")
    spark = spark_session()
    events = to_spark(EVENTS)
    tracker = spark.sparkContext.statusTracker()
    before = tracker.getJobIdsForGroup(None)
    rules = cs.Rules("30min", midnight="Europe/Amsterdam", change="event_type", end_events="login")
    windows = cs.sessionize(events, rules=rules)
    passes = cs.sessionize(events, rules=cs.Rules("30min", max_events=2))
    cs.summarize(windows)
    assert tracker.getJobIdsForGroup(None) == before
    for frame, node in ((windows, "Window"), (passes, "MapInArrow")):
        plan = frame._jdf.queryExecution().executedPlan().toString()
        assert plan.count("Exchange") == 1
        assert "Exchange hashpartitioning(user_id" in plan
        assert node in plan


@pytest.mark.parametrize("rules", [cs.Rules("30min"), cs.Rules("30min", midnight="Asia/Tokyo")])
def test_spark_shuffles_and_sorts_once_for_events_and_sessions(rules: cs.Rules) -> None:
    require("spark")
    visits = cs.sessionize(to_spark(EVENTS), rules=rules)
    for frame in (visits, cs.summarize(visits)):
        plan = frame._jdf.queryExecution().executedPlan().toString()
        assert plan.count("Exchange") == plan.count(" Sort ") == 1, plan


def test_spark_compares_users_by_code_points_whatever_their_collation() -> None:
    require("spark")
    events = to_spark(EVENTS)
    texts = events.selectExpr("*", "concat(user_id, '') as whose").drop("user_id")
    users = "CASE WHEN ascii(event_id) % 2 = 0 THEN upper(whose) ELSE lower(whose) END"
    loose = texts.selectExpr("*", f"{users} COLLATE UTF8_LCASE AS user_id").drop("whose")
    strict = texts.selectExpr("*", f"{users} AS user_id").drop("whose")
    for rules in (cs.Rules("30min"), cs.Rules("30min", max_events=2)):
        found, right = (
            sorted(map(str, cs.sessionize(log, rules=rules).select("session_id").collect()))
            for log in (loose, strict)
        )
        assert found == right


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_resolutions_are_kept(unit: str, kind: str) -> None:
    if kind == "spark" and unit == "ns":
        pytest.skip("Spark has no nanoseconds")
    start = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit] * 1_714_557_600
    gap = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit] * 1800
    times = pa.array([start, start + gap, start + 2 * gap + 1], pa.timestamp(unit))
    events = numbered(pa.table({"user_id": [7, 7, 7], "timestamp": times}))
    found = to_arrow(cs.sessionize(TO[kind](events)))
    assert by_row(found, "session_index") == [(1,), (1,), (2,)]
    assert by_row(found, "session_id")[0] == ("7:1714557600000000",)


def test_a_lazy_frame_reads_no_column_that_nobody_asks_for(tmp_path: Path) -> None:
    pl = pytest.importorskip("polars")
    moments = [datetime(2024, 5, 1, 10)] * 2
    events = pl.DataFrame({"user_id": ["ann", "bob"], "page": ["/", "/"], "timestamp": moments})
    events.write_parquet(tmp_path / "log.parquet")
    visits = cs.sessionize(pl.scan_parquet(tmp_path / "log.parquet"))
    assert "PROJECT 2/3 COLUMNS" in visits.select("session_index").explain()
    assert visits.select("session_index").collect().to_series().to_list() == [1, 1]
    assert "map" not in visits.select("page").explain().lower()
