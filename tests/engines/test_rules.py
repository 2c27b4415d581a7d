"""The array kernel follows every rule as the plain loop does, on any log."""

from random import Random
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.engines import limits
from clicksession.engines.days import local_days
from clicksession.rules import Rules
from clicksession.testing.logs import Log, random_log, random_rules
from clicksession.testing.reference import sessions_of

Found = list[tuple[str, int, str] | None]


def expected(log: Log, rules: Rules) -> Found:
    found = sessions_of(log.events(), rules)
    return [session and (session.id, session.index, session.reason) for session in found]


def kernel(log: Log, rules: Rules) -> Found:
    visits = cs.sessionize(log.pandas(), rules=rules)
    reason = dict(zip(*_of(cs.summarize(visits), "session_id", "start_reason"), strict=True))
    rows = zip(*_of(visits, "session_id", "session_index"), strict=True)
    return [None if pd.isna(name) else (name, index, reason[name]) for name, index in rows]


def _of(frame: pd.DataFrame, *names: str) -> list[list[Any]]:
    return [frame[name].tolist() for name in names]


@settings(max_examples=150)
@given(st.randoms(use_true_random=False))
def test_any_log_by_any_rules_equals_the_plain_loop(random: Random) -> None:
    log, rules = random_log(random), random_rules(random)
    assert kernel(log, rules) == expected(log, rules), rules


@pytest.mark.parametrize("seed", range(8))
def test_many_small_logs_equal_the_plain_loop(seed: int) -> None:
    random = Random(seed)
    for _ in range(60):
        log, rules = random_log(random, 40), random_rules(random)
        assert kernel(log, rules) == expected(log, rules), rules


@pytest.mark.parametrize("seed", range(9))
def test_long_chains_of_cuts_are_followed_by_doubling(seed: int) -> None:
    random = Random(seed)
    with patch.object(limits, "_PASSES", seed % 3):
        for _ in range(30):
            log = random_log(random, 60)
            rules = Rules("30min", max_events=2, max_duration="90s", max_rate=(1, "1s"))
            assert kernel(log, rules) == expected(log, rules), rules


