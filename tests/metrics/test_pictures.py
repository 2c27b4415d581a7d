"""`plot`: what is drawn is the answer, and a statistic draws what it is a statistic of."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import clicksession as cs
from clicksession import metrics, plots
from clicksession.errors import NothingFoundError, ParameterError, UnknownParameterError
from clicksession.metrics import (
    Attribution,
    BounceRate,
    CommonPaths,
    ConversionRate,
    Count,
    ExitPages,
    Funnel,
    LandingPages,
    MinutesBeforeOrder,
    NewAndReturning,
    Period,
    Retention,
    SessionDuration,
    SessionsPerUser,
    TimeBetweenSessions,
    TimeBetweenSteps,
    TimeToConvert,
    VisitsBeforeOrder,
)
from clicksession.metrics.base import StatisticMetric

STATISTICS = [
    kind
    for kind in map(metrics.__dict__.get, metrics.__all__)
    if isinstance(kind, type) and issubclass(kind, StatisticMetric)
]
STEPS = ("page_view", "add_product_to_cart", "placed_order")


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    log = tmp_path_factory.mktemp("shop") / "events.json"
    cs.datasets.write_webshop(log, customers=60, seed=1)
    events = cs.read_events(log, schema=cs.EventSchema.preset("webshop"))
    return cs.sessionize(events.drop_duplicates("event_id"))


def ax() -> Axes:
    return Figure(figsize=(6, 4)).subplots()


def expanded(metric: Any, engine: sa.Engine) -> np.ndarray:
    with engine.connect() as connection:
        rows = connection.execute(metric.observations()).all()
    return np.array([float(value) for value, times in rows for _ in range(times)])


@pytest.fixture(scope="module")
def target(visits: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    engine = sa.create_engine(f"duckdb:///{tmp_path_factory.mktemp('target')}/shop.duckdb")
    cs.SQLWriter(engine).write(visits[["event_id", "user_id", "timestamp", "event_type"]])
    return engine


@pytest.mark.parametrize(
    "metric",
    [
        *VisitsBeforeOrder.presets().values(),
        *MinutesBeforeOrder.presets().values(),
        SessionDuration(),
        SessionsPerUser(),
        TimeBetweenSessions(),
        TimeToConvert(),
    ],
    ids=lambda metric: type(metric).__name__,
)
def test_the_statistic_is_of_the_observations(metric: Any, target: sa.Engine) -> None:
    for statistic, expected in (("median", np.median), ("mean", np.mean)):
        changed = type(metric)(**{**_parameters(metric), "statistic": statistic})
        observed = expanded(changed, target)
        assert len(observed) > 3
        assert changed.compute(target) == pytest.approx(expected(observed))


def _parameters(metric: Any) -> dict[str, Any]:
    return {name: getattr(metric, name) for name in metric.__dataclass_fields__}


def test_observations_of_groups_add_up_to_those_of_all(target: sa.Engine) -> None:
    with target.connect() as connection:
        of_days = connection.execute(SessionDuration(by="day").observations()).all()
        of_all = connection.execute(SessionDuration().observations()).all()
    assert sum(row.times for row in of_days) == sum(row.times for row in of_all)
    assert [row.day for row in of_days] == sorted(row.day for row in of_days)


@pytest.mark.parametrize("kind", STATISTICS)
def test_a_statistic_says_what_it_has_one_value_of(kind: Any, visits: pd.DataFrame) -> None:
    said = kind().plot(visits, ax=ax()).get_ylabel()
    assert any(of in said for of in ("sessions", "users", "pauses", "orders")), said


@pytest.mark.parametrize(
    "metric", [VisitsBeforeOrder(), MinutesBeforeOrder(statistic="p90"), SessionDuration()]
)
def test_a_statistic_draws_each_observation_and_marks_itself(
    metric: Any, visits: pd.DataFrame, target: sa.Engine
) -> None:
    for data in (visits, target):
        drawn = metric.plot(data, ax=ax())
        heights = [bar.get_height() for bar in drawn.patches]
        assert sum(heights) == len(expanded(metric, target))
        assert drawn.lines[0].get_xdata()[0] == pytest.approx(metric.compute(target))
        title = drawn.get_title(loc="left").replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ")
        assert title == metric.describe()


@pytest.mark.parametrize(
    "metric",
    [
        Attribution(source="event_page"),
        BounceRate(by="week"),
        CommonPaths(length=3),
        ConversionRate(by="day"),
        ConversionRate(by=("day", "event_user_agent")),
        Count(of="users", by="event_user_agent"),
        Count(of="events", by=("week", "event_type")),
        ExitPages(page="event_page"),
        Funnel(steps=STEPS),
        Funnel(steps=STEPS, within="7d", by="event_user_agent"),
        LandingPages(page="event_page"),
        LandingPages(page="event_page", by="week"),
        NewAndReturning(),
        NewAndReturning(by="event_user_agent"),
        Retention(),
        Retention(period=Period("hour", zone="Europe/Amsterdam"), periods="rolling", up_to=30),
        SessionDuration(by="event_user_agent"),
        SessionDuration(by=Period("hour", zone="Asia/Kolkata")),
        TimeBetweenSteps(steps=STEPS),
        VisitsBeforeOrder(by="month"),
    ],
    ids=lambda metric: type(metric).__name__,
)
def test_every_metric_has_a_picture_under_its_sentence(metric: Any, visits: pd.DataFrame) -> None:
    given = ax()
    assert metric.plot(visits, ax=given) is given
    said = given.get_title(loc="left").replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert said == metric.describe()
    assert given.lines or given.patches or given.collections


def test_lengths_are_those_of_the_answer(visits: pd.DataFrame) -> None:
    metric = Count(of="events", by="event_type")
    answer = metric.compute(visits).set_index("event_type")["events"]
    drawn = metric.plot(visits, ax=ax())
    lengths = dict(
        zip(
            (label.get_text() for label in drawn.get_yticklabels()),
            (bar.get_width() for bar in drawn.patches),
            strict=True,
        )
    )
    assert lengths == answer.to_dict()
    (line,) = Count(by="day").plot(visits, ax=ax()).lines
    assert list(line.get_ydata()) == Count(by="day").compute(visits)["sessions"].tolist()


@pytest.mark.parametrize("metric", [ConversionRate(), Count(), BounceRate()])
def test_one_number_is_no_picture(metric: Any, visits: pd.DataFrame) -> None:
    with pytest.raises(ParameterError, match=r"plot: `by` must be .*\(by='day'\)\.plot"):
        metric.plot(visits)


def test_a_grid_shows_one_group(visits: pd.DataFrame) -> None:
    with pytest.raises(ParameterError, match=r"Retention\.plot: `by` must be left out"):
        Retention(by="event_user_agent").plot(visits)


def test_titles_are_in_the_words_that_are_given(visits: pd.DataFrame) -> None:
    drawn = ConversionRate(by="day").plot(visits, vocabulary={"order": "search"}, ax=ax())
    assert "a 'search' event" in drawn.get_title(loc="left")


def test_nothing_found_is_no_picture(visits: pd.DataFrame) -> None:
    with pytest.raises(NothingFoundError, match="purchase"):
        plots.before_order(visits, VisitsBeforeOrder(order_events="purchase"), ax=ax())


@pytest.mark.parametrize("metric", [SessionDuration(), VisitsBeforeOrder(by="day"), 7])
def test_before_order_takes_metrics_of_orders_alone(metric: Any, visits: pd.DataFrame) -> None:
    with pytest.raises(ParameterError, match="before_order: `metric` must be a VisitsBeforeOrder"):
        plots.before_order(visits, metric)


def test_hours_are_those_of_the_zone(visits: pd.DataFrame) -> None:
    starts = cs.summarize(visits)["started_at"].dt.tz_convert("Asia/Kolkata")
    expected = np.zeros((7, 24))
    np.add.at(expected, (starts.dt.day_of_week, starts.dt.hour), 1)
    grid = plots.hours(visits, zone="Asia/Kolkata", ax=ax()).collections[0].get_array()
    np.testing.assert_array_equal(grid, expected)


def test_an_empty_frame_is_an_empty_picture(visits: pd.DataFrame) -> None:
    drawn = plots.hours(visits.iloc[:0], ax=ax())
    assert [text.get_text() for text in drawn.texts] == ["no sessions"]
    drawn = SessionDuration().plot(visits.iloc[:0], ax=ax())
    assert [text.get_text() for text in drawn.texts] == ["nothing to count"]


def _extent(drawn: Axes) -> list[Any]:
    """Return what is drawn: bars, points and cells."""
    return [
        *(bar.get_bbox().extents.tolist() for bar in drawn.patches),
        *(line.get_xydata().tolist() for line in drawn.lines),
        *(each.get_array().tolist() for each in drawn.collections if each.get_array() is not None),
    ]


@pytest.mark.parametrize(
    "draw",
    [
        SessionDuration().plot,
        Count(by="day").plot,
        VisitsBeforeOrder().plot,
        plots.before_order,
        plots.hours,
    ],
)
def test_a_picture_takes_the_columns_that_compute_takes(draw: Any, visits: pd.DataFrame) -> None:
    events = visits[["event_id", "user_id", "timestamp", "event_type"]]
    called = events.rename(columns={"user_id": "customer", "timestamp": "moment"})
    # What has the usual name gives way to what is named.
    called = called.assign(part=called["customer"] % 2, timestamp=called["moment"].min())
    named = {"user": ("customer", "part"), "time": "moment"}
    drawn = _extent(draw(called, ax=ax(), **named))
    assert drawn
    assert drawn == _extent(draw(events, ax=ax()))
    with pytest.raises(ParameterError, match=r"`user` must be a column of the frame.*customer"):
        draw(called, ax=ax(), user="costumer", time="moment")
    with pytest.raises(UnknownParameterError, match=r"Did you mean .user"):
        draw(called, ax=ax(), usr="customer")
