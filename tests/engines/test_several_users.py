"""Users of several columns: the same on every engine, and what a plain loop says of them."""

import re
from collections.abc import Sequence
from random import Random
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import clicksession as cs
from clicksession.errors import ParameterError
from clicksession.metrics import Count, Funnel, VisitsBeforeOrder, compare
from tests.engines.frames import EAGER, LAZY
from tests.engines.needs import require
from tests.engines.test_frames import TO, to_arrow

# What could be taken for one another, were the parts of a user joined as they are.
SITES = ["a", "a:b", "a\\", "a\\:b", "", "é", None]
NUMBERS = [7, -7, 70, None]
USER = ["site", "account"]
MINUTE = 60_000_000
START = pd.Timestamp("2024-05-01")


@pytest.fixture(params=[*EAGER, *LAZY])
def kind(request: pytest.FixtureRequest) -> str:
    require(request.param)
    return str(request.param)


def log(seed: int, size: int, *, ids: bool = True) -> pa.Table:
    """Events whose users are a site (text), an account (a number) and a device (text)."""
    random = Random(seed)
    minutes = [random.choice([0, 5, 30, 36, 60, 91, 122]) for _ in range(size)]
    columns = {
        "n": pa.array(range(size), pa.int64()),
        "site": pa.array([random.choice(SITES) for _ in range(size)], pa.string()),
        "account": pa.array([random.choice(NUMBERS) for _ in range(size)], pa.int64()),
        "device": pa.array([random.choice(["b", "b:c", ":", None]) for _ in range(size)]),
        "at": pa.array([START + pd.Timedelta(minutes=m) for m in minutes], pa.timestamp("us")),
        "event_type": [random.choice(["view", "placed_order"]) for _ in range(size)],
    }
    if ids:
        columns["event_id"] = pa.array(random.sample(range(size * 2), size), pa.int64())
    return pa.table(columns)


def spelled(parts: Sequence[Any]) -> str | None:
    """Return how a user is written; None for nobody."""
    if any(part is None for part in parts):
        return None
    return ":".join(re.sub(r"([\\:])", r"\\\1", str(part)) for part in parts)


def by_a_loop(events: pa.Table, user: Sequence[str]) -> dict[int, tuple[str | None, int | None]]:
    """Return the session of each event, and its ordinal, by the rows' numbers."""
    found: dict[int, tuple[str | None, int | None]] = {}
    last: dict[tuple[Any, ...], tuple[Any, str, int]] = {}
    for row in sorted(events.to_pylist(), key=lambda row: row["at"]):
        parts = tuple(row[name] for name in user)
        if None in parts:
            found[row["n"]] = (None, None)
            continue
        before, name, ordinal = last.get(parts, (None, "", 0))
        if before is None or row["at"] - before > pd.Timedelta("30min"):
            moment = (pd.Timestamp(row["at"]) - pd.Timestamp(0)) // pd.Timedelta("1us")
            name, ordinal = f"{spelled(parts)}:{moment}", ordinal + 1
        last[parts] = (row["at"], name, ordinal)
        found[row["n"]] = (name, ordinal)
    return found


@pytest.mark.parametrize("user", [USER, ("device", "site"), ["site", "account", "device"]])
def test_as_a_plain_loop_cuts_them(kind: str, user: Sequence[str]) -> None:
    if kind == "spark" and len(user) < 3:
        return  # Three columns say it all, and Spark takes its time.
    for seed in range(1 if kind == "spark" else 6):
        events = log(seed, 20 * seed + 40)
        given = TO[kind](events)
        visits = cs.sessionize(given, user=user, time="at")
        assert type(visits) is type(given)
        table = to_arrow(visits)
        assert table.column_names == [*events.column_names, "session_id", "session_index"]
        found = {r["n"]: (r["session_id"], r["session_index"]) for r in table.to_pylist()}
        assert found == by_a_loop(events, user)


def test_a_summary_shows_all_columns_of_the_user(kind: str) -> None:
    events = log(1, 60)
    visits = cs.sessionize(TO[kind](events), user=USER, time="at")
    kept: dict[str, Any] = {"counted_events": "view", "first": {"began_with": "event_type"}}
    found = to_arrow(cs.summarize(visits, user=USER, time="at", **kept))
    assert found.column_names[:4] == ["session_id", "site", "account", "session_index"]
    expected: dict[str, list[dict[str, Any]]] = {}
    sessions = by_a_loop(events, USER)
    for row in sorted(events.to_pylist(), key=lambda row: (row["at"], row["event_id"])):
        if (name := sessions[row["n"]][0]) is not None:
            expected.setdefault(name, []).append(row)
    rows = {row["session_id"]: row for row in found.to_pylist()}
    assert rows.keys() == expected.keys()
    for name, own in expected.items():
        row = rows[name]
        assert (row["site"], row["account"]) == (own[0]["site"], own[0]["account"])
        assert row["event_count"] == len(own)
        assert row["view_count"] == sum(one["event_type"] == "view" for one in own)
        assert row["began_with"] == own[0]["event_type"]
        assert row["duration_seconds"] == (own[-1]["at"] - own[0]["at"]).total_seconds()


