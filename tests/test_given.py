"""Sessions that a tracker gave: logs of vendors' shape, with visits that interleave, everywhere."""

import json
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession import Rules
from clicksession.errors import ParameterError
from tests.writers.content import content_of

MINUTE = 60_000_000
START = 1_714_557_600_000_000


def _ga4(user: str, moment: int, visit: str | None, number: int) -> dict[str, Any]:
    given = [{"key": "ga_session_id", "value": {"int_value": visit}}] if visit else []
    return {
        "event_name": "page_view",
        "event_timestamp": str(moment),
        "user_pseudo_id": user,
        "event_params": [*given, {"key": "n", "value": {"int_value": str(number)}}],
    }


def _posthog(user: str, moment: int, visit: str | None, number: int) -> dict[str, Any]:
    time = pd.Timestamp(moment, unit="us", tz="UTC").isoformat()
    properties = {"$session_id": visit, "n": number} if visit else {"n": number}
    return {
        "uuid": f"0190-{number}",
        "event": "$pageview",
        "distinct_id": user,
        "person_id": user,
        "properties": properties,
        "timestamp": time,
    }


def _snowplow(user: str, moment: int, visit: str | None, number: int) -> dict[str, Any]:
    time = pd.Timestamp(moment, unit="us").isoformat(sep=" ")
    return {
        "event_id": f"e-{number}",
        "domain_userid": user,
        "derived_tstamp": time,
        "event_name": "page_view",
        "domain_sessionid": visit,
    }


SNOWPLOW = cs.EventSchema(
    event_id="event_id",
    user_id="domain_userid",
    timestamp="derived_tstamp",
    event_type="event_name",
)
# Of each vendor: how it writes an event, how that is read, and where the given id is then.
SHAPES: dict[str, tuple[Any, Any, str]] = {
    "ga4": (_ga4, cs.EventSchema.preset("ga4"), "event_params_ga_session_id"),
    "posthog": (_posthog, cs.EventSchema.preset("posthog"), "properties_session_id"),
    "snowplow": (_snowplow, SNOWPLOW, "domain_sessionid"),
}


def _log(seed: int) -> list[tuple[str, int, str | None]]:
    """Return users, times and visits: two tabs at a time, and events without a visit."""
    random, now = Random(seed), START
    visits = {user: ["100", "101"] for user in ("ann", "bob", "o'hara:1")}
    rows: list[tuple[str, int, str | None]] = []
    for number in range(60):
        now += random.choice([0, 1, MINUTE, 20 * MINUTE])
        user = random.choice(list(visits))
        if random.random() < 0.15:
            visits[user][random.randrange(2)] = str(102 + number)
        rows.append((user, now, random.choice([*visits[user], *visits[user], None])))
    return rows


def _plain(rows: list[tuple[str, int, str | None]], timeout: int | None) -> list[str | None]:
    """Return the id of each row's session, by a plain loop over users and visits."""
    by_visit: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, (user, _, visit) in enumerate(rows):
        if visit is not None:
            by_visit[user, visit].append(number)
    sessions: dict[str, list[tuple[int, str, list[int]]]] = defaultdict(list)
    for (user, visit), members in by_visit.items():
        members.sort(key=lambda number: rows[number][1])
        run: list[int] = []
        for number in members:
            if run and timeout is not None and rows[number][1] - rows[run[-1]][1] > timeout:
                sessions[user].append((rows[run[0]][1], visit, run))
                run = []
            run = [*run, number]
        sessions[user].append((rows[run[0]][1], visit, run))
    found: list[str | None] = [None] * len(rows)
    for user, theirs in sessions.items():
        twins: dict[int, int] = defaultdict(int)
        for start, _, members in sorted(theirs):
            twins[start] += 1
            suffix = f".{twins[start]}" if twins[start] > 1 else ""
            for number in members:
                found[number] = f"{user}:{start}{suffix}"
    return found


