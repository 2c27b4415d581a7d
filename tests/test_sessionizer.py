"""`Sessionizer`: batches give what one call over everything gives, by any rules."""

from random import Random
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import clicksession as cs
from clicksession import Rules, Sessionizer
from clicksession.errors import ParameterError, UnsupportedRuleError
from clicksession.testing.logs import Log, random_log, random_rules

FOUND = ("session_id", "session_index", "start_reason")


def in_order(log: Log) -> pd.DataFrame:
    """The events in order of time, then of their ids; those without a time come last."""
    events, times = log.events(), log.columns["timestamp"]

    def place(row: int) -> tuple[Any, ...]:
        return (times[row] is None, times[row] or 0, events[row].event_id, row)

    frame = log.pandas()
    if "event_id" in frame and frame["event_id"].isna().any():
        frame = cs.quality.with_event_ids(frame)
    return frame.iloc[sorted(range(len(events)), key=place)].reset_index(drop=True)


def values(frame: pd.DataFrame, name: str) -> list[Any]:
    return [None if pd.isna(value) else value for value in frame[name]]


def in_batches(events: pd.DataFrame, sessionizer: Sessionizer, random: Random) -> pd.DataFrame:
    batches, at = [], 0
    while at < len(events):
        size = random.randint(1, 8)
        if sessionizer.rules.session_column:
            # One moment is in one batch; events without a time come last.
            later = events["timestamp"].iloc[at + size :]
            size += int((later == events["timestamp"].iloc[min(at + size, len(events)) - 1]).sum())
        # In a batch the order of the rows does not matter.
        batch = events.iloc[at : at + size]
        batches.append(sessionizer.process(batch))
        at += size
        if random.random() < 0.3:
            sessionizer = Sessionizer.from_json(sessionizer.to_json())
    return pd.concat(batches)


@pytest.mark.parametrize("seed", range(20))
def test_any_batches_by_any_rules_equal_one_call(seed: int) -> None:
    random = Random(seed)
    for number in range(20):
        log, rules = random_log(random, 40), random_rules(random)
        events = in_order(log)
        if rules.measured_from == "start_by_hour" or rules.between or events.empty:
            continue
        whole = cs.sessionize(events, rules=rules)
        found = in_batches(events, Sessionizer(rules=rules), random)
        for name in (name for name in FOUND if name in whole):
            assert values(found, name) == values(whole, name), rules
        if number % 2:
            continue
        bare = in_batches(events, Sessionizer(rules=rules, numbered=False), random)
        assert values(bare, "session_id") == values(whole, "session_id"), rules
        assert not {"session_index", "start_reason"} & set(bare)


def _day(users: np.ndarray, day: int) -> pd.DataFrame:
    minute = np.arange(len(users)) % 600
    times = pd.Timestamp("2024-05-01") + pd.to_timedelta(np.sort(minute) + day * 1440, unit="min")
    return pd.DataFrame({"user_id": users, "timestamp": times})


def test_what_is_kept_is_of_the_order_of_open_sessions() -> None:
    random = np.random.default_rng(1)
    sessionizer = Sessionizer("30min", numbered=False)
    sizes = []
    for day in range(10):
        # Other users every day; the last half hour has about a twentieth of the day's events.
        users = random.integers(day * 10_000, (day + 1) * 10_000, 10_000)
        sessionizer.process(_day(users, day))
        sizes.append(len(sessionizer.to_json()))
        assert sessionizer.open_sessions < 1000
    assert max(sizes) < 1.2 * min(sizes)


def test_a_user_who_returns_goes_on_counting() -> None:
    sessionizer = Sessionizer(rules=Rules("30min", max_events=2))
    ann = np.array(["ann", "ann", "ann"])
    first = sessionizer.process(_day(ann, 0))
    sessionizer.process(_day(np.array(["bob"]), 1))
    assert sessionizer.open_sessions == 1
    second = sessionizer.process(_day(ann, 2))
    assert first["session_index"].tolist() == [1, 1, 2]
    assert second["session_index"].tolist() == [3, 3, 4]
    assert second["start_reason"].tolist() == ["timeout", "timeout", "max_events"]


