"""Every choice of the order metrics: published numbers, a number for each choice, the oracle."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.metrics import MinutesBeforeOrder, Period, VisitsBeforeOrder
from clicksession.sql import Tables
from tests.metrics.check import check_number
from tests.metrics.found import NOTHING, answered
from tests.metrics.logs import shop_logs, windows
from tests.metrics.oracle import before_order, by_key, visits_of

DATA = Path(__file__).parents[1] / "data"

# field.md, section D; V3 counts in days of wall clock, V1 in seconds. None: not published.
PUBLISHED: dict[str, tuple[float | None, float | None]] = {
    "V1": (0.5, 360.0),
    "V2": (1.0, 15.0),
    "V3": (4.0, 2887.0),
    "V4": (2.0, 11.0),
    "V5": (None, None),
    "V6": (3.0, 22.0),
    "V7": (3.0, 12.0),
    "V8": (1.5, 12.0),
    "V9": (1.0, 11.0),
}


def events_of(name: str) -> pd.DataFrame:
    events = pd.read_csv(DATA / f"{name}.csv")
    return events.assign(timestamp=pd.to_datetime(events["timestamp"], utc=True))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_preset_gives_the_published_numbers(name: str, database: sa.Engine) -> None:
    visits, minutes = PUBLISHED[name]
    events = events_of("order_definitions")
    cs.SQLWriter(database).write(events)
    for data in (events, cs.sessionize(events), database):
        if visits is not None:
            assert VisitsBeforeOrder.preset(name).compute(data) == visits
        if minutes is not None:
            assert MinutesBeforeOrder.preset(name).compute(data) == minutes


def test_what_the_page_says_other_readings_would_give() -> None:
    """Why V3 counts no orders, and what the numbers say of V9's buckets and durations."""
    events = events_of("order_definitions")
    visits, minutes = VisitsBeforeOrder.preset("V9"), MinutesBeforeOrder.preset("V9")
    closes = replace(visits, reset="after_order", current="included")
    assert closes.compute(events) == 2.0
    assert replace(minutes, per="order_session", orders="all").compute(events) == 10.0
    all_events = events.groupby("user_id").size()
    assert (all_events.median(), all_events[[1, 2, 4]].median()) == (5.0, 6.0)
    # Each order opens a bucket in the midst of its session, which counts on both sides.
    orders = (events["event_type"] == "placed_order").groupby(events["user_id"]).cumsum()
    parted = cs.sessionize(events).groupby(["user_id", orders])["session_id"].nunique()
    assert parted.median() == 1.5


def test_the_third_counts_what_follows_the_order_in_its_session() -> None:
    events = events_of("order_definitions")
    one = events[events["user_id"] == 1]
    assert VisitsBeforeOrder.preset("V3").compute(one) == 10.0
    assert MinutesBeforeOrder.preset("V3").compute(one) == 4 * 24 * 60 + 8


def test_a_preset_that_nobody_published() -> None:
    with pytest.raises(cs.errors.UnknownNameError, match="preset of VisitsBeforeOrder called 'V0'"):
        VisitsBeforeOrder.preset("V0")
    assert set(VisitsBeforeOrder.presets()) == set(PUBLISHED) == set(MinutesBeforeOrder.presets())


AXES: dict[str, list[Any]] = {
    "order_column": [None, "paid"],
    "order_events": [("placed_order",), ("placed_order", "search")],
    "per": ["order_session", "order_event", "user"],
    "orders": ["all", "first", "last"],
    "current": ["excluded", "included", "cut", "begun"],
    "reset": ["after_order", "at_order", "never"],
    "earlier_order_sessions": ["keep", "drop"],
    "one_event_sessions": ["keep", "drop"],
    "zeros": ["keep", "drop"],
    "never_buyers": ["drop", "keep"],
    "after_last_order": ["drop", "keep"],
    "statistic": ["median", "mean", "p90"],
}
OF_VISITS = {"count": ["sessions", "events"], "fault": [None, "minus_one", "one_for_none"]}
OF_MINUTES = {
    "aggregate": ["sum", "mean", "wall_clock", "pooled"],
    "unit": ["minutes", "seconds", "hours", "days"],
}


