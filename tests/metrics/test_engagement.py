"""How long sessions last and how long people stay away, against the oracle."""

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

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


@settings(max_examples=25)
@given_any(logs(max_size=25))
def test_any_frame_equals_the_oracle(events: pd.DataFrame) -> None:
    sessionized = cs.sessionize(events)
    for name in ("median", "mean"):
        durations, pauses = expected(events, name)
        found = SessionDuration(statistic=name).compute(sessionized)  # type: ignore[arg-type]
        assert found == (None if durations is None else pytest.approx(durations, rel=1e-12))
        found = TimeBetweenSessions(statistic=name).compute(sessionized)  # type: ignore[arg-type]
        assert found == (None if pauses is None else pytest.approx(pauses, rel=1e-12))


GIVEN = cs.Rules(None, session_column="visit")
Visits = list[tuple[str, int, int]]


def given(visits: Visits) -> pd.DataFrame:
    """Visits of users, each from one minute to another."""
    start = pd.Timestamp("2024-05-01 10:00", tz="UTC")
    rows = [
        (user, start + pd.Timedelta(minutes=minute), f"v{number}")
        for number, (user, first, last) in enumerate(visits)
        for minute in (first, last)
    ]
    events = pd.DataFrame(rows, columns=["user_id", "timestamp", "visit"])
    return events.assign(event_id=range(len(events)))


def away(visits: Visits) -> list[int]:
    """Return how long nobody was there before each visit, minute by minute."""
    found = []
    for user, first, _ in visits:
        before = [visit for visit in visits if visit[0] == user and visit[1] < first]
        busy = {minute for visit in before for minute in range(visit[1], visit[2] + 1)}
        if busy and max(busy) <= first:
            found.append(first - max(busy))
    return found


VISITS = st.lists(
    st.builds(
        lambda user, first, minutes: (user, first, first + minutes),
        *(st.sampled_from(["ann", "bob"]), st.integers(0, 40), st.integers(0, 15)),
    ),
    min_size=1,
    max_size=8,
    # Of two that begin at once, their ids would say which is the earlier one.
    unique_by=lambda visit: visit[:2],
)


@settings(max_examples=25)
@given_any(visits=VISITS)
def test_time_away_from_sessions_that_interleave(visits: Visits) -> None:
    events, wanted = given(visits), statistic(away(visits), "mean")
    metric = TimeBetweenSessions(statistic="mean")
    for found in (
        metric.compute(events, rules=GIVEN),
        metric.compute(cs.sessionize(events, rules=GIVEN)),
    ):
        assert found == (None if wanted is None else pytest.approx(wanted, rel=1e-12))


def test_tabs_that_stay_open_in_every_database(database: sa.Engine) -> None:
    visits = [("ann", 0, 100), ("ann", 10, 20), ("ann", 60, 130), ("ann", 140, 140)]
    visits += [("bob", 5, 9), ("bob", 9, 12)]
    cs.SQLWriter(database, rules=GIVEN).write(given(visits))
    # Ann was away from 130 to 140 alone; bob came back in the minute in which he left.
    for data, rules in ((database, None), (given(visits), GIVEN)):
        assert TimeBetweenSessions(statistic="mean").compute(data, rules=rules) == 5.0
        by_user = TimeBetweenSessions(by="user_id").compute(data, rules=rules)
        assert by_user["median_minutes_between_sessions"].tolist() == [10.0, 0.0]


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
