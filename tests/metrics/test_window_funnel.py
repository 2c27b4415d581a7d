"""Funnels as ClickHouse's windowFunnel has them, where both mean the same."""

import warnings
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clicksession.errors import NotFoundWarning, NothingFoundError
from clicksession.metrics import Funnel
from tests.metrics.test_peers import log

STEPS = ("a", "b", "c")
MODES = {"loose": "", "strict": "'strict_order', 'strict_deduplication'"}


def by_clickhouse(clickhouse: Any, events: pd.DataFrame, mode: str, seconds: int) -> list[int]:
    start = events["timestamp"].min()
    passed = (events["timestamp"] - start).dt.total_seconds().astype(int)
    rows = ", ".join(
        f"('{user}', {at}, '{kind}')"
        for user, at, kind in zip(events["user_id"], passed, events["event_type"], strict=True)
    )
    modes = f", {MODES[mode]}" if MODES[mode] else ""
    asked = ", ".join(f"kind = '{step}'" for step in STEPS)
    text = (
        f"SELECT level FROM (SELECT user, windowFunnel({seconds}{modes})(at, {asked}) AS level "
        f"FROM values('user String, at UInt64, kind String', {rows}) GROUP BY user) FORMAT CSV"
    )
    levels = [int(line) for line in str(clickhouse.query(text)).split()]
    return [sum(level >= number for level in levels) for number in (1, 2, 3)]


@st.composite
def logs(draw: st.DrawFn, most_starts: int) -> pd.DataFrame:
    """Events at times of their own: at one time, ClickHouse takes them in the order of steps."""
    rows: list[tuple[Any, float, str]] = []
    for user in ("u", "v"):
        kinds = draw(st.lists(st.sampled_from("abcd"), max_size=12))
        while kinds.count("a") > most_starts:
            kinds.remove("a")
        gaps = draw(st.lists(st.integers(1, 9), min_size=len(kinds), max_size=len(kinds)))
        at = 0
        for kind, gap in zip(kinds, gaps, strict=True):
            at += gap
            rows.append((user, at, kind))
    return log(*(rows or [("u", 0, "d")]))


@settings(max_examples=30)
@given(data=st.data(), seconds=st.integers(1, 40))
@pytest.mark.parametrize("mode", MODES)
def test_as_window_funnel(clickhouse: Any, mode: Any, data: st.DataObject, seconds: int) -> None:
    """Strict, ClickHouse stops at the first way that fails, and we try the next: of one start."""
    events = data.draw(logs(most_starts=99 if mode == "loose" else 1))
    metric = Funnel(steps=STEPS, within=f"{seconds}s", order=mode)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotFoundWarning)
        try:
            found = metric.compute(events)["reached"].tolist()
        except NothingFoundError:
            found = [0, 0, 0]
    assert found == by_clickhouse(clickhouse, events, mode, seconds)
