"""What an answer is: periods that are times, and a frame of the library that was given."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession import metrics as m
from clicksession.metrics import Period

# Clocks in Brazil went from 23:59:59 on 3 November 2018 to 1:00 on the 4th, which has no midnight.
BRAZIL = ZoneInfo("America/Sao_Paulo")
TIMES = [
    datetime(2018, 11, 1, 12),
    datetime(2018, 11, 4, 2, 59),
    datetime(2018, 11, 4, 3, 1),
    datetime(2018, 11, 5, 1, 59),
    datetime(2018, 11, 30, 23),
]
EVENTS = pd.DataFrame(
    {
        "event_id": range(len(TIMES)),
        "user_id": [f"u{n}" for n in range(len(TIMES))],
        "timestamp": pd.to_datetime(TIMES, utc=True).as_unit("us"),
        "event_type": "page_view",
        "page": ["/", None, "/", "/a", None],
    }
)


def start_of(unit: str, day: date) -> date:
    """Return the first day of a period, by the calendar of Python."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def test_a_period_is_the_midnight_of_its_first_day(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(EVENTS)
    for unit in ("day", "week", "month"):
        for data in (database, EVENTS):
            _check_midnights(unit, data)


def _check_midnights(unit: Any, data: Any) -> None:
    local = [time.replace(tzinfo=UTC).astimezone(BRAZIL).date() for time in TIMES]
    expected = sorted({start_of(unit, day) for day in local})
    period = Period(unit, zone="America/Sao_Paulo")
    found = m.Count(by=period).compute(data)
    assert found[unit].dtype == "datetime64[us]"
    assert found[unit].dt.date.tolist() == expected
    assert (found[unit] == found[unit].dt.normalize()).all()
    fresh = m.NewAndReturning(period=period).compute(data)
    assert fresh["period"].dt.date.tolist() == expected
    retained = m.Retention(period=period).compute(data)
    assert retained["cohort"].dtype == "datetime64[us]"
    assert sorted(set(retained["cohort"].dt.date)) == expected


def test_an_hour_is_a_time_in_its_zone(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(EVENTS)
    for data in (database, EVENTS):
        found = m.Count(by=Period("hour", zone="America/Sao_Paulo")).compute(data)
        assert found["hour"].dtype == "datetime64[us, America/Sao_Paulo]"
        assert found["hour"].dt.tz_convert("UTC").dt.hour.tolist() == [12, 2, 3, 1, 23]


def test_where_nothing_is_found_periods_are_times_too(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(EVENTS)
    found = m.Count(by="day", since="2030-01-01").compute(database)
    assert found["day"].dtype == "datetime64[us]"
    assert found["day"].dt.year.tolist() == []


METRICS = [
    m.Count(by="day"),
    m.Count(by=["week", "page"]),
    m.SessionDuration(by="hour"),
    m.Retention(period="month"),
    m.NewAndReturning(),
    m.Funnel(steps=["page_view"], by="page"),
    m.LandingPages(page="page"),
    m.CommonPaths(length=2),
]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: type(metric).__name__)
def test_a_frame_out_is_one_of_the_library_of_the_frame_in(metric: Any) -> None:
    expected = metric.compute(EVENTS)
    arrow = pa.Table.from_pandas(EVENTS)
    for given, kind in ((pl.from_pandas(EVENTS), pl.DataFrame), (arrow, pa.Table)):
        found = metric.compute(given)
        assert type(found) is kind
        again = found if kind is pa.Table else found.to_arrow()
        wanted = pa.Table.from_pandas(expected, preserve_index=False)
        assert again.column_names == wanted.column_names
        assert again.to_pylist() == wanted.to_pylist()
        for name in metric.period_columns:
            assert pa.types.is_timestamp(again.schema.field(name).type)


def test_a_comparison_too() -> None:
    both = {"first": m.Count(), "second": m.EventsPerUser(statistic="mean")}
    arrow = pa.Table.from_pandas(EVENTS)
    expected = m.compare(both, EVENTS).to_dict("records")
    assert m.compare(both, pl.from_pandas(EVENTS)).to_dicts() == expected
    assert m.compare(both, arrow).to_pylist() == expected


def test_a_number_is_one_whatever_the_frame() -> None:
    for data in (EVENTS, pl.from_pandas(EVENTS), pa.Table.from_pandas(EVENTS)):
        assert m.Count().compute(data) == 5.0


def test_other_frames_give_pandas() -> None:
    import duckdb

    relation = duckdb.connect().from_arrow(pa.Table.from_pandas(EVENTS))
    assert isinstance(m.Count(by="day").compute(relation), pd.DataFrame)


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_columns_of_other_names(kind: str) -> None:
    """What they are called makes no difference: nor does another column of the usual name."""
    named = EVENTS.rename(columns={"user_id": "visitor", "timestamp": "at"})
    named = named.assign(user_id="nobody", timestamp=pd.Timestamp("1999-01-01"))
    make: dict[str, Any] = {"polars": pl.from_pandas, "arrow": pa.Table.from_pandas}
    given = make.get(kind, pd.DataFrame)(named)
    for metric in (m.Count(of="users"), m.Count(), m.TimeBetweenSessions()):
        assert metric.compute(given, user="visitor", time="at") == metric.compute(EVENTS)
    by_user = m.Count(by="visitor").compute(given, user="visitor", time="at")
    assert len(by_user) == 5
    found = m.compare([m.Count(of="users")], given, user="visitor", time="at")
    assert next(iter(found["value"])) in (5.0, pa.scalar(5.0))
    with pytest.raises(cs.errors.ParameterError, match=r"`user` must be a column .*'visitor'\?"):
        m.Count().compute(given, user="visitr", time="at")


def test_what_period_means_says_so() -> None:
    for call in (lambda: Period("days"), lambda: m.Retention(period="days")):  # type: ignore[arg-type]
        with pytest.raises(cs.errors.ParameterError, match=r"Did you mean 'day'\?"):
            call()
    with pytest.raises(cs.errors.ParameterError, match=r"Did you mean 'day'\?"):
        m.Count(by="days").compute(EVENTS)
    with pytest.raises(cs.errors.ParameterError, match=r"Did you mean 'sessions'\?"):
        m.Count(of="session")  # type: ignore[arg-type]