def _written(tmp_path: Path, shape: str, rows: list[tuple[str, int, str | None]]) -> list[str]:
    """Write the log in three files, out of order."""
    write = SHAPES[shape][0]
    files = []
    for part in range(3):
        lines = [write(*row, n) for n, row in enumerate(rows) if n % 3 == part]
        path = tmp_path / f"{shape}-{part}.json"
        path.write_text("\n".join(map(json.dumps, reversed(lines))), encoding="utf-8")
        files.append(str(path))
    return files


@pytest.mark.parametrize("timeout", [None, 30], ids=["alone", "with a timeout"])
@pytest.mark.parametrize("shape", SHAPES)
def test_vendors_logs_in_frames_and_tables(
    shape: str, timeout: int | None, tmp_path: Path, database: sa.Engine
) -> None:
    _, schema, column = SHAPES[shape]
    rules = Rules(timeout and f"{timeout}min", session_column=column)
    rows = _log(len(shape) + (timeout or 0))
    files = _written(tmp_path, shape, rows)
    expected = _plain(rows, timeout and timeout * MINUTE)
    events = cs.read_events(files, schema=schema)
    number = {"ga4": "event_params_n", "posthog": "properties_n"}.get(shape)
    numbers = events[number] if number else events["event_id"].str[2:].astype(int)
    visits = cs.sessionize(events, rules=rules)
    found = dict(zip(numbers, visits["session_id"], strict=True))
    assert [None if pd.isna(found[n]) else found[n] for n in range(len(rows))] == expected
    # One file at a time, the last first: the tables are those of the frame.
    reports = [cs.run(file, database, schema=schema, rules=rules) for file in reversed(files)]
    assert sum(report.events_without_session for report in reports) == expected.count(None)
    stored = content_of(database)["sessions"]
    assert {row["session_id"] for row in stored} == {name for name in expected if name}
    summary = cs.summarize(visits).set_index("session_id")
    for row in stored:
        one = summary.loc[row["session_id"]]
        assert (row["started_at"], row["ended_at"]) == (one["started_at"], one["ended_at"])
        assert (row["event_count"], row["start_reason"]) == (
            one["event_count"],
            one["start_reason"],
        )
    duration = cs.metrics.SessionDuration(statistic="mean")
    assert duration.compute(events, rules=rules) == pytest.approx(duration.compute(database))


def _frame(**columns: Any) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    times = pd.date_range("2024-05-01 10:00", periods=size, freq="10min", tz="UTC")
    return pd.DataFrame({"user_id": "ann", "timestamp": times, **columns})


@pytest.mark.parametrize(
    "visits",
    [
        [7, 8, None, 7],
        [7.0, 8.0, float("nan"), 7.0],
        ["7", "8", None, "7"],
        [7, "8", None, "7"],
        [7.0, 8, "", "7"],
    ],
)
def test_values_compare_by_their_text(visits: list[Any]) -> None:
    events = _frame(visit=pd.Series(visits, dtype=object if "7" in visits else None))
    rules = Rules(None, session_column="visit")
    found = cs.sessionize(events, rules=rules)
    assert found["session_index"].tolist() == [1, 2, pd.NA, 1]
    writer = cs.SQLWriter(sa.create_engine("duckdb:///:memory:"), rules=rules)
    report = writer.write(events)
    assert (report.sessions_added, report.events_without_session) == (2, 1)


def test_numbers_first_and_texts_later_are_one_visit(database: sa.Engine) -> None:
    rules = Rules(None, session_column="visit")
    writer = cs.SQLWriter(database, rules=rules)
    events = _frame(visit=["7", "8", "7", "x"])
    writer.write(events[:2].assign(visit=[7, 8]))
    writer.write(events[2:3].assign(visit=[7.0]))
    writer.write(events[3:])
    found = content_of(database)["sessions"]
    expected = cs.summarize(cs.sessionize(events, rules=rules))
    assert [(row["session_id"], row["event_count"]) for row in found] == list(
        zip(expected["session_id"], expected["event_count"], strict=True)
    )


