"""Calls as one would write them: they run, and mypy, which checks this file, has nothing to say.

What it must refuse has a comment that ignores the error; without the error, the comment is one.
"""

from datetime import timedelta
from typing import Any, assert_type

import pandas as pd
import polars as pl
import pyarrow as pa
import sqlalchemy as sa

import clicksession as cs
from clicksession import metrics as m

EVENTS = pd.DataFrame(
    {
        "user_id": ["ann", "ann", "bob"],
        "timestamp": pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:05", "2024-05-02 09:00"]),
        "event_type": ["page_view", "placed_order", "page_view"],
        "country": ["NL", "NL", None],
    }
)


def test_lists_and_texts() -> None:
    m.EventsPerSession(events=["page_view", "search"], by=["country", "day"]).describe()
    m.Count(of="events", events=("page_view", 3, m.Role("order")), by=m.Period("week"))
    m.Funnel(steps=["page_view", ["cart", "buy"], sa.column("event_type") == "pay"], within="7d")
    m.Funnel(steps=("page_view", "placed_order"), within=timedelta(days=7), by="country")
    m.Retention(first_events=["sign_up"], return_events="login", period="week")
    m.NewAndReturning(period=m.Period("month", zone="Europe/Amsterdam"))
    m.EngagementRate(view_events=["page_view"], conversion_events=())
    m.VisitsBeforeOrder.preset("V5", order_events=["purchase"], by=["country"])
    m.Role("order", called=["buy", "pay"])
    cs.Rules("1h", change=["utm_source", "utm_campaign"], start_events="login")
    cs.EventSchema(user_id=["userId", "anonymousId"], drop=["context"], exclude={"hit": ["1"]})
    cs.sql.Tables(counted_events=["placed_order"], first=["country"], last={"exit": "page"})
    assert cs.Rules.presets()["ga4"] == cs.Rules.preset("ga4")


def test_a_number_is_a_float_and_a_table_a_frame() -> None:
    visits = m.VisitsBeforeOrder()
    assert_type(visits.compute(EVENTS), float | None)
    by_day = m.Count(by="day").compute(EVENTS)
    assert_type(by_day, pd.DataFrame)
    assert by_day["day"].dt.day_name().tolist() == ["Wednesday", "Thursday"]
    both = m.Count(by=["day", "country"])
    assert_type(both.compute(EVENTS), pd.DataFrame)
    assert_type(m.Count(by=m.Period("week")).compute(EVENTS), pd.DataFrame)
    assert_type(m.Funnel(steps=["page_view"]).compute(EVENTS), pd.DataFrame)


def test_a_frame_is_of_the_library_that_was_given() -> None:
    polars, arrow = pl.from_pandas(EVENTS), pa.Table.from_pandas(EVENTS)
    by_day = m.Count(by="day").compute(polars)
    assert_type(by_day, pl.DataFrame)
    assert by_day["day"].dt.weekday().to_list() == [3, 4]
    assert_type(m.Funnel(steps=["page_view"]).compute(polars), pl.DataFrame)
    assert_type(m.VisitsBeforeOrder().compute(polars), float | None)
    assert isinstance(m.Count(by="day").compute(arrow), pa.Table)
    assert_type(m.compare([m.VisitsBeforeOrder()], polars), pl.DataFrame)
    assert_type(m.compare({"as it stands": m.VisitsBeforeOrder()}, EVENTS), pd.DataFrame)


def test_a_target_gives_pandas() -> None:
    engine = sa.create_engine("duckdb:///:memory:")
    cs.run(EVENTS, engine)
    assert_type(m.Count().compute(engine), float | None)
    assert_type(m.Count(by="day").compute(engine), pd.DataFrame)
    assert_type(m.compare([m.Count()], engine), pd.DataFrame)
    with engine.connect() as connection:
        assert_type(m.Count(by="day").compute(connection), pd.DataFrame)


def test_users_of_several_columns() -> None:
    visits = cs.sessionize(EVENTS, user=["country", "user_id"])
    assert_type(visits, pd.DataFrame)
    assert_type(cs.summarize(visits, user=("country", "user_id")), pd.DataFrame)
    assert m.Count().compute(visits, user=["country", "user_id"]) == 1


def test_a_metric_of_any_kind_can_be_named() -> None:
    def answered(metric: m.Metric) -> Any:
        return metric.compute(EVENTS)

    assert answered(m.Count()) == 2
    assert len(answered(m.Count(by="day"))) == 2


def what_is_no_call() -> None:
    """What mypy refuses, each for its own reason."""
    cs.sessionize(EVENTS, time_out="1h")  # type: ignore[call-arg]
    m.Count(of="orders")  # type: ignore[arg-type]
    m.Count(event="buy")  # type: ignore[call-arg]
    m.Count(by=3)  # type: ignore[type-var]
    m.BounceRate(views="page_view")  # type: ignore[call-arg]
    _ = m.VisitsBeforeOrder().compute(EVENTS).columns  # type: ignore[union-attr]