@st.composite
def definitions(draw: st.DrawFn, kind: Any, events: pd.DataFrame) -> Any:
    """Any definition that is not refused."""
    axes = {**AXES, **(OF_VISITS if kind is VisitsBeforeOrder else OF_MINUTES)}
    by = draw(st.sampled_from([(), (), "referrer", (Period("week"), "page")]))
    window = draw(windows(events))
    for _ in range(10):
        chosen = {
            # The usual choice half of the time, lest most combinations be refused.
            axis: draw(st.one_of(st.just(values[0]), st.sampled_from(values)))
            for axis, values in axes.items()
        }
        try:
            return kind(**chosen, **window, by=by)
        except cs.errors.ParameterError:
            continue
    return kind(**window, by=by)


def defined(events: pd.DataFrame) -> st.SearchStrategy[Any]:
    """Any definition of either metric, in a window of this log."""
    kinds = st.sampled_from([VisitsBeforeOrder, MinutesBeforeOrder])
    return kinds.flatmap(lambda kind: definitions(kind, events))


COUNTED: list[tuple[str, ...]] = [(), ("placed_order",), ("search", "placed_order"), ("nothing",)]


def check(data: Any, events: pd.DataFrame, metric: Any, tables: Tables | None = None) -> None:
    users = visits_of(events)
    found = answered(metric, users, lambda: metric.compute(data, tables=tables))
    if found is not NOTHING:
        check_number(metric, found, by_key(before_order(metric, users), metric.statistic))


@settings(max_examples=30)
@given(data=st.data(), events=shop_logs(max_size=40))
def test_any_definition_over_a_frame_equals_the_oracle(
    data: st.DataObject, events: pd.DataFrame
) -> None:
    for _ in range(3):
        check(cs.sessionize(events), events, data.draw(defined(events)))


