"""Every choice of the order metrics: published numbers, a number for each choice, the oracle."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.metrics import MinutesBeforeOrder, Period, VisitsBeforeOrder
from clicksession.sql import Tables
from tests.metrics.check import check_number
from tests.metrics.logs import shop_logs
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


def test_a_preset_that_nobody_published() -> None:
    with pytest.raises(cs.errors.UnknownNameError, match="preset of VisitsBeforeOrder called 'V0'"):
        VisitsBeforeOrder.preset("V0")
    assert set(VisitsBeforeOrder.presets()) == set(PUBLISHED) == set(MinutesBeforeOrder.presets())


AXES: dict[str, list[Any]] = {
    "order_column": [None, "paid"],
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
def definitions(draw: st.DrawFn, kind: Any) -> Any:
    """Any definition that is not refused."""
    axes = {**AXES, **(OF_VISITS if kind is VisitsBeforeOrder else OF_MINUTES)}
    chosen = {
        # The usual choice half of the time, lest most combinations be refused.
        axis: draw(st.one_of(st.just(values[0]), st.sampled_from(values)))
        for axis, values in axes.items()
    }
    by = draw(st.sampled_from([(), (), "referrer", (Period("week"), "page")]))
    try:
        return kind(**chosen, by=by)
    except cs.errors.ParameterError:
        assume(False)


KINDS = st.sampled_from([VisitsBeforeOrder, MinutesBeforeOrder])


def check(data: Any, events: pd.DataFrame, metric: Any, tables: Tables | None = None) -> None:
    expected = by_key(before_order(metric, visits_of(events)), metric.statistic)
    check_number(metric, metric.compute(data, tables=tables), expected)


@settings(max_examples=60)
@given(data=st.data(), events=shop_logs(max_size=40))
def test_any_definition_over_a_frame_equals_the_oracle(
    data: st.DataObject, events: pd.DataFrame
) -> None:
    for _ in range(3):
        check(cs.sessionize(events), events, data.draw(KINDS.flatmap(definitions)))


@settings(max_examples=8)
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


@settings(max_examples=3)
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
        for table in (tables.events, tables.sessions):
            connection.execute(sa.schema.DropTable(table, if_exists=True))
    cs.SQLWriter(engine, tables=tables).write(events)
    for _ in range(8):
        check(engine, events, data.draw(KINDS.flatmap(definitions)), tables)
