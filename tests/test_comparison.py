"""`compare_sessions`: given sessions beside cut ones, counted and explained."""

from collections import defaultdict
from random import Random
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import clicksession as cs
from clicksession import Rules
from clicksession.errors import ParameterError
from clicksession.testing.logs import random_log, random_rules


def _events(*rows: tuple[str, str | None], **columns: Any) -> pd.DataFrame:
    times = pd.to_datetime([f"2024-05-01 {time}" for time, _ in rows], utc=True)
    visits = pd.Series([visit for _, visit in rows], dtype="str")
    return pd.DataFrame({"user_id": "ann", "timestamp": times, "visit": visits, **columns})


def _found(events: pd.DataFrame, **rules: Any) -> dict[str, tuple[str, str]]:
    table = cs.compare_sessions(events, "visit", rules=Rules(**rules)).disagreements
    return {row.given: (row.outcome, row.why) for row in table.itertuples()}


def test_why_sessions_differ() -> None:
    assert _found(_events(("10:00", "a"), ("10:31", "a"))) == {
        "a": ("split", "a pause of 31 minutes")
    }
    assert _found(_events(("10:00", "a"), ("10:12", "b"), ("11:00", "c"))) == {
        "a": ("joined", "b begins 12 minutes after its end"),
        "b": ("joined", "begins 12 minutes after the end of a"),
    }
    tabs = _events(("10:00", "a"), ("10:01", "b"), ("10:02", "a"), ("10:03", "b"))
    assert _found(tabs) == {
        "a": ("joined", "interleaves with b"),
        "b": ("joined", "interleaves with a"),
    }
    night = _events(("23:50", "a"), ("23:55", "a"))
    night.loc[1, "timestamp"] += pd.Timedelta("10min")
    assert _found(night, midnight="UTC") == {"a": ("split", "midnight")}
    campaigns = _events(("10:00", "a"), ("10:01", "a"), ("10:02", "b"), campaign=["x", "y", "y"])
    assert _found(campaigns, change="campaign") == {
        "a": ("both", "change:campaign; b begins 1 minute after its end"),
        "b": ("joined", "begins 1 minute after the end of a"),
    }


def test_the_counts_and_the_sentence() -> None:
    events = _events(
        ("10:00", "a"), ("10:10", "a"), ("12:00", "b"), ("12:40", "b"), ("15:00", None)
    )
    found = cs.compare_sessions(events, "visit")
    assert (found.given_sessions, found.agreeing, found.split, found.cut_sessions) == (2, 1, 1, 3)
    assert (found.events, found.events_without_given, found.events_without_cut) == (5, 1, 0)
    assert str(found) == (
        "Of 2 sessions given by visit: 1 the same as a cut one, 1 split, 0 joined, 0 both. "
        "1 of 5 events have no given session. "
        "Cut: A session ends after a pause of more than 30 minutes."
    )
    hour = cs.compare_sessions(events, "visit", "1h")
    assert (hour.agreeing, len(hour.disagreements)) == (2, 0)


def test_sessions_that_the_rules_do_not_cut() -> None:
    events = _events(("10:00", "a"), ("10:01", "b"), event_type=["ping", "view"])
    found = cs.compare_sessions(events, "visit", rules=Rules(excluded_events="ping"))
    assert (found.given_sessions, found.uncut, found.agreeing) == (2, 1, 1)
    assert "1 without an event that is cut" in str(found)
    assert "1 no cut one" in str(found)


def _outcomes(given: list[Any], cut: list[Any]) -> dict[str, int]:
    """Count by sets: of each given session, those of the cut ones that it meets."""
    theirs, ours = defaultdict(set), defaultdict(set)
    for row, (one, other) in enumerate(zip(given, cut, strict=True)):
        if one is not None:
            theirs[one] |= {row} if other is not None else set()
            if other is not None:
                ours[other].add(row)
    counts = dict.fromkeys(("agreeing", "split", "joined", "both", "uncut"), 0)
    for rows in theirs.values():
        met = [other for other in ours.values() if other & rows]
        whole = all(other <= rows for other in met)
        if not met:
            counts["uncut"] += 1
        elif len(met) == 1:
            counts["agreeing" if whole else "joined"] += 1
        else:
            counts["split" if whole else "both"] += 1
    return counts


@pytest.mark.parametrize("seed", range(10))
def test_any_log_by_any_rules(seed: int) -> None:
    random = Random(seed)
    for _ in range(20):
        log, rules = random_log(random, 40), random_rules(random)
        events = log.pandas()
        given = cs.sessionize(events, rules=Rules(None, session_column="visit"))["session_id"]
        cut = cs.sessionize(events, rules=rules)["session_id"]
        lists = [[None if pd.isna(one) else one for one in ids] for ids in (given, cut)]
        found = cs.compare_sessions(events, "visit", rules=rules)
        assert _outcomes(*lists) == {
            name: getattr(found, name) for name in ("agreeing", "split", "joined", "both", "uncut")
        }
        assert found.given_sessions == found.agreeing + len(found.disagreements) + found.uncut
        assert (found.disagreements["why"] != "").all()


def test_other_frames() -> None:
    events = _events(("10:00", "a"), ("10:31", "a"))
    for frame in (pl.DataFrame(events), pa.Table.from_pandas(events)):
        assert cs.compare_sessions(frame, "visit").split == 1
    with pytest.raises(ParameterError, match=r"a frame in memory.*LazyFrame.*Collect the frame"):
        cs.compare_sessions(pl.LazyFrame(events), "visit")
    with pytest.raises(ParameterError, match="`given` must be a column of the frame"):
        cs.compare_sessions(events, "visits")


def test_a_target_is_loaded_first() -> None:
    with pytest.raises(
        ParameterError, match=r"in memory: .*got 'str'\. load_events\(target\)"
    ) as found:
        cs.compare_sessions("duckdb:///shop.duckdb", "visit_id")
    assert "PySpark" not in str(found.value)