def test_a_chain_of_100_000_cuts() -> None:
    times = pd.Series(np.arange(200_000) * 10**6, dtype="datetime64[us]")
    events = pd.DataFrame({"user_id": 1, "timestamp": times})
    found = cs.sessionize(events, rules=Rules("30min", max_duration="1s"))
    assert found["session_index"].tolist() == [1 + row // 2 for row in range(200_000)]
    assert set(found["start_reason"][2:]) == {"max_duration"}


def _zone(name: str, first: str, days: int = 4) -> Any:
    start = pd.Timestamp(first).value // 10**9
    return st.tuples(st.just(name), st.integers(start, start + days * 86_400))


@given(
    st.lists(
        st.one_of(
            _zone("Europe/Amsterdam", "2024-03-29"),
            _zone("Europe/Amsterdam", "2024-10-25"),
            # The clock went back from 00:01 to 23:01: one day came twice.
            _zone("America/St_Johns", "2010-11-05"),
            _zone("America/Havana", "2024-11-01"),
            # The clock went from the 29th straight to the 31st.
            _zone("Pacific/Apia", "2011-12-28"),
            _zone("Africa/Monrovia", "1972-01-05"),
            _zone("Asia/Kathmandu", "1985-12-30"),
            _zone("Europe/Berlin", "2150-03-20", 30),
            _zone("UTC", "1969-12-30"),
        ),
        min_size=1,
    ),
    st.sampled_from([1, 10**3, 10**6, 10**9]),
)
def test_local_days_are_those_of_the_calendar(moments: Any, unit: int) -> None:
    for zone in {zone for zone, _ in moments}:
        seconds = [second for name, second in moments if name == zone]
        days = local_days(np.array(seconds) * (10**9 // unit), unit, zone)
        calendar = [
            pd.Timestamp(second, unit="s", tz="UTC").astimezone(ZoneInfo(zone))
            for second in seconds
        ]
        first = pd.Timestamp("1970-01-01").toordinal()
        assert days.tolist() == [moment.toordinal() - first for moment in calendar]


def test_days_at_the_ends_of_time() -> None:
    ends = np.array([np.iinfo(np.int64).min + 1, np.iinfo(np.int64).max])
    assert local_days(ends, 10**9, "Asia/Kathmandu").tolist() == [
        (-(2**63) + 1) // 86_400,
        (2**63 - 1 + 20_700) // 86_400,
    ]


def _frame(minutes: list[float], **columns: Any) -> pd.DataFrame:
    times = pd.Timestamp("2024-05-01 10:00") + pd.to_timedelta(minutes, unit="min")
    return pd.DataFrame({"user_id": "ann", "timestamp": times, **columns})


def _reasons(frame: pd.DataFrame, **rules: Any) -> list[str | None]:
    """The reason at each event that begins a session, "" within one, None for no session."""
    found = cs.sessionize(frame, rules=Rules(**rules))
    again = found["session_id"].duplicated()
    return [
        None if pd.isna(reason) else "" if seen else reason
        for reason, seen in zip(found["start_reason"], again, strict=True)
    ]


def test_one_event_many_reasons_the_first_in_the_order_counts() -> None:
    events = _frame([0, 1, 2], event_type=["view", "logout", "login"], campaign=["a", "a", "b"])
    rules = {"max_events": 2, "max_duration": "1min", "at_max_duration": "new"}
    rules |= {"end_events": "logout", "start_events": "login", "change": "campaign"}
    assert _reasons(events, **rules) == ["first", "max_duration", "change:campaign"]
    del rules["change"]
    assert _reasons(events, **rules) == ["first", "max_duration", "event:login"]
    del rules["start_events"]
    assert _reasons(events, **rules) == ["first", "max_duration", "after_event:logout"]
    del rules["max_duration"], rules["at_max_duration"]
    assert _reasons(events, **rules) == ["first", "", "after_event:logout"]
    assert _reasons(events, timeout="30s", **rules) == ["first", "timeout", "timeout"]


def test_ties_are_cut_in_order_of_their_ids() -> None:
    events = _frame([0, 0, 0, 0], event_id=["b", "d", "a", "c"])
    found = cs.sessionize(events, rules=Rules(max_events=2))
    assert found["session_index"].tolist() == [1, 2, 1, 2]
    start = "ann:1714557600000000"
    assert found["session_id"].tolist() == [start, f"{start}.2", start, f"{start}.2"]


def test_an_excluded_event_neither_opens_nor_extends() -> None:
    events = _frame([0, 20, 40], event_type=["view", "ping", "view"])
    found = cs.sessionize(events, rules=Rules("30min", excluded_events="ping"))
    assert found["session_index"].tolist() == [1, pd.NA, 2]


def test_the_midnight_of_another_zone() -> None:
    # 00:00 in Amsterdam is 22:00 in summer, and was 23:00 the night before the change.
    times = ["2024-03-30 22:59", "2024-03-30 23:00", "2024-03-31 21:59", "2024-03-31 22:00"]
    events = pd.DataFrame({"user_id": 1, "timestamp": pd.to_datetime(times, utc=True)})
    rules = Rules("24h", midnight="Europe/Amsterdam")
    assert cs.sessionize(events, rules=rules)["session_index"].tolist() == [1, 2, 2, 3]
    assert cs.sessionize(events, rules=Rules("24h", midnight="UTC"))["session_index"].tolist() == [
        1,
        1,
        2,
        2,
    ]


@pytest.mark.parametrize(
    ("from_empty", "to_empty", "found"),
    [
        (True, False, ["first", "change:c", "", "", "change:c", ""]),
        (False, False, ["first", "", "", "", "change:c", ""]),
        (True, True, ["first", "change:c", "change:c", "change:c", "change:c", "change:c"]),
        (False, True, ["first", "", "change:c", "", "change:c", "change:c"]),
    ],
)
def test_changes_from_and_to_nothing(from_empty: bool, to_empty: bool, found: list[str]) -> None:
    events = _frame([0, 1, 2, 3, 4, 5], c=[None, "a", "", "a", "b", None])
    rules = {"change": "c", "change_from_empty": from_empty, "change_to_empty": to_empty}
    assert _reasons(events, **rules) == found


def test_a_value_counts_on_to_the_next_pause_and_no_further() -> None:
    events = _frame([0, 1, 2, 60, 61], c=["a", None, "a", None, "a"])
    assert _reasons(events, change="c") == ["first", "", "", "timeout", "change:c"]


@pytest.mark.parametrize(
    ("columns", "rules", "message"),
    [
        ({}, {"change": "campain"}, r"`rules` must be about a column of the frame .*'campain'"),
        (
            {"campaign": ["a"]},
            {"change": "campain"},
            r"got 'campain'\. Did you mean 'campaign'\?",
        ),
        ({}, {"start_events": "login"}, r"must be about a column of the frame .*'event_type'"),
        (
            {"is_start": [1]},
            {"start_column": "is_start"},
            r"`start_column` must be a column of True and False; got 'is_start \(int64\)'",
        ),
        (
            {"t": [30.0]},
            {"timeout_column": "t"},
            r"`timeout_column` must be a column of durations \(timedelta64\); got 't \(float64\)'",
        ),
        (
            {"t": pd.to_timedelta(["-1min"])},
            {"timeout_column": "t"},
            "`timeout_column` must be a column of positive durations",
        ),
    ],
)
def test_columns_that_rules_cannot_use_are_named(columns: Any, rules: Any, message: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=message):
        cs.sessionize(_frame([0], **columns), rules=Rules(**rules))


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([True, None, False], "boolean"),
        ([True, None, False], object),
        ([True, False, False], "bool"),
        ([True, None, False], "bool[pyarrow]"),
    ],
)
def test_booleans_of_every_type(values: list[Any], dtype: Any) -> None:
    events = _frame([0, 1, 2], ends=pd.Series(values, dtype=dtype))
    assert _reasons(events, end_column="ends") == ["first", "after_column:ends", ""]


@pytest.mark.parametrize("dtype", ["str", "category", object, "string[pyarrow]"])
def test_event_types_of_every_type(dtype: Any) -> None:
    events = _frame([0, 1, 2], event_type=pd.Series(["a", "login", None], dtype=dtype))
    assert _reasons(events, start_events="login") == ["first", "event:login", ""]


def test_own_timeouts_of_every_type() -> None:
    minutes = [0, 31, 36, 46]
    for own in (
        pd.to_timedelta([40, None, 5, None], unit="min"),
        pd.Series(pd.to_timedelta([40, None, 5, None], unit="min")).astype("timedelta64[s]"),
        pd.Series(pd.to_timedelta([40, None, 5, None], unit="min")).astype(object),
        pd.Series(pd.to_timedelta([40, None, 5, None], unit="min")).astype("duration[ms][pyarrow]"),
    ):
        found = cs.sessionize(_frame(minutes, own=own), rules=Rules("10min", timeout_column="own"))
        assert found["session_index"].tolist() == [1, 1, 1, 2]


def test_empty_frames() -> None:
    events = _frame([], event_type=pd.Series([], dtype="str")).astype({"user_id": "str"})
    rules = Rules(
        max_events=3, max_rate=(2, "1s"), midnight="UTC", start_events="x", end_events="y"
    )
    found = cs.sessionize(events, rules=rules)
    assert list(found)[-3:] == ["session_id", "session_index", "start_reason"]
    assert len(cs.summarize(found)) == 0


def test_again_by_a_timeout_alone_leaves_no_reason_behind() -> None:
    events = _frame([0, 1, 2])
    both = cs.sessionize(cs.sessionize(events, rules=Rules(max_events=1)))
    assert cs.summarize(both)["start_reason"].tolist() == ["first"]
    assert set(both["start_reason"]) == {"first"}
