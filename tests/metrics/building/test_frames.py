"""Frames of every library, sessionized or raw, give the same answers."""

import warnings
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession import metrics as m
from tests.metrics.check import check_number, check_rows, rows_of
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


ASKED: list[m.Metric] = [
    *(m.Count(of=of) for of in ("sessions", "users", "events")),
    *(m.Count(by="day"), m.Count(of="events", by="day"), m.Count(by="start_reason")),
    *(m.LandingPages(page="page"), m.ExitPages(page="page"), m.CommonPaths(length=2, of="page")),
    *(m.SessionDuration(by="page"), m.EventsPerSession(statistic="mean"), m.Retention()),
    m.Funnel(steps=("page_view", sa.column("paid").is_(True))),
    m.VisitsBeforeOrder(statistic="mean", by="referrer"),
    m.Attribution(source="referrer"),
]


@settings(max_examples=10)
@given(shop_logs(), st.data())
def test_users_that_share_an_id_have_sessions_of_their_own(
    events: pd.DataFrame, data: st.DataObject
) -> None:
    one = st.sampled_from([9, 10, None])
    ids = data.draw(st.lists(one, min_size=len(events), max_size=len(events)))
    shared = events.assign(session_id=pd.Series(ids, dtype="Int64", index=events.index))
    lacks = events[["user_id", "timestamp"]].isna().any(axis=1) | shared["session_id"].isna()
    # In the order of the ids that are given: of sessions that began at one moment, 9 before 10.
    own = events["user_id"] + ":" + shared["session_id"].astype("str").str.zfill(2)
    by_user = events.assign(session_id=own.mask(lacks))
    summary = cs.summarize(shared)
    assert m.Count().compute(shared) == len(summary)
    assert m.Count(of="events").compute(shared) == summary["event_count"].sum()
    reasons = summary["start_reason"].value_counts().sort_index()
    by_reason = m.Count(by="start_reason").compute(shared)
    assert dict(by_reason.itertuples(index=False)) == reasons.to_dict()
    # Some of them of each log: all of all take a minute.
    for metric in data.draw(st.permutations(ASKED))[:6]:
        found, expected = (_outcome(metric, frame) for frame in (shared, by_user))
        assert found == expected, metric


def _outcome(metric: m.Metric, frame: pd.DataFrame) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cs.errors.NotFoundWarning)
        try:
            found = metric.compute(frame)
        except cs.errors.NothingFoundError as error:
            return str(error)
    return rows_of(found) if isinstance(found, pd.DataFrame) else found


def test_ids_that_users_share_are_not_asked_for() -> None:
    events = log(timestamp=pd.to_datetime(["2024-05-01"] * 2), session_id="1")
    asked = sa.column("session_id") == "1"
    metrics = m.Count(by="session_id"), m.Count(where=asked), m.Funnel(steps=(asked, asked))
    shared = events.assign(user_id=[1, 2])
    for metric in metrics:
        with pytest.raises(cs.errors.ParameterError, match="session_id is of one user only"):
            metric.compute(shared)
        metric.compute(events)


def test_an_event_without_a_user_or_a_time_is_in_no_session() -> None:
    times = pd.to_datetime(["2024-05-01 10:00", None, "2024-05-01 10:01"], utc=True)
    for more in ({}, {"session_index": 1}):
        events = log(timestamp=times, session_id=["a", "b", "c"], **more)
        events["user_id"] = ["ann", "ann", None]
        assert m.Count().compute(events) == len(cs.summarize(events)) == 1
        assert m.Count(by="day").compute(events)["sessions"].tolist() == [1]
        assert m.Retention().compute(events)["period"].tolist() == [0]


def test_a_part_of_a_log_says_the_same_of_its_sessions() -> None:
    times = pd.to_datetime(["2024-05-01 10:00", "2024-05-01 12:00", "2024-05-01 14:00"], utc=True)
    part = cs.sessionize(log(timestamp=times))[1:]
    assert cs.summarize(part)["start_reason"].tolist() == ["timeout"] * 2
    found = m.Count(by="start_reason").compute(part)
    assert found.to_dict("list") == {"start_reason": ["timeout"], "sessions": [2]}


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
        way = pa.table(m.CommonPaths(length=3).compute(frame)).to_pylist()[0]
        assert [way["step_1"], way["step_2"], way["step_3"]] == in_order.tolist()


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_times_are_instants_whatever_zone_they_are_shown_in(zone: str | None) -> None:
    times = pd.to_datetime(["2024-05-01 23:30", "2024-05-02 03:30"], utc=True)
    times = times.tz_convert(zone) if zone else times.tz_localize(None)
    days = m.SessionsPerUser(by=m.Period("day")).compute(log(timestamp=times))
    assert list(days["day"]) == [pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-02")]


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


@pytest.mark.parametrize("ids", [["e1", "e2", "e3"], ["e1", "e1", "e1"], ["e1", None, "e3"]])
@pytest.mark.parametrize("kind", [None, "category"])
def test_texts_and_categories_of_every_library(ids: list[str | None], kind: str | None) -> None:
    texts = {"event_type": ["x", "y", "x"], "page": ["/a", "/b", "/b"], "event_id": ids}
    frame = pd.DataFrame({"user_id": ["ann", "ann", "bob"], **texts}, dtype=kind or "str")
    frame["timestamp"] = pd.Timestamp("2024-05-01T10:00Z")
    # What Arrow can do with texts of Polars, and with categories, is not what it can with others.
    made = [make(frame) for make in MAKE.values()]
    made.append(pa.table(pl.from_pandas(frame)))
    for metric in (m.LandingPages(page="page"), m.Count(by="page"), m.Funnel(steps=("x", "y"))):
        found = [rows_of(metric.compute(cs.sessionize(one))) for one in made]
        found += [rows_of(metric.compute(one)) for one in made]
        assert found == [found[0]] * len(found)