def test_polars_and_arrow_batches() -> None:
    events = _day(np.array(["ann", "bob", "ann"]), 0)
    expected = cs.sessionize(events)["session_id"].tolist()
    for make in (pl.from_pandas, pa.Table.from_pandas):
        sessionizer = Sessionizer()
        found = [sessionizer.process(make(events[at : at + 1])) for at in range(3)]
        assert [type(batch) for batch in found] == [type(make(events))] * 3
        ids = [id_ for batch in found for id_ in batch["session_id"].to_pandas()]
        assert ids == expected


def test_numbers_and_texts_are_one_user() -> None:
    sessionizer = Sessionizer()
    sessionizer.process(_day(np.array([7]), 0))
    found = sessionizer.process(_day(np.array(["7"]), 0))
    assert found["session_id"].tolist() == ["7:1714521600000000"]
    assert sessionizer.open_sessions == 1


def test_batches_without_events_and_without_known_ones() -> None:
    sessionizer = Sessionizer()
    assert len(sessionizer.process(_day(np.array(["ann"]), 0)[:0])) == 0
    nobody = _day(np.array(["ann"]), 0).assign(user_id=pd.Series([None], dtype="str"))
    assert values(sessionizer.process(nobody), "session_id") == [None]
    assert sessionizer.open_sessions == 0


def test_an_event_that_comes_too_late_is_refused() -> None:
    sessionizer = Sessionizer()
    sessionizer.process(_day(np.array(["ann"]), 1))
    with pytest.raises(ParameterError, match=r"none earlier .* \(2024-05-02T00:00:00"):
        sessionizer.process(_day(np.array(["bob"]), 0))


def test_a_moment_that_is_cut_in_two_must_go_on_in_order() -> None:
    sessionizer = Sessionizer(rules=Rules(max_events=2))
    sessionizer.process(_day(np.array(["ann"]), 0).assign(event_id=[5]))
    with pytest.raises(ParameterError, match="no event before those of the same moment"):
        sessionizer.process(_day(np.array(["ann"]), 0).assign(event_id=[4]))


def test_a_moment_that_is_cut_in_two_between_given_sessions_is_refused() -> None:
    times = pd.to_datetime(["2024-05-01 10:00"] * 2)
    events = pd.DataFrame({"user_id": "ann", "timestamp": times, "visit": ["b", "a"]})
    sessionizer = Sessionizer(rules=Rules(None, session_column="visit"))
    sessionizer.process(events[:1])
    with pytest.raises(ParameterError, match=r"all events of one moment in one batch.*'a' after"):
        sessionizer.process(events[1:])


def test_some_ids_are_refused_where_the_order_depends_on_them() -> None:
    batch = _day(np.array(["ann", "ann"]), 0).assign(event_id=["a", None])
    assert len(Sessionizer().process(batch)) == 2
    with pytest.raises(ParameterError, match="an event_id for each event, or for none"):
        Sessionizer(rules=Rules(max_events=2)).process(batch)


def test_another_resolution_and_other_rules_are_refused() -> None:
    sessionizer = Sessionizer()
    day = _day(np.array(["ann"]), 0)
    sessionizer.process(day.astype({"timestamp": "datetime64[us]"}))
    with pytest.raises(ParameterError, match="of one resolution in all batches"):
        sessionizer.process(day.astype({"timestamp": "datetime64[ns]"}))
    with pytest.raises(UnsupportedRuleError, match="measured_from='start_by_hour'"):
        Sessionizer(rules=Rules.preset("umami"))
    with pytest.raises(ParameterError, match="`rules` must be about a column of the frame"):
        Sessionizer(rules=Rules(change="campaign")).process(day)
