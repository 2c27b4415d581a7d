"""How long sessions last and how long people stay away, against the oracle."""

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings

import clicksession as cs
from clicksession.metrics import SessionDuration, TimeBetweenSessions
from tests.logs import THIRTY_MINUTES, as_lists, logs
from tests.oracle import sessions_of, statistic


def expected(events: pd.DataFrame, name: str) -> tuple[float | None, float | None]:
    users, times = as_lists(events)
    sessions = sessions_of(users, times, THIRTY_MINUTES)
    durations = [(session.end - session.start) / 60e6 for session in sessions]
    ends = {(session.user, session.index): session.end for session in sessions}
    pauses = [
        (session.start - ends[session.user, session.index - 1]) / 60e6
        for session in sessions
        if session.index > 1
    ]
    return statistic(durations, name), statistic(pauses, name)


@settings(max_examples=40)
@given(logs(max_size=25))
def test_any_frame_equals_the_oracle(events: pd.DataFrame) -> None:
    sessionized = cs.sessionize(events)
    for name in ("median", "mean"):
        durations, pauses = expected(events, name)
        found = SessionDuration(statistic=name).compute(sessionized)  # type: ignore[arg-type]
        assert found == (None if durations is None else pytest.approx(durations, rel=1e-12))
        found = TimeBetweenSessions(statistic=name).compute(sessionized)  # type: ignore[arg-type]
        assert found == (None if pauses is None else pytest.approx(pauses, rel=1e-12))


def test_every_database_agrees(database: sa.Engine) -> None:
    log = cs.datasets.webshop_events(customers=60, seed=3)
    events = pd.DataFrame(
        {
            "event_id": event["id"],
            "user_id": event["event"]["customer-id"],
            "timestamp": event["event"]["timestamp"],
        }
        for event in log
    ).drop_duplicates("event_id")
    events["timestamp"] = pd.to_datetime(events["timestamp"], utc=True, format="ISO8601")
    cs.SQLWriter(database).write(events)
    for name in ("median", "mean"):
        durations, pauses = expected(events, name)
        assert durations
        assert pauses
        found = SessionDuration(statistic=name).compute(database)  # type: ignore[arg-type]
        assert found == pytest.approx(durations, rel=1e-12)
        found = TimeBetweenSessions(statistic=name).compute(database)  # type: ignore[arg-type]
        assert found == pytest.approx(pauses, rel=1e-12)


def test_a_statistic_that_is_not_known() -> None:
    with pytest.raises(cs.errors.ParameterError, match="TimeBetweenSessions: `statistic` must be"):
        TimeBetweenSessions(statistic="mode")  # type: ignore[arg-type]
