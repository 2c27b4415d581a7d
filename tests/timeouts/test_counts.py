"""What is counted: as loops and the metrics count it, in frames and in targets alike."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa
from pandas.testing import assert_frame_equal

import clicksession as cs
from clicksession import EventSchema, SQLWriter, TimeoutSuggestion, suggest_timeout
from clicksession.errors import ParameterError
from clicksession.sql import Tables
from tests.timeouts import oracle
from tests.timeouts.made import boundary_log

USERS = {"text": lambda number: f"Ann {number % 30} é", "whole": lambda number: number % 30 - 5}


def suggested(data: Any, **options: Any) -> Any:
    """Return the suggestion, from few samples: what is counted does not hang on them."""
    return suggest_timeout(data, **{"resamples": 50, **options})


def same(left: TimeoutSuggestion, right: TimeoutSuggestion) -> None:
    """Compare two suggestions in all that they say."""
    for name in ("gaps", "components", "sensitivity"):
        assert_frame_equal(getattr(left, name), getattr(right, name))
    for name in ("timeout", "low", "high", "verdict", "users", "gap_count", "under_a_second"):
        assert getattr(left, name) == getattr(right, name), name


@pytest.fixture(params=USERS)
def events(request: pytest.FixtureRequest) -> pd.DataFrame:
    log = boundary_log(1, USERS[request.param])
    kind = "str" if request.param == "text" else "Int64"
    return log.assign(user_id=log["user_id"].astype(kind))


@pytest.mark.parametrize("seed", range(4))
def test_gaps_are_those_of_a_loop(seed: int) -> None:
    log = boundary_log(seed, USERS["text"])
    found = suggested(log)
    users, gaps = oracle.gaps_of(log)
    assert (found.users, found.gap_count) == (users, len(gaps))
    assert found.under_a_second == sum(gap < 1_000_000 for gap in gaps)
    bins = found.gaps[found.gaps["gaps"] > 0]
    edges = zip(bins["from_seconds"], bins["to_seconds"], strict=True)
    assert dict(zip(edges, bins["gaps"], strict=True)) == oracle.histogram(gaps)


@pytest.mark.parametrize("seed", range(2))
def test_sensitivity_is_that_of_sessionize_and_the_metrics(seed: int) -> None:
    log = boundary_log(seed, USERS["whole"])
    timeouts = ("1min", "5min", "20min", "30min", "1h", "4h", timedelta(days=40))
    found = suggested(log, timeouts=timeouts).sensitivity
    assert found["timeout"].dtype.kind == "m"
    for row in found.itertuples():
        expected = oracle.sensitivity(log, row.timeout.to_pytimedelta())
        got = (row.sessions, row.conversion_rate, row.median_visits_before_order)
        assert got == pytest.approx(expected)


def test_rates_are_null_where_no_order_occurs() -> None:
    log = boundary_log(3, USERS["text"], orders=False)
    for frame in (log, log.drop(columns="event_type")):
        found = suggested(frame)
        rates = found.sensitivity[["conversion_rate", "median_visits_before_order"]]
        assert rates.isna().all(axis=None)
        assert "conversion" not in found.verdict


def test_orders_are_what_the_caller_says() -> None:
    log = boundary_log(3, USERS["text"], orders=False)
    renamed = log.assign(event_type=log["event_type"].replace("search", "placed_order"))
    same(suggested(log, events="search"), suggested(renamed))


def test_order_and_library_of_a_frame_do_not_matter(events: pd.DataFrame) -> None:
    found = suggested(events)
    shuffled = events.sample(frac=1, random_state=5)
    same(found, suggested(shuffled))
    same(found, suggested(pl.from_pandas(events)))
    same(found, suggested(pa.Table.from_pandas(events)))
    naive = events.assign(timestamp=events["timestamp"].dt.tz_localize(None))
    same(found, suggested(naive))
    abroad = events.assign(timestamp=events["timestamp"].dt.tz_convert("America/New_York"))
    same(found, suggested(abroad.rename(columns={"user_id": "who"}), user="who"))


def test_input_is_not_changed(events: pd.DataFrame) -> None:
    before = events.copy()
    suggested(events, by="platform")
    assert_frame_equal(events, before)


def test_a_target_says_what_the_frame_says(database: sa.Engine, events: pd.DataFrame) -> None:
    SQLWriter(database).write(events)
    same(suggested(events), suggested(database))
    parts, stored = (suggested(data, by="platform") for data in (events, database))
    assert list(parts) == list(stored) == ["app", "web", None]
    for key in parts:
        same(parts[key], stored[key])


def test_parts_are_logs_of_their_own(events: pd.DataFrame) -> None:
    found = suggested(events, by="platform")
    for key in ("app", "web"):
        same(found[key], suggested(events[events["platform"] == key]))
    same(found[None], suggested(events[events["platform"].isna()]))
    assert found.table["platform"].tolist()[:2] == ["app", "web"]
    assert found.table["platform"].isna().tolist() == [False, False, True]
    assert found.table["gap_count"].tolist() == [one.gap_count for one in found.values()]


def test_a_target_knows_what_its_log_calls_an_order(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    log = boundary_log(2, USERS["text"])
    renamed = log.assign(event_type=log["event_type"].replace("placed_order", "Order Completed"))
    schema = EventSchema(vocabulary={"order": "Order Completed"})
    cs.run(renamed, url, schema=schema)
    same(suggested(log), suggested(url))


def test_tables_may_have_other_names(tmp_path: Any) -> None:
    engine = sa.create_engine(f"duckdb:///{tmp_path / 'shop.duckdb'}")
    log, tables = boundary_log(2, USERS["text"]), Tables(prefix="web_")
    SQLWriter(engine, tables=tables).write(log)
    same(suggested(log), suggested(engine, tables=tables))
    with pytest.raises(ParameterError, match="with the table 'events'"):
        suggested(engine)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"user": "usr_id"}, "Did you mean 'user_id'"),
        ({"time": "nope"}, "`time` must be a column"),
        ({"by": "nope"}, "`by` must be a column"),
        ({"by": "event_id"}, "at most 200 values"),
        ({"user": ["user_id", "platform"]}, "`user` must be the name of one column"),
        ({"events": ()}, "`events` must be event types"),
        ({"tables": Tables()}, "left out for a frame"),
        ({"timeouts": "30min"}, "`timeouts` must be a list"),
        ({"timeouts": [30]}, "with its unit"),
        ({"resamples": 3}, "at least 50"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        suggested(boundary_log(1, USERS["text"]), **changes)


@pytest.mark.parametrize("kind", ["interval", "period"])
def test_a_column_of_no_plain_values_is_refused(kind: str) -> None:
    log = boundary_log(1, USERS["text"])
    when = log["timestamp"].dt.tz_localize(None)
    parts = pd.cut(np.arange(len(log)), 3) if kind == "interval" else when.dt.to_period("M")
    with pytest.raises(ParameterError, match=r"`by` must be a column of texts.*astype\(str\)"):
        suggested(log.assign(part=parts), by="part")


def test_what_is_no_number_is_no_value_in_every_library() -> None:
    log = boundary_log(1, USERS["text"])
    part = pl.Series([float("nan"), 1.5, None, 0.5] * len(log))[: len(log)]
    found = suggested(pl.from_pandas(log).with_columns(part=part), by="part")
    in_pandas = suggested(log.assign(part=part.to_numpy()), by="part")
    assert list(found) == list(in_pandas) == [0.5, 1.5, None]
    for key in found:
        same(found[key], in_pandas[key])


def test_lazy_frames_are_told_the_way() -> None:
    with pytest.raises(ParameterError, match="Engine, a Connection or its URL"):
        suggested(pl.LazyFrame({"user_id": [1], "timestamp": [None]}))
    with pytest.raises(ParameterError, match="Engine, a Connection or its URL"):
        suggested([1, 2])


def test_nothing_is_too_few() -> None:
    empty = boundary_log(1, USERS["text"]).iloc[:0]
    found = suggested(empty)
    assert (found.users, found.gap_count, found.timeout) == (0, 0, None)
    assert found.verdict.startswith("Too few gaps to tell")
    assert found.sensitivity["sessions"].tolist() == [0] * 10
    assert np.isnan(found.sensitivity["conversion_rate"]).all()
    assert len(found.gaps) == len(found.components) == 0
    assert len(suggested(empty, by="platform")) == 0
    nobody = boundary_log(1, USERS["text"]).assign(user_id=pd.Series(dtype="str"))
    assert suggested(nobody).users == 0
