"""A metric that finds nothing says so: the same over frames and in every database."""

import pickle
import warnings
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession import metrics as m
from clicksession.errors import NotFoundWarning, NothingFoundError, ParameterError
from clicksession.sql import Tables

VIEW, ORDER, CART = "page_view", "placed_order", "cart"


def log(*kinds: Any) -> pd.DataFrame:
    """Two events of each type, each a session of its own."""
    twice = [kind for kind in kinds for _ in range(2)]
    times = pd.to_datetime("2024-05-01", utc=True) + pd.to_timedelta(range(len(twice)), unit="D")
    return pd.DataFrame(
        {
            "event_id": range(len(twice)),
            "user_id": "ann",
            "timestamp": times,
            "event_type": pd.Series(twice, dtype="str"),
        }
    )


def many(kinds: dict[str, int]) -> pd.DataFrame:
    """So many events of each type, in one session."""
    every = [kind for kind, count in kinds.items() for _ in range(count)]
    times = pd.to_datetime("2024-05-01", utc=True) + pd.to_timedelta(range(len(every)), unit="s")
    return pd.DataFrame(
        {"event_id": range(len(every)), "user_id": 7, "timestamp": times, "event_type": every}
    )


SHOP = log("product_viewed", "checkout")
BOUNCES: dict[str, Any] = {
    "heartbeat_events": (),
    "conversion_events": (),
    "autocapture_events": (),
}
# A metric, a log, and what must come: the parameter of an error, or words of each warning.
CASES: dict[str, tuple[m.Metric, pd.DataFrame, str | list[str]]] = {
    "1 conversion": (m.ConversionRate(), log("page", "Order Completed"), "events"),
    "1 visits": (m.VisitsBeforeOrder(), log("page", "Order Completed"), "order_events"),
    "minutes": (m.MinutesBeforeOrder(), log(VIEW), "order_events"),
    "never buyers kept": (m.VisitsBeforeOrder.preset("V9"), log(VIEW), "order_events"),
    "events before order": (m.VisitsBeforeOrder.preset("V3"), log(VIEW), "order_events"),
    "2 snowplow": (m.BounceRate(definition="snowplow"), SHOP, "view_events"),
    "2 posthog": (m.BounceRate(definition="posthog"), SHOP, "view_events"),
    "2 ga4": (m.EngagementRate(), SHOP, "view_events"),
    "users convert": (m.ConversionRate(per="user", events="buy"), log(VIEW), "events"),
    "time to convert": (m.TimeToConvert(events=("buy", "pay")), log(VIEW), "events"),
    "attribution": (m.Attribution(source="event_type"), log(VIEW), "events"),
    "by a column": (m.ConversionRate(by="event_type"), log(VIEW), "events"),
    "what is not kept": (
        m.ConversionRate(where=sa.column("user_id") == "bob"),
        log(VIEW),
        "events",
    ),
    "funnel of nothing": (m.Funnel(steps=("kart", "pay")), log(VIEW), "steps"),
    "case of letters": (m.ConversionRate(events="Page_View"), log(VIEW), "events"),
    "space behind": (m.ConversionRate(events="page_view "), log(VIEW), "events"),
    "no types": (m.ConversionRate(), log(None, None), "events"),
    "no types in paths": (m.CommonPaths(), log(None, None), "of"),
    "4 a step": (
        m.Funnel(steps=(VIEW, "kart")),
        log(VIEW, CART),
        ["`steps`.*'kart'.*mean 'cart'?"],
    ),
    "first step": (m.Funnel(steps=("vue", VIEW)), log(VIEW, CART), ["'vue'"]),
    "one of two": (m.ConversionRate(events=("buy", CART)), log(VIEW, CART), ["`events`.*'buy'"]),
    "two of three": (
        m.VisitsBeforeOrder(order_events=("a", "b", CART)),
        log(CART),
        ["`order_events`.*'a'", "`order_events`.*'b'"],
    ),
    "what counts less": (
        m.BounceRate(definition="snowplow"),
        log(VIEW),
        [
            "heartbeat_events.*'page_ping'.*heartbeat_events=\\(\\)",
            "conversion_events.*'placed_order'",
        ],
    ),
    "said to be none": (m.BounceRate(definition="snowplow", **BOUNCES), log(VIEW), []),
    "one name of a role": (m.EngagementRate(**BOUNCES), log("$pageview"), []),
    "all there": (m.Funnel(steps=(VIEW, CART)), log(VIEW, CART), []),
    "a role with a name": (m.ConversionRate(events=(m.Role("order"), CART)), log(ORDER, CART), []),
    "nothing looked for": (m.SessionsPerUser(), log(None), []),
    "an order by a column": (m.VisitsBeforeOrder(order_column="paid"), log(VIEW), []),
    "kept out by where": (
        m.ConversionRate(where=sa.column("user_id") == "bob"),
        log(ORDER),
        [],
    ),
}