@settings(max_examples=15)
@given(data=st.data(), events=shop_logs(max_size=40))
def test_any_definition_in_sqlite_equals_the_oracle(
    data: st.DataObject, events: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> None:
    in_database(f"sqlite:///{tmp_path_factory.mktemp('metric') / 'a.db'}", events, data)


@settings(max_examples=8)
@given(data=st.data(), events=shop_logs(max_size=40))
def test_any_definition_in_postgresql_equals_the_oracle(
    data: st.DataObject, events: pd.DataFrame, postgresql_server: str
) -> None:
    in_database(postgresql_server, events, data)


@settings(max_examples=5)
@given(data=st.data(), events=shop_logs(max_size=40))
def test_some_definitions_in_mariadb_equal_the_oracle(
    data: st.DataObject, events: pd.DataFrame, mariadb_server: str
) -> None:
    in_database(sa.make_url(mariadb_server).set(database="test"), events, data)


def in_database(url: str | sa.URL, events: pd.DataFrame, data: st.DataObject) -> None:
    assume(len(events) > 0)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    tables = Tables(prefix="orders_")
    with engine.begin() as connection:
        for table in (tables.events, tables.sessions, tables.counted):
            connection.execute(sa.schema.DropTable(table, if_exists=True))
    counting = replace(tables, counted_events=data.draw(st.sampled_from(COUNTED)))
    cs.SQLWriter(engine, tables=counting).write(events)
    for _ in range(8):
        metric = data.draw(defined(events))
        check(engine, events, metric, data.draw(st.sampled_from([tables, counting])))


# Every axis: the choices beside the usual ones that it needs to matter, and its values.
EVERY_AXIS: list[tuple[Any, str, dict[str, Any], list[Any]]] = [
    *(
        (kind, axis, {}, AXES[axis])
        for kind in (VisitsBeforeOrder, MinutesBeforeOrder)
        for axis in (
            *("order_column", "per", "orders", "reset", "zeros", "never_buyers"),
            *("after_last_order", "statistic"),
        )
    ),
    (VisitsBeforeOrder, "earlier_order_sessions", {"reset": "never"}, ["keep", "drop"]),
    (MinutesBeforeOrder, "earlier_order_sessions", {"reset": "never"}, ["keep", "drop"]),
    (VisitsBeforeOrder, "current", {}, ["excluded", "included", "cut"]),
    (MinutesBeforeOrder, "current", {}, AXES["current"]),
    (VisitsBeforeOrder, "one_event_sessions", {}, ["keep", "drop"]),
    (MinutesBeforeOrder, "one_event_sessions", {"aggregate": "pooled"}, ["keep", "drop"]),
    (MinutesBeforeOrder, "aggregate", {}, OF_MINUTES["aggregate"]),
    (MinutesBeforeOrder, "unit", {}, OF_MINUTES["unit"]),
    (VisitsBeforeOrder, "count", {}, OF_VISITS["count"]),
    (VisitsBeforeOrder, "fault", {"per": "order_event"}, [None, "minus_one"]),
    (
        *(VisitsBeforeOrder, "fault", {"per": "order_event", "current": "included"}),
        [None, "one_for_none"],
    ),
]


@pytest.mark.parametrize(
    ("kind", "axis", "beside", "values"), EVERY_AXIS, ids=lambda value: str(value)[-30:]
)
def test_every_value_of_an_axis_gives_a_number_of_its_own(
    kind: Any, axis: str, beside: dict[str, Any], values: list[Any]
) -> None:
    events = events_of("order_axes")
    events["paid"] = events["paid"].astype("boolean")
    found = []
    for value in values:
        metric = kind(**{"statistic": "mean", **beside, axis: value})
        expected = by_key(before_order(metric, visits_of(events)), metric.statistic)
        found.append(metric.compute(cs.sessionize(events)))
        check_number(metric, found[-1], expected)
    assert None not in found
    assert len(set(found)) == len(values), dict(zip(values, found, strict=True))


def test_every_choice_is_an_axis_of_these_tests() -> None:
    for kind in (VisitsBeforeOrder, MinutesBeforeOrder):
        tried = {axis for other, axis, _, _ in EVERY_AXIS if other is kind}
        of_all = {"by", "where", "since", "until", "order_events"}
        assert tried == set(get_type_hints(kind)) - of_all
        refused = {"begun"} if kind is VisitsBeforeOrder else set()
        for axis in tried:
            rows = [entry[3] for entry in EVERY_AXIS if entry[:2] == (kind, axis)]
            hint = str(get_type_hints(kind)[axis])
            allowed = set(re.findall(r"'(\w+)'", hint)) - refused if "Literal" in hint else set()
            assert allowed <= {value for values in rows for value in values}, axis


SENSELESS = {
    "excluded": {"reset": "at_order", "current": "included"},
    "`earlier_order_sessions` must be 'keep' unless": {"earlier_order_sessions": "drop"},
    "`reset` must be": {"per": "user", "reset": "never"},
    "`after_last_order` must be 'drop' unless": {"after_last_order": "keep", "orders": "first"},
    "`order_events` must be left out": {"order_column": "paid", "order_events": ("bought",)},
    "`order_column` must be": {"order_column": ""},
    "`per` must be": {"per": "basket"},
    "`statistic` must be": {"statistic": "p100"},
}


@pytest.mark.parametrize("message", SENSELESS)
@pytest.mark.parametrize("kind", [VisitsBeforeOrder, MinutesBeforeOrder])
def test_choices_that_make_no_sense(kind: Any, message: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=message) as caught:
        kind(**SENSELESS[message])
    assert str(caught.value).startswith(f"{kind.__name__}: ")


@pytest.mark.parametrize("kind", [VisitsBeforeOrder, MinutesBeforeOrder])
def test_orders_by_a_column_whatever_a_log_calls_them(kind: Any, database: sa.Engine) -> None:
    events = events_of("order_definitions")
    flagged = events.assign(is_order=events["event_type"] == "placed_order")
    flagged["event_type"] = flagged["event_type"].replace("placed_order", "bought")
    expected = kind().compute(events)
    metric, words = kind(order_column="is_order"), {"order": "bought"}
    cs.run(flagged, database, schema=cs.EventSchema(vocabulary={"order": "bought"}))
    assert metric.compute(database) == expected
    assert metric.compute(flagged, vocabulary=words) == expected
    said = metric.in_words_of(database)
    assert cs.to_sql(said, "duckdb") == cs.to_sql(metric, "duckdb")
    assert said.describe() == metric.describe()


def flags() -> pd.DataFrame:
    """Two sessions of two users each; what is boolean, and what only looks so."""
    moments = pd.to_datetime(["2024-05-01 10:00", "2024-05-02 10:00"] * 2, utc=True)
    return pd.DataFrame(
        {
            "event_id": range(4),
            "user_id": [1, 1, 2, 2],
            "timestamp": moments,
            "event_type": "view",
            "paid": pd.array([False, True, None, True], dtype="boolean"),
            "said": ["no", "yes", "no", "yes"],
            "number": [0, 1, 0, 1],
            "amount": [0, 1, 0, 7],
            "price": [0.0, 1.0, 0.0, 1.0],
        }
    )


@pytest.mark.parametrize("kind", [VisitsBeforeOrder, MinutesBeforeOrder])
def test_an_order_column_must_be_boolean(kind: Any, database: sa.Engine) -> None:
    cs.SQLWriter(database).write(flags())
    # They keep booleans as 0 and 1.
    are_numbers = database.dialect.name in ("sqlite", "mysql", "mariadb")
    for data in (flags(), cs.sessionize(flags()), database):
        expected = kind(order_column="paid").compute(data)
        assert expected == (1.0 if kind is VisitsBeforeOrder else 0.0)
        for name in ("said", "amount", "price", "number", "user_id", "event_type", "timestamp"):
            metric = kind(order_column=name)
            if name == "number" and are_numbers and data is database:
                assert metric.compute(data) == expected
                continue
            with pytest.raises(cs.errors.ParameterError) as caught:
                metric.compute(data)
            who = f"{kind.__name__}: `order_column` must be the name of a boolean column"
            assert str(caught.value).startswith(who), name


def test_an_order_column_without_any_value() -> None:
    events = flags().assign(paid=pd.Series([None] * 4, dtype=object))
    assert VisitsBeforeOrder(order_column="paid").compute(events) is None


def test_choices_that_make_no_sense_for_one_of_them() -> None:
    with pytest.raises(cs.errors.ParameterError, match="no 'pooled' where each order"):
        MinutesBeforeOrder(aggregate="pooled", reset="never")
    with pytest.raises(cs.errors.ParameterError, match="'keep' for a sum"):
        MinutesBeforeOrder(one_event_sessions="drop")
    with pytest.raises(cs.errors.ParameterError, match="`fault` must be None but with"):
        VisitsBeforeOrder(fault="minus_one")
    with pytest.raises(cs.errors.ParameterError, match="`current` must be"):
        VisitsBeforeOrder(current="begun")  # type: ignore[arg-type]


def test_a_sentence_says_every_choice() -> None:
    for kind in (VisitsBeforeOrder, MinutesBeforeOrder):
        for axis, beside, values in [e[1:] for e in EVERY_AXIS if e[0] is kind]:
            sentences = {kind(**{**beside, axis: value}).describe() for value in values}
            assert len(sentences) == len(values), (axis, sentences)


def test_compare_shows_every_definition_on_the_same_data(database: sa.Engine) -> None:
    events = events_of("order_definitions")
    cs.SQLWriter(database).write(events)
    presets = VisitsBeforeOrder.presets()
    table = cs.metrics.compare(presets, database)
    assert list(table.columns) == ["name", "metric", "value", "definition"]
    assert list(table["name"]) == list(presets)
    assert list(table["value"]) == [preset.compute(database) for preset in presets.values()]
    assert list(table["definition"]) == [preset.describe() for preset in presets.values()]
    pd.testing.assert_frame_equal(table, cs.metrics.compare(presets, events))
    both = cs.metrics.compare([VisitsBeforeOrder(), MinutesBeforeOrder()], events)
    assert list(both["name"]) == [VisitsBeforeOrder().column, MinutesBeforeOrder().column]
    with pytest.raises(cs.errors.ParameterError, match="compare: `definitions` must be"):
        cs.metrics.compare([VisitsBeforeOrder(by="page")], events)
