"""`summarize`: one row per session, equal to the oracle."""

import pandas as pd
import pytest
from hypothesis import given

import clicksession as cs
from tests.logs import THIRTY_MINUTES, as_lists, logs, microseconds
from tests.oracle import sessions_of


@given(logs())
def test_any_log_equals_the_oracle(events: pd.DataFrame) -> None:
    found = cs.summarize(cs.sessionize(events))
    users, times = as_lists(events)
    expected = sorted(
        sessions_of(users, times, THIRTY_MINUTES), key=lambda session: (session.start, session.id)
    )
    assert found["session_id"].tolist() == [session.id for session in expected]
    assert found["user_id"].tolist() == [session.user for session in expected]
    assert found["event_count"].tolist() == [session.count for session in expected]
    assert found["session_index"].tolist() == [session.index for session in expected]
    assert [microseconds(time) for time in found["started_at"]] == [s.start for s in expected]
    assert [microseconds(time) for time in found["ended_at"]] == [s.end for s in expected]
    assert found["duration_seconds"].tolist() == [(s.end - s.start) / 1e6 for s in expected]
    assert found["start_reason"].tolist() == [
        "first" if session.index == 1 else "timeout" for session in expected
    ]


def test_columns_and_types() -> None:
    times = pd.Series(pd.to_datetime(["2024-05-01 10:00"])).dt.tz_localize("Europe/Amsterdam")
    events = pd.DataFrame({"who": [7], "at": times.astype("datetime64[ms, Europe/Amsterdam]")})
    found = cs.summarize(cs.sessionize(events, user="who", time="at"), user="who", time="at")
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        "session_id": "str",
        "who": "int64",
        "session_index": "Int64",
        "started_at": "datetime64[ms, Europe/Amsterdam]",
        "ended_at": "datetime64[ms, Europe/Amsterdam]",
        "duration_seconds": "float64",
        "event_count": "int64",
        "start_reason": "str",
    }


def test_no_sessions() -> None:
    events = pd.DataFrame({"user_id": [None], "timestamp": pd.to_datetime(["2024-05-01"])})
    assert len(cs.summarize(cs.sessionize(events))) == 0


def test_a_frame_that_was_not_sessionized_is_refused() -> None:
    events = pd.DataFrame({"user_id": ["ann"], "timestamp": pd.to_datetime(["2024-05-01"])})
    with pytest.raises(cs.errors.ParameterError, match="no column 'session_id'"):
        cs.summarize(events)
