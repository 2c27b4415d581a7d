"""`sessionize`: the definition of design §2, case by case, and against the oracle."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from tests.logs import THIRTY_MINUTES, as_lists, logs
from tests.oracle import session_of_each


def frame(times: list[Any], users: list[Any] | None = None, **columns: Any) -> pd.DataFrame:
    users = users if users is not None else ["ann"] * len(times)
    return pd.DataFrame({"user_id": users, "timestamp": times, **columns})


def indexes(sessionized: pd.DataFrame) -> list[int | None]:
    return [None if pd.isna(i) else int(i) for i in sessionized["session_index"]]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize(
    ("at_timeout", "at", "before"), [("same", [1, 1], [1, 1]), ("new", [1, 2], [1, 1])]
)
def test_a_gap_of_exactly_the_timeout(
    unit: str, at_timeout: Any, at: list[int], before: list[int]
) -> None:
    rules = cs.Rules("30min", at_timeout=at_timeout)
    start = pd.Timestamp("2024-05-01").as_unit(unit)
    one = pd.Timedelta(1, unit).as_unit(unit)
    timeout = pd.Timedelta("30min").as_unit(unit)
    for gap, expected in ((timeout, at), (timeout - one, before), (timeout + one, [1, 2])):
        times = pd.Series([start, start + gap]).astype(f"datetime64[{unit}]")
        assert indexes(cs.sessionize(frame(times), rules=rules)) == expected, gap


def test_a_timeout_that_the_resolution_does_not_divide() -> None:
    times = pd.Series(pd.to_datetime(["2024-01-01 00:00:00", "2024-01-01 00:00:02"])).astype(
        "datetime64[s]"
    )
    assert indexes(cs.sessionize(frame(times), "1.5s")) == [1, 2]
    assert indexes(cs.sessionize(frame(times), "2.5s")) == [1, 1]


def test_half_a_microsecond_below_a_timeout_that_splits_at_itself() -> None:
    start = pd.Timestamp("2024-05-01").as_unit("ns")
    times = pd.Series([start, start + pd.Timedelta("30min") - pd.Timedelta(500, "ns")])
    rules = cs.Rules("30min", at_timeout="new")
    assert indexes(cs.sessionize(frame(times), rules=rules)) == [1, 1]


@pytest.mark.parametrize(
    "kind", ["int64", "Int64", "float64", "str", "object", "category", "arrow"]
)
def test_users_of_every_type(kind: str) -> None:
    users = pd.Series([7, 8, 7]).astype("str" if kind in ("str", "category") else "int64")
    if kind == "arrow":
        users = users.astype("int64[pyarrow]")
    elif kind != "object":
        users = users.astype(kind)
    else:
        users = pd.Series([7, "8", 7], dtype=object)
    times = pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:01", "2024-05-01 10:02"])
    found = cs.sessionize(frame(list(times)).assign(user_id=users))
    start = 1_714_557_600_000_000
    assert found["session_id"].tolist() == [
        f"7:{start}",
        f"8:{start + 60_000_000}",
        f"7:{start}",
    ]
    assert found["user_id"].dtype == users.dtype


def test_the_same_text_is_the_same_user() -> None:
    key = UUID(int=1)
    times = pd.to_datetime(["2024-05-01 10:00"] * 4)
    found = cs.sessionize(frame(times, pd.Series([key, str(key), 7, "7"], dtype=object)))
    assert found["session_id"].nunique() == 2


def test_huge_and_negative_ids_keep_every_digit() -> None:
    users = [2**63 - 1, -(2**63), 2**53 + 1, 2**53]
    found = cs.sessionize(frame(pd.to_datetime(["2024-05-01"] * 4), users))
    assert [i.split(":")[0] for i in found["session_id"]] == [str(user) for user in users]


def test_unsigned_ids_beyond_int64() -> None:
    users = np.array([2**64 - 1, 2**64 - 2, 2**64 - 1], dtype=np.uint64)
    found = cs.sessionize(frame(pd.to_datetime(["2024-05-01"] * 3), users))
    assert [i.split(":")[0] for i in found["session_id"]] == [str(user) for user in users]


def test_null_users_and_null_times_have_no_session_and_do_not_matter() -> None:
    times = ["2024-05-01 10:00", None, "2024-05-01 10:20", "2024-05-01 10:40", "2024-05-01 10:50"]
    users = ["ann", "ann", None, "ann", None]
    found = cs.sessionize(frame(list(pd.to_datetime(times)), users))
    assert indexes(found) == [1, None, None, 2, None]
    assert found["session_id"].isna().tolist() == [False, True, True, False, True]


@pytest.mark.parametrize("null", [None, np.nan, pd.NA, pd.NaT])
def test_every_null_is_no_user(null: Any) -> None:
    users = pd.Series(["ann", null], dtype=object)
    found = cs.sessionize(frame(pd.to_datetime(["2024-05-01", "2024-05-01"]), users))
    assert indexes(found) == [1, None]


def test_an_empty_text_is_a_user() -> None:
    found = cs.sessionize(frame(pd.to_datetime(["2024-05-01"]), [""]))
    assert found["session_id"].tolist() == [":1714521600000000"]


def test_order_in_does_not_matter_and_order_out_is_kept() -> None:
    times = pd.to_datetime(["2024-05-01 11:00", "2024-05-01 10:00", "2024-05-01 10:10"])
    events = frame(times, page=["c", "a", "b"])
    events.index = pd.Index([5, 5, 3])
    found = cs.sessionize(events)
    assert found.index.tolist() == [5, 5, 3]
    assert found["page"].tolist() == ["c", "a", "b"]
    assert indexes(found) == [2, 1, 1]


def test_the_input_is_not_changed() -> None:
    events = frame(pd.to_datetime(["2024-05-01 11:00", "2024-05-01 10:00"]))
    before = events.copy(deep=True)
    cs.sessionize(events)
    pd.testing.assert_frame_equal(events, before)


def test_again_with_another_timeout() -> None:
    events = frame(pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:40"]))
    hour = cs.sessionize(cs.sessionize(events), "1h")
    assert indexes(hour) == [1, 1]
    assert list(hour.columns) == ["user_id", "timestamp", "session_id", "session_index"]


@pytest.mark.parametrize(
    ("zone", "first", "second"),
    [
        # 01:50 and 03:10 on the clock, 20 minutes apart: the hour between was left out.
        ("Europe/Amsterdam", "2024-03-31 00:50", "2024-03-31 01:10"),
        # 02:50 and 02:10 on the clock, 20 minutes apart: the hour comes twice.
        ("Europe/Amsterdam", "2024-10-27 00:50", "2024-10-27 01:10"),
    ],
)
def test_daylight_saving_changes(zone: str, first: str, second: str) -> None:
    times = pd.Series(pd.to_datetime([first, second], utc=True)).dt.tz_convert(zone)
    found = cs.sessionize(frame(times), "20min")
    assert indexes(found) == [1, 1]
    assert indexes(cs.sessionize(frame(times), "1199s")) == [1, 2]
    assert str(found["timestamp"].dt.tz) == zone


def test_naive_times_are_utc() -> None:
    naive = pd.Series(pd.to_datetime(["2024-05-01 10:00"]))
    aware = naive.dt.tz_localize("UTC")
    assert cs.sessionize(frame(naive))["session_id"].tolist() == ["ann:1714557600000000"]
    assert cs.sessionize(frame(aware))["session_id"].tolist() == ["ann:1714557600000000"]


def test_zones_mixed_in_one_column_compare_as_instants() -> None:
    times = pd.Series(
        [
            datetime(2024, 5, 1, 10, 0, tzinfo=UTC),
            datetime(2024, 5, 1, 12, 10, tzinfo=ZoneInfo("Europe/Amsterdam")),
        ],
        dtype=object,
    )
    found = cs.sessionize(frame(times))
    assert indexes(found) == [1, 1]


def test_arrow_times() -> None:
    times = pd.Series(pd.to_datetime(["2024-05-01 10:00"], utc=True)).astype(
        "timestamp[us, UTC][pyarrow]"
    )
    assert cs.sessionize(frame(times))["session_id"].tolist() == ["ann:1714557600000000"]


def test_the_ends_of_time_do_not_overflow() -> None:
    # The last of all counts, either way, stands for infinity.
    counts = np.array([-(2**63) + 2, 2**63 - 2, 0], dtype=np.int64)
    times = pd.Series(counts.view("datetime64[ns]"))
    assert indexes(cs.sessionize(frame(times))) == [1, 3, 2]


def test_sessions_that_start_in_one_microsecond_have_ids_of_their_own() -> None:
    times = pd.Series(np.array([0, 400, 800, 1200], dtype="datetime64[ns]"))
    found = cs.sessionize(frame(times), rules=cs.Rules("1us", at_timeout="new"))
    assert indexes(found) == [1, 1, 1, 1]
    far = pd.Series(np.array([0, 1500, 1999, 5000], dtype="datetime64[ns]"))
    assert cs.sessionize(frame(far), "1us")["session_id"].tolist() == [
        "ann:0",
        "ann:1",
        "ann:1",
        "ann:5",
    ]


def test_empty_and_single() -> None:
    empty = frame(pd.to_datetime([]), [])
    found = cs.sessionize(empty)
    assert len(found) == 0
    assert list(found.columns) == ["user_id", "timestamp", "session_id", "session_index"]
    assert str(found["session_id"].dtype) == "str"
    assert str(found["session_index"].dtype) == "Int64"
    assert indexes(cs.sessionize(frame(pd.to_datetime(["2024-05-01"])))) == [1]


@pytest.mark.parametrize("timeout", ["30min", "1800s", timedelta(minutes=30), pd.Timedelta("30m")])
def test_timeouts_in_every_form(timeout: Any) -> None:
    events = frame(pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:30", "2024-05-01 11:01"]))
    assert indexes(cs.sessionize(events, timeout)) == [1, 1, 2]


@pytest.mark.parametrize("timeout", [30, 1800.0, "30", "-5min", "0s", "", "soon", None, pd.NaT])
def test_a_timeout_that_says_no_duration_is_refused(timeout: Any) -> None:
    events = frame(pd.to_datetime(["2024-05-01 10:00"]))
    with pytest.raises(cs.errors.ParameterError, match=r"sessionize: `timeout` must be a positive"):
        cs.sessionize(events, timeout)


def test_a_timeout_beside_rules_is_refused() -> None:
    events = frame(pd.to_datetime(["2024-05-01 10:00"]))
    with pytest.raises(cs.errors.ParameterError, match="`timeout` must be left out"):
        cs.sessionize(events, "10min", rules=cs.Rules("20min"))


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (frame(["2024-05-01"]), r"`time` must be a column of times; got 'timestamp \(str\)'"),
        (frame([1714557600]), r"`time` must be a column of times; got 'timestamp \(int64\)'"),
        (
            frame(pd.to_datetime(["2024-05-01"])).rename(columns={"user_id": "user_ids"}),
            r"`user` must be a column of the frame .*Did you mean 'user_ids'",
        ),
        (
            frame(pd.to_datetime(["2024-05-01"]), [1.5]),
            "`user` must be a column of text or whole numbers",
        ),
        (
            frame(pd.to_datetime(["2024-05-01"]), [float(2**53 + 2)]),
            "`user` must be a column of text or whole numbers",
        ),
        ([1, 2], "`events` must be a frame: pandas.DataFrame"),
    ],
)
def test_bad_input_is_named(events: Any, message: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=message):
        cs.sessionize(events)


@given(logs(), st.sampled_from(["same", "new"]))
def test_any_log_equals_the_oracle(events: pd.DataFrame, at_timeout: Any) -> None:
    found = cs.sessionize(events, rules=cs.Rules("30min", at_timeout=at_timeout))
    users, times = as_lists(events)
    longest = THIRTY_MINUTES if at_timeout == "same" else THIRTY_MINUTES - 1
    expected = session_of_each(users, times, longest)
    pairs = zip(found["session_id"], found["session_index"], strict=True)
    got = [None if pd.isna(name) else (name, int(index)) for name, index in pairs]
    assert got == expected


@given(logs(users=st.sampled_from([1, -5, 2**62, 2**53 + 1])))
def test_any_log_with_numbers_for_users_equals_the_oracle(events: pd.DataFrame) -> None:
    found = cs.sessionize(events)
    users, times = as_lists(events)
    expected = [s and s[0] for s in session_of_each(users, times, THIRTY_MINUTES)]
    assert [None if pd.isna(name) else name for name in found["session_id"]] == expected
