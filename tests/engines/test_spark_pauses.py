"""Spark, where pauses decide: the same sessions as by the plan for any rules, at less cost."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

import clicksession as cs
from clicksession.arrow import ENDLESS
from tests.engines.needs import require
from tests.spark import spark_session

_START = 1_714_557_600_000_000
_MINUTE = 60_000_000
# Around the timeout to the microsecond, and far from it; many events share a moment.
_GAPS = (0, 0, 0, 1, 999_999, _MINUTE, 2 * _MINUTE - 1, 2 * _MINUTE, 2 * _MINUTE + 1, 9 * _MINUTE)
_RULES = (
    cs.Rules("2min"),
    cs.Rules("2min", at_timeout="new"),
    cs.Rules(timedelta(microseconds=1)),
    cs.Rules("2min", resolution="minute", rounding="nearest"),
)

Row = tuple[Any, ...]


@pytest.fixture
def spark() -> Any:
    require("spark")
    return spark_session()


def log(random: Random, size: int) -> list[Row]:
    """Return events in random order: of few users, some without one, some without a moment."""
    users, now, rows = (None, "ann", "Ann", "a:b", "", "é"), -_START, []
    for n in range(size):
        now += random.choice(_GAPS)
        if n == size // 2:
            now = _START
        odd = random.random()
        time = now if odd > 0.1 else random.choice((None, ENDLESS, -ENDLESS))
        rows.append((n, random.choice(users), time))
    random.shuffle(rows)
    return rows


def frame(spark: Any, rows: list[Row], user: str = "string") -> Any:
    """Return the events as a frame of instants, in several partitions."""
    counted = spark.createDataFrame(rows, f"n long, user_id {user}, count long")
    return counted.selectExpr("n", "user_id", "timestamp_micros(count) AS timestamp").repartition(2)


def by_a_loop(rows: list[Row], rules: cs.Rules) -> tuple[dict[int, Row], list[Row]]:
    """Return the session of each event, and what is told of each session."""
    longest, events, sessions = rules.longest_gap(1000), {n: (None, None) for n, *_ in rows}, []
    known = [row for row in rows if None not in row and abs(row[2]) != ENDLESS]
    for user in {row[1] for row in known}:
        before, found = None, []
        for n, _, time in sorted((row for row in known if row[1] == user), key=lambda row: row[2]):
            if before is None or time - before > longest:
                found.append([time, time, 0])
            before = found[-1][1] = time
            found[-1][2] += 1
            events[n] = (f"{user}:{found[-1][0]}", len(found))
        for index, (start, end, count) in enumerate(found, 1):
            why = "first" if index == 1 else "timeout"
            lasted = (end - start) / 1_000_000
            sessions.append((f"{user}:{start}", user, index, start, end, lasted, count, why))
    return events, sessions


def told(summary: Any) -> Counter[Row]:
    """Return the rows of a summary, with times as microseconds: not all are datetimes of Python."""
    counted = {name: f"unix_micros({name}) AS {name}" for name in ("started_at", "ended_at")}
    return Counter(
        map(tuple, summary.selectExpr(*(counted.get(n, n) for n in summary.columns)).collect())
    )


def plan(found: Any) -> str:
    text: str = found._jdf.queryExecution().executedPlan().toString()
    return text


@pytest.mark.parametrize("seed", range(4))
def test_as_a_plain_loop_and_as_the_plan_for_any_rules(seed: int, spark: Any) -> None:
    rules, user = _RULES[seed % len(_RULES)], "string"
    rows = log(Random(seed), 900)
    if seed % 2:
        numbers = {None: None, "ann": 1, "Ann": -1, "a:b": 0, "": 2**62, "é": 7}
        rows, user = [(n, numbers[name], time) for n, name, time in rows], "long"
    visits = cs.sessionize(frame(spark, rows, user), rules=rules)
    events, sessions = by_a_loop(rows, rules)
    found = visits.select("n", "session_id", "session_index").collect()
    assert {n: (id_, index) for n, id_, index in found} == events
    summary = cs.summarize(visits)
    assert "Aggregate" not in plan(summary)
    careful = cs.summarize(visits.select("*"))
    assert "Aggregate" in plan(careful)
    assert told(summary) == told(careful) == Counter(sessions)
    types = [(field.name, field.dataType) for field in careful.schema]
    assert [(field.name, field.dataType) for field in summary.schema] == types


@pytest.mark.parametrize("summarized", [False, True])
def test_one_shuffle_of_users_and_times_as_they_are(summarized: bool, spark: Any) -> None:
    visits = cs.sessionize(frame(spark, log(Random(0), 20)).drop("n"), timeout="30min")
    text = plan(cs.summarize(visits) if summarized else visits)
    # What repartition() of the test's own frame shuffles stands below.
    above, _, below = text.partition("Exchange hashpartitioning(user_id")
    assert above.count(" Sort ") == 1
    assert "Exchange" not in above
    assert below.count("Exchange") == below.count("Exchange RoundRobinPartitioning") == 1
    assert "Window" not in below


def test_a_frame_that_is_made_of_another_is_summarized_by_its_own_rows(spark: Any) -> None:
    visits = cs.sessionize(frame(spark, [(0, "a", 0), (1, "a", 5), (2, "a", 7)]), timeout="30min")
    cs.summarize(visits)
    less, other = visits.where("n < 2"), visits.selectExpr("*").withColumn("n", visits.n)
    assert [row.event_count for row in cs.summarize(less).collect()] == [2]
    other = other.drop("session_id").selectExpr("*", "CAST(n AS STRING) AS session_id")
    assert sorted(row.session_id for row in cs.summarize(other).collect()) == ["0", "1", "2"]


def test_other_columns_of_a_frame_are_not_those_that_it_was_cut_by(spark: Any) -> None:
    events = frame(spark, [(0, "a", 0), (1, "a", 60_000_000)])
    events = events.selectExpr("*", "n AS account", "timestamp + INTERVAL 1 HOUR AS received")
    visits = cs.sessionize(events)
    assert {row.account for row in cs.summarize(visits, user="account").collect()} == {0, 1}
    by_received = cs.summarize(visits, time="received").select("started_at", "ended_at").first()
    expected = events.selectExpr("min(received)", "max(received)").first()
    assert tuple(by_received) == tuple(expected)


def test_rows_that_are_cached_are_not_computed_again(spark: Any) -> None:
    visits = cs.sessionize(frame(spark, log(Random(1), 100)))
    before = told(cs.summarize(visits))
    visits.cache()
    try:
        again = cs.summarize(visits)
        assert "InMemoryTableScan" in plan(again)
        assert told(again) == before
    finally:
        visits.unpersist()


def test_columns_of_any_name_stay_as_they_are(spark: Any) -> None:
    own = ("before", "Begun", "ORDINAL", "started", "after", "place", "first", "began", "earlier")
    rows = [(0, "a", 0), (1, "a", 5), (2, "a", 10**12)]
    events = frame(spark, rows).selectExpr("*", *(f"'{name}' AS {name}" for name in own))
    visits = cs.sessionize(events)
    assert visits.columns == [*events.columns, "session_id", "session_index"]
    for row in visits.select(*own).collect():
        assert tuple(row) == own
    assert sorted(row.event_count for row in cs.summarize(visits).collect()) == [1, 2]


def test_users_and_times_have_any_name(spark: Any) -> None:
    rows = [(0, "a", 0), (1, "a", 5), (2, "b", 10**12)]
    events = frame(spark, rows).withColumnsRenamed({"user_id": "First", "timestamp": "the.time"})
    summary = cs.summarize(
        cs.sessionize(events, user="First", time="the.time"), user="First", time="the.time"
    )
    assert "Aggregate" not in plan(summary)
    assert {row.First: row.event_count for row in summary.collect()} == {"a": 2, "b": 1}


def test_a_frame_that_is_cut_again_gets_the_new_sessions(spark: Any) -> None:
    events = frame(spark, [(0, "a", 0), (1, "a", 5 * _MINUTE)])
    short = cs.sessionize(events, timeout="1min")
    long = cs.sessionize(short, timeout="10min")
    assert long.columns == short.columns
    assert [row.event_count for row in cs.summarize(long).collect()] == [2]
    assert [row.event_count for row in cs.summarize(short).collect()] == [1, 1]


def test_a_column_that_sessions_replace_is_no_user_of_theirs(spark: Any) -> None:
    events = frame(spark, [(0, "a", 0), (1, "a", 5)]).withColumnRenamed("user_id", "session_id")
    visits = cs.sessionize(events, user="session_id")
    assert {row.session_id for row in visits.collect()} == {"a:0"}
    assert [row.session_id for row in cs.summarize(visits, user="session_id").collect()] == ["a:0"]