def test_a_value_that_is_no_id_is_refused() -> None:
    rules = Rules(None, session_column="visit")
    days = pd.to_datetime(["2024-05-01", "2024-05-02"])
    with pytest.raises(ParameterError, match="`session_column` must be a column of text or whole"):
        cs.sessionize(_frame(visit=days), rules=rules)
    with pytest.raises(ParameterError, match=r"`session_column` must be .*visit \(Float64\)"):
        cs.sessionize(pl.DataFrame(_frame(visit=[1.5, 2.0])).lazy(), rules=rules)
    with pytest.raises(ParameterError, match=r"column of the frame.*Did you mean 'visit'"):
        cs.sessionize(_frame(visit=["a"]), rules=Rules(None, session_column="visits"))


def test_ids_of_a_frame_are_written_as_they_are_given() -> None:
    """Whoever has sessions of any origin writes them; the source's ids stay in a column."""
    events = _frame(session_id=["s-2", "s-1", "s-2", None], session_index=1)
    engines = [sa.create_engine("duckdb:///:memory:") for _ in range(3)]
    for engine, name in zip(engines, ("session_id", "source_session_id", None), strict=True):
        column = name or "source_session_id"
        writer = cs.SQLWriter(engine, rules=Rules(None, session_column=column))
        given = events if name else events.rename(columns={"session_id": "source_session_id"})
        report = writer.write(given)
        assert (report.sessions_added, report.events_without_session) == (2, 1)
        assert writer.write(given).duplicates == 4
        kept = {row["source_session_id"] for row in content_of(engine)["events"]}
        assert kept == {"s-1", "s-2", None}
    one, two, three = map(content_of, engines)
    assert one == two == three
    assert writer.delete_events(given).events_deleted == 4
    with pytest.raises(ParameterError, match="with those that the writer would cut"):
        cs.SQLWriter(engines[0], rules=Rules(None, session_column="other")).write(
            events.assign(other="x")
        )


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.Table.from_pandas])
def test_sessions_of_any_origin_are_summarized(make: Any) -> None:
    events = pd.DataFrame(
        {
            "user_id": ["ann", "ann", "ann", "bob", "ann", None, "ann"],
            "timestamp": pd.to_datetime(
                [f"2024-05-01 10:0{minute}" for minute in (0, 1, 2, 3, 4, 5)] + [None]
            ),
            # Two users have a session of one id.
            "session_id": ["b", "a", "b", "a", None, "a", "a"],
        }
    )
    found = cs.summarize(make(events))
    found = found.collect() if isinstance(found, pl.LazyFrame) else found
    rows = found.to_dict("records") if isinstance(found, pd.DataFrame) else None
    rows = rows or (found.to_dicts() if isinstance(found, pl.DataFrame) else found.to_pylist())
    names = ("session_id", "user_id", "session_index", "event_count", "start_reason")
    assert sorted(tuple(row[name] for name in names) for row in rows) == [
        ("a", "ann", 2, 1, "given"),
        ("a", "bob", 1, 1, "first"),
        ("b", "ann", 1, 2, "first"),
    ]


def test_sessions_of_any_origin_are_summarized_by_duckdb() -> None:
    import duckdb

    events = _frame(session_id=[2, 1, 2, None]).astype({"session_id": "Int64"})
    with duckdb.connect() as connection:
        found = cs.summarize(connection.from_arrow(pa.Table.from_pandas(events))).fetchall()
    assert sorted(row[:3] for row in found) == [(1, "ann", 2), (2, "ann", 1)]


@pytest.mark.parametrize(
    ("values", "texts"),
    [([2.5, 1.0, 2.5], ["2.5", "1", "2.5"]), ([True, False, True], ["true", "false", "true"])],
)
def test_numbers_and_truths_are_told_by_their_texts(values: list[Any], texts: list[str]) -> None:
    rules = Rules(None, session_column="visit")
    events = pd.DataFrame(
        {
            "user_id": "ann",
            "timestamp": pd.to_datetime(["2024-05-01"] * 3),
            "visit": values,
        }
    )
    found = cs.sessionize(events, rules=rules)["session_id"].tolist()
    as_texts = events.assign(visit=texts)
    assert found == cs.sessionize(as_texts, rules=rules)["session_id"].tolist()
    assert found[0] == found[2] != found[1]
