"""Frames of every library, sessionized or raw, give the same answers."""

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given, settings

import clicksession as cs
from clicksession import metrics as m
from tests.metrics.check import check_number, check_rows
from tests.metrics.found import NOTHING, answered
from tests.metrics.logs import shop_logs
from tests.metrics.oracle import before_order, by_key, visits_of
from tests.metrics.oracles import rows

MAKE: dict[str, Any] = {
    "pandas": lambda frame: frame,
    "polars": lambda frame: pl.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
    "arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
}


@pytest.mark.parametrize("make", MAKE)
@settings(max_examples=15)
@given(shop_logs())
def test_any_frame_sessionized_or_raw(make: str, events: pd.DataFrame) -> None:
    visits, paths = m.VisitsBeforeOrder(statistic="mean"), m.CommonPaths(length=2, of="page")
    users = visits_of(events)
    for frame in (events, cs.sessionize(events)):
        made = MAKE[make](frame)
        expected = by_key(before_order(visits, users), "mean")
        found = answered(visits, users, lambda made=made: visits.compute(made))  # type: ignore[misc]
        if found is not NOTHING:
            check_number(visits, found, expected)
        check_rows(paths, paths.compute(made), rows(paths, users))


def log(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"user_id": 1, **columns})


def test_rules_cut_a_raw_frame() -> None:
    times = pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:20", "2024-05-01 10:45"])
    events = log(timestamp=times)
    count = m.SessionsPerUser()
    assert count.compute(events) == 1.0
    assert count.compute(events, rules=cs.Rules("20min")) == 2.0
    assert count.compute(events, rules=cs.Rules("20min", at_timeout="new")) == 3.0
    with pytest.raises(cs.errors.ParameterError, match="`rules` must be left out"):
        count.compute(cs.sessionize(events), rules=cs.Rules("20min"))
    with pytest.raises(cs.errors.ParameterError, match="`rules` must be left out"):
        count.compute("sqlite://", rules=cs.Rules("20min"))


def test_ties_break_by_the_content_where_there_are_no_ids() -> None:
    moment = pd.to_datetime(["2024-05-01 10:00"] * 3)
    events = log(timestamp=moment, event_type=["b", "a", "c"])
    in_order = cs.quality.with_event_ids(events).sort_values("event_id")["event_type"]
    for frame in (events, events[::-1], pa.table(events), cs.sessionize(events)):
        way = m.CommonPaths(length=3).compute(frame)
        assert way.loc[0, ["step_1", "step_2", "step_3"]].tolist() == in_order.tolist()


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_times_are_instants_whatever_zone_they_are_shown_in(zone: str | None) -> None:
    times = pd.to_datetime(["2024-05-01 23:30", "2024-05-02 03:30"], utc=True)
    times = times.tz_convert(zone) if zone else times.tz_localize(None)
    days = m.SessionsPerUser(by=m.Period("day")).compute(log(timestamp=times))
    assert [day.isoformat() for day in days["day"]] == ["2024-05-01", "2024-05-02"]


def test_a_frame_without_what_a_metric_asks_for() -> None:
    times = pd.to_datetime(["2024-05-01 23:30"])
    with pytest.raises(cs.errors.ParameterError, match="'colour', which `by` asks for; got 'onl"):
        m.SessionsPerUser(by="colour").compute(log(timestamp=times))
    with pytest.raises(cs.errors.ParameterError, match="'paid', which `order_column` asks"):
        m.VisitsBeforeOrder(order_column="paid").compute(log(timestamp=times))
    with pytest.raises(cs.errors.ParameterError, match="whose 'timestamp' holds times"):
        m.SessionsPerUser().compute(log(timestamp=["2024-05-01 23:30"]))


def test_why_sessions_began() -> None:
    times = pd.to_datetime(["2024-05-01 10:00", "2024-05-01 12:00", "2024-05-01 12:05"], utc=True)
    events = log(timestamp=times, campaign=["a", "a", "b"])
    counts = m.EventsPerSession(statistic="mean", by="start_reason")
    assert counts.compute(events)["start_reason"].tolist() == ["first", "timeout"]
    assert m.SessionDuration(where=sa.column("start_reason") == "first").compute(events) == 0.0
    rules = cs.Rules("3h", change="campaign")
    for found in (
        counts.compute(events, rules=rules),
        counts.compute(cs.sessionize(events, rules=rules)),
    ):
        assert found["start_reason"].tolist() == ["change:campaign", "first"]