@pytest.mark.parametrize("kind", [*EAGER, "polars_lazy", "spark"])
def test_rules_that_go_through_the_events_in_order(kind: str) -> None:
    require(kind)
    events = log(2, 50)
    rules = cs.Rules("30min", max_events=2)
    one = events.append_column("whole", pa.array(map(spelled, _parts(events)), pa.string()))
    expected = cs.sessionize(one, rules=rules, user="whole", time="at").sort_by("n")
    found = to_arrow(cs.sessionize(TO[kind](events), rules=rules, user=USER, time="at"))
    names = ["session_id", "session_index", "start_reason"]
    assert found.sort_by("n").select(names).to_pylist() == expected.select(names).to_pylist()


def _parts(events: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in USER) for row in events.to_pylist()]


@pytest.mark.parametrize("kind", [*EAGER, "polars_lazy", "duckdb"])
def test_one_name_in_a_list_is_that_column(kind: str) -> None:
    require(kind)
    events = TO[kind](log(3, 20))
    found = to_arrow(cs.sessionize(events, user=["site"], time="at"))
    assert found.sort_by("n") == to_arrow(cs.sessionize(events, user="site", time="at")).sort_by(
        "n"
    )


@pytest.mark.parametrize("frame", ["pandas", "polars", "arrow"])
def test_a_metric_of_them_is_that_of_one_column(frame: str) -> None:
    require(frame)
    events = log(4, 80)
    one = events.append_column("user_id", pa.array(map(spelled, _parts(events)), pa.string()))
    one = one.rename_columns([{"at": "timestamp"}.get(name, name) for name in one.column_names])
    whole, given = TO["arrow"](one), TO[frame](events)
    named: dict[str, Any] = {"user": USER, "time": "at"}
    visits = cs.sessionize(given, **named)
    for metric in (VisitsBeforeOrder(), Count(of="users"), Count(of="sessions")):
        expected = metric.compute(whole)
        assert metric.compute(given, **named) == metric.compute(visits, **named) == expected
    funnel = Funnel(steps=["view", "placed_order"], by="site")
    assert _rows(funnel.compute(given, **named)) == _rows(funnel.compute(whole))
    found = compare([VisitsBeforeOrder()], given, **named)
    assert _rows(found) == _rows(compare([VisitsBeforeOrder()], whole))


def _rows(frame: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = to_arrow(frame).to_pylist()
    return found


def test_they_are_the_users_of_a_schema_that_joins_them(tmp_path: Any) -> None:
    events = log(5, 60).filter(pa.compute.not_equal(log(5, 60)["site"], ""))
    user = cs.Join(*USER, separator=":")
    schema = cs.EventSchema(user_id=user, timestamp="at", event_id="event_id")
    read = cs.sessionize(cs.read_events(events.to_pylist(), schema=schema))
    found = cs.sessionize(events, user=USER, time="at").sort_by("event_id")
    mine = dict(zip(found["event_id"].to_pylist(), found["session_id"].to_pylist(), strict=True))
    theirs = dict(
        zip(read["event_id"], read["session_id"].replace({float("nan"): None}), strict=True)
    )
    assert {str(k): v for k, v in mine.items()} == {str(k): v for k, v in theirs.items()}


def test_what_events_hold_puts_those_of_one_moment_in_one_order() -> None:
    """Without ids: a frame, and the embedded database that a metric asks, take the same order."""
    rules = cs.Rules("30min", start_events="placed_order", max_events=2)
    for seed in range(4):
        events = log(seed, 60, ids=False)
        visits = cs.sessionize(events, rules=rules, user=USER, time="at")
        named: dict[str, Any] = {"user": USER, "time": "at"}
        whole = pa.array(map(spelled, _parts(events)), pa.string())
        one = events.drop_columns(USER).append_column("who", whole)
        again = cs.sessionize(one, rules=rules, user="who", time="at")
        assert visits["session_id"].to_pylist() == again["session_id"].to_pylist()
        funnel = Funnel(steps=["view", "placed_order"], order="strict")
        expected = funnel.compute(again, user="who", time="at")
        assert _rows(funnel.compute(visits, **named)) == _rows(expected)


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ([], "`user` must be the name of a column, or several in a list, each once"),
        (["site", "site"], "each once"),
        ([1, "site"], "each once"),
        (["site", "acount"], r"`user` must be a column .* Did you mean 'account'\?"),
        (["site", "at"], "`user` must be a column of text or whole numbers"),
    ],
)
def test_what_makes_no_user(kind: str, user: Any, message: str) -> None:
    events = TO[kind](log(1, 10))
    with pytest.raises(ParameterError, match=f"sessionize: .*{message}"):
        cs.sessionize(events, user=user, time="at")
    visits = cs.sessionize(events, user=USER, time="at")
    with pytest.raises(ParameterError, match=f"summarize: .*{message}"):
        cs.summarize(visits, user=user, time="at")


def test_names_of_columns_are_of_frames() -> None:
    import sqlalchemy as sa

    engine = sa.create_engine("duckdb:///:memory:")
    with pytest.raises(ParameterError, match="`user` must be left out for a database"):
        Count().compute(engine, user="visitor")
    with pytest.raises(ParameterError, match=r"say so: user='…'\."):
        Count().compute(log(1, 10))


def test_a_frame_may_have_a_column_of_the_name_that_is_made(kind: str) -> None:
    events = log(6, 30).append_column("whole_user", pa.array(["x"] * 30))
    found = to_arrow(cs.sessionize(TO[kind](events), user=USER, time="at")).sort_by("n")
    assert found["whole_user"].to_pylist() == ["x"] * 30
    expected = by_a_loop(events, USER)
    assert found["session_id"].to_pylist() == [expected[n][0] for n in range(30)]
