"""Cases at the very boundary of a definition, which random logs seldom hit."""

from typing import Any

import pandas as pd
import pytest

from clicksession import metrics as m

START = pd.Timestamp("2024-05-01 10:00", tz="UTC")


def session(*events: tuple[float, str], ids: Any = None) -> pd.DataFrame:
    """One session: seconds since its start, and types."""
    return pd.DataFrame(
        {
            "event_id": ids or range(len(events)),
            "user_id": 7,
            "timestamp": [START + pd.Timedelta(seconds=seconds) for seconds, _ in events],
            "event_type": [kind for _, kind in events],
        }
    )


@pytest.mark.parametrize(
    ("definition", "seconds", "engaged"),
    [
        ("ga4", 10.0, 0.0),
        ("ga4", 10.000001, 1.0),
        ("posthog", 9.999999, 0.0),
        ("posthog", 10.0, 1.0),
        ("snowplow", 1000.0, 0.0),
    ],
)
def test_ten_seconds(definition: Any, seconds: float, engaged: float) -> None:
    events = session((0, "page_view"), (seconds, "search"))
    alone: Any = {"conversion_events": (), "heartbeat_events": (), "autocapture_events": ()}
    assert m.EngagementRate(definition=definition, **alone).compute(events) == engaged
    assert m.BounceRate(definition=definition, **alone).compute(events) == 1 - engaged


def test_a_funnel_goes_on_with_another_event_and_within_its_time() -> None:
    events = session((0, "page_view"), (60, "placed_order"))

    def reached(*steps: str, within: str = "session") -> list[int]:
        return m.Funnel(steps=steps, within=within).compute(events)["reached"].tolist()

    assert reached("page_view", "page_view") == [1, 0]
    assert reached("placed_order", "page_view") == [1, 0]
    assert reached("page_view", "placed_order", within="60s") == [1, 1]
    assert reached("page_view", "placed_order", within="59.999999s") == [1, 0]


def test_time_comes_before_the_id() -> None:
    events = session((0, "b"), (60, "a"), ids=[2, 1])
    assert m.SessionsPerUser(by="event_type").compute(events)["event_type"].tolist() == ["b"]
    assert m.LandingPages(page="event_type").compute(events)["page"].tolist() == ["b"]
    assert m.ExitPages(page="event_type").compute(events)["page"].tolist() == ["a"]
    assert m.CommonPaths(length=2).compute(events).loc[0, "step_1"] == "b"
    assert m.TimeBetweenEvents(unit="seconds").compute(events) == 60.0
    assert m.Funnel(steps=("b", "a")).compute(events)["reached"].tolist() == [1, 1]


def test_cut_at_an_order_that_begins_the_session() -> None:
    events = session((0, "placed_order"), (600, "page_view"))
    for current, visits in (("excluded", 0.0), ("included", 1.0), ("cut", 0.0)):
        metric = m.VisitsBeforeOrder(current=current)  # type: ignore[arg-type]
        assert metric.compute(events) == visits
    for choice, minutes in (("excluded", 0.0), ("included", 10.0), ("cut", 0.0), ("begun", 0.0)):
        lasted = m.MinutesBeforeOrder(current=choice)  # type: ignore[arg-type]
        assert lasted.compute(events) == minutes