def outcome(metric: m.Metric, data: Any, **options: Any) -> str | list[str]:
    """Return the parameter that found nothing, or what was warned of."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            metric.compute(data, **options)
        except NothingFoundError as error:
            return error.parameter if error.who == type(metric).__name__ else error.who
    assert all(one.filename == __file__ for one in heard), "it points to who asked"
    return [str(one.message) for one in heard if one.category is NotFoundWarning]


def check(case: str, data: Any, **options: Any) -> None:
    metric, _, expected = CASES[case]
    found = outcome(metric, data, **options)
    if isinstance(expected, str):
        assert found == expected
        return
    assert isinstance(found, list)
    assert len(found) == len(expected), found
    for sentence, words in zip(sorted(found), sorted(expected), strict=True):
        assert pd.Series([sentence]).str.contains(words, regex=True).all(), (sentence, words)


@pytest.mark.parametrize("case", CASES)
def test_over_a_frame(case: str) -> None:
    events = CASES[case][1].assign(paid=True)
    check(case, events)
    check(case, cs.sessionize(events))


def test_in_every_database(database: sa.Engine) -> None:
    for number, (case, (_, events, _)) in enumerate(CASES.items()):
        for conversions in ((), ("buy", ORDER, CART)):
            tables = Tables(prefix=f"t{number}{len(conversions)}_", counted_events=conversions)
            cs.SQLWriter(database, tables=tables).write(events.assign(paid=True))
            check(case, database, tables=tables)


def test_what_the_error_says() -> None:
    kinds = {"Order Completed": 2, "page": 1_203} | {f"type {n:02}": 1 for n in range(12)}
    with pytest.raises(NothingFoundError) as caught:
        m.VisitsBeforeOrder().compute(many(kinds))
    assert str(caught.value) == (
        "VisitsBeforeOrder: `order_events` looks for 'placed_order' events, and no event in a "
        "session is one. Those that occur: 'page' (1,203), 'Order Completed' (2), 'type 00' (1), "
        "'type 01' (1), 'type 02' (1), 'type 03' (1), 'type 04' (1), 'type 05' (1), 'type 06' (1), "
        "'type 07' (1) and 4 more. Did you mean 'Order Completed'? Name them in `order_events`, or "
        "have the vocabulary of the schema say what plays the role 'order' in this log."
    )
    error = caught.value
    assert isinstance(error, cs.errors.ClicksessionError)
    assert isinstance(error, LookupError)
    assert (error.looked_for, error.occurring[0]) == (("placed_order",), ("page", 1203))
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_events_of_no_session_do_not_occur(database: sa.Engine) -> None:
    events = log(VIEW, ORDER).astype({"user_id": "str"})
    events.loc[events["event_type"] == ORDER, "user_id"] = None
    cs.SQLWriter(database).write(events)
    for data in (database, events, cs.sessionize(events)):
        says = r"'page_view' \(2\)\. There are 2 in no session\. Name"
        with pytest.raises(NothingFoundError, match=says):
            m.ConversionRate().compute(data)


def test_of_no_events_nothing_is_said(database: sa.Engine) -> None:
    nobody = log(ORDER).assign(user_id=pd.Series([None, None], dtype="str"))
    cs.SQLWriter(database).write(nobody)
    for data in (database, cs.sessionize(nobody), log(ORDER)[:0]):
        assert m.VisitsBeforeOrder().compute(data) is None
        assert m.ConversionRate().compute(data) is None
        assert m.CommonPaths().compute(data).empty
        assert m.Funnel(steps=("a", "b")).compute(data)["reached"].tolist() == [0, 0]


METRICS: list[m.Metric] = [
    *(m.BounceRate(), m.ConversionRate(), m.VisitsBeforeOrder(), m.Funnel(steps=VIEW)),
    *(m.CommonPaths(), m.TimeToConvert(), m.Attribution(source="user_id")),
    *(m.SessionsPerUser(by="event_type"), m.SessionDuration(where=sa.column("event_type") == VIEW)),
]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: type(metric).__name__)
def test_a_frame_without_types(metric: m.Metric) -> None:
    events = log(VIEW).drop(columns="event_type")
    for frame in (events, cs.sessionize(events)):
        with pytest.raises(ParameterError, match=r"column 'event_type', which `.*; got 'only"):
            metric.compute(frame)
    assert m.SessionsPerUser().compute(events) == 2
    assert m.VisitsBeforeOrder(order_column="paid").compute(events.assign(paid=True)) == 0.0


def test_a_table_without_types(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(log(VIEW).drop(columns="event_type"))
    for metric in METRICS[:7]:
        with pytest.raises(NothingFoundError, match=r"Those that occur: no type \(2\)"):
            metric.compute(database)


def test_types_that_are_whole_numbers(database: sa.Engine) -> None:
    events = log("x").assign(event_type=[1, 3])
    cs.SQLWriter(database).write(events)
    for data in (database, events, cs.sessionize(events)):
        for three in (3, (3,), "3", events["event_type"].iloc[1]):
            assert m.VisitsBeforeOrder(order_events=three).compute(data) == 1.0
        assert m.Funnel(steps=(1, 3), within="9d").compute(data)["reached"].tolist() == [1, 1]
        assert m.ConversionRate().compute(data, vocabulary={"order": 3}) == 0.5
    with pytest.raises(ParameterError, match="whole number may be given as one, or as its text"):
        m.VisitsBeforeOrder(order_events=3.0)  # type: ignore[arg-type]
    for wrong in (True, None, (), ("",), b"x", [[]]):
        with pytest.raises(ParameterError, match="ConversionRate: `events` must be event types"):
            m.ConversionRate(events=wrong)  # type: ignore[arg-type]


def test_a_role_in_a_condition_is_refused() -> None:
    role, kind = m.Role("order"), sa.column("event_type")
    for asked in (kind == role, kind.in_([role, VIEW])):
        with pytest.raises(ParameterError, match="`where` must be without roles"):
            m.Count(where=asked)
        with pytest.raises(ParameterError, match="`steps` must be without roles"):
            m.Funnel(steps=(VIEW, asked))


def test_several_definitions_side_by_side() -> None:
    both = [m.ConversionRate(events=CART), m.ConversionRate(events=(CART, "buy"))]
    with pytest.warns(NotFoundWarning, match="'buy'"):
        table = m.compare(both, log(VIEW, CART))
    assert table["value"].tolist() == [0.5, 0.5]
    with pytest.raises(NothingFoundError):
        m.compare([m.ConversionRate()], log(VIEW))


@pytest.mark.parametrize("kind", [m.VisitsBeforeOrder, m.MinutesBeforeOrder])
def test_presets_take_changes(kind: Any) -> None:
    for name, preset in kind.presets().items():
        changed = kind.preset(name, order_events="purchase", statistic="mean")
        assert changed.order_events == ("purchase",)
        assert changed.describe() == (
            preset.describe().replace("The median", "The mean").replace("placed_order", "purchase")
        )
    with pytest.raises(cs.errors.UnknownNameError, match="Did you mean 'order_events'"):
        kind.preset("V5", order_event="purchase")
    with pytest.raises(cs.errors.UnknownNameError, match="Known: V1"):
        kind.preset("V10")
    with pytest.raises(cs.errors.ParameterError, match="`reset` must be"):
        kind.preset("V5", reset="often")
