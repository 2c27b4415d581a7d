"""What sentences say of what users name, and of what is counted."""

import pytest

from clicksession import metrics as m


def test_event_types_stand_as_they_are() -> None:
    said = m.VisitsBeforeOrder(per="order_event", order_events=("purchase_event",)).describe()
    assert said.startswith("The median, over all 'purchase_event' events, of the number")
    said = m.VisitsBeforeOrder(order_events=("a", "b"), never_buyers="keep").describe()
    assert "all sessions with an 'a' or 'b' event and over the users without an 'a' or" in said
    said = m.MinutesBeforeOrder(order_column="paid", per="order_event").describe()
    assert "over all events whose 'paid' is true, of the summed minutes" in said


@pytest.mark.parametrize(
    ("event_type", "article"),
    [("order", "an"), ("$autocapture", "an"), ("click", "a"), ("user_login", "a"), ("Up", "an")],
)
def test_articles(event_type: str, article: str) -> None:
    said = m.ConversionRate(events=(event_type,)).describe()
    assert said == f"The share of sessions that have {article} {event_type!r} event."


def test_a_further_order_in_a_session_is_spoken_of() -> None:
    again = "A further order in one session has nothing before it."
    assert m.VisitsBeforeOrder(per="order_event").describe().endswith(again)
    assert m.MinutesBeforeOrder(per="order_event", current="cut").describe().endswith(again)
    for other in ({"reset": "never"}, {"reset": "at_order"}, {"orders": "first"}):
        assert again not in m.VisitsBeforeOrder(per="order_event", **other).describe()
    assert again not in m.VisitsBeforeOrder.preset("V1").describe()


def test_engaged_and_bounced_are_opposites() -> None:
    views = {"view_events": ("page_view",), "definition": "posthog"}
    assert m.EngagementRate(**views).describe() == (
        "The share of sessions with a 'page_view' event that last at least 10 seconds, have an "
        "'$autocapture' event, or have at least two 'page_view' events."
    )
    assert m.BounceRate(**views).describe() == (
        "The share of sessions with a 'page_view' event that neither last at least 10 seconds, "
        "have an '$autocapture' event, nor have at least two 'page_view' events."
    )


def test_one_of_something_is_in_the_singular() -> None:
    assert m.Funnel(steps=("order",)).describe() == "The number of sessions with an 'order' event."
    assert m.CommonPaths(top=1).describe().startswith("The most common sequence of the first")
    assert "on the same day in UTC" in m.Retention(period=m.Period("day")).describe()
    assert "in the same week in UTC" in m.Retention(period=m.Period("week")).describe()
