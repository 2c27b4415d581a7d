"""What sessions keep of their events: the same on every engine, and what a plain loop keeps."""

from random import Random
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import clicksession as cs
from clicksession.errors import NotFoundWarning, ParameterError
from tests.engines.frames import EAGER, LAZY
from tests.engines.needs import require
from tests.engines.test_frames import TO, to_arrow

KEPT: dict[str, Any] = {
    "first": {"landing": "page", "value_0": "price", "event_type": "event_type"},
    "last": {"exit": "page", "final price": "price"},
    "counted_events": ("order", "never"),
}
COLUMNS = ("landing", "value_0", "event_type", "exit", "final price", "order_count", "never_count")
# Short logs lack what is counted here, on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::clicksession.errors.NotFoundWarning")
PAGES = [None, "", "/home", "/cart", "é"]


def log(seed: int, size: int) -> pa.Table:
    """Events of few users and moments, so that many share one, with values that are often null."""
    random = Random(seed)
    minutes = [random.choice([0, 0, 1, 1, 2, 40, 41, 100]) for _ in range(size)]
    start = pd.Timestamp("2024-05-01")
    return pa.table(
        {
            "event_id": pa.array(random.sample(range(size * 2), size), pa.int64()),
            "user_id": [random.choice(["ann", "bob", "cid", None]) for _ in range(size)],
            "timestamp": pa.array(
                [start + pd.Timedelta(minutes=m) for m in minutes], pa.timestamp("us")
            ),
            "event_type": [random.choice(["view", "order", None]) for _ in range(size)],
            "page": pa.array([random.choice(PAGES) for _ in range(size)], pa.string()),
            "price": pa.array([random.choice([None, None, 0, 7]) for _ in range(size)], pa.int64()),
        }
    )


def by_a_loop(visits: pa.Table, *order: str) -> dict[str, tuple[Any, ...]]:
    """Return what each session keeps, where its events are in this order."""
    sessions: dict[str, list[dict[str, Any]]] = {}
    rows = [{**row, "n": n} for n, row in enumerate(visits.to_pylist())]
    for row in sorted(rows, key=lambda row: tuple(row[name] for name in order)):
        if row["session_id"] is not None:
            sessions.setdefault(row["session_id"], []).append(row)
    found = {}
    for name, events in sessions.items():
        values = {
            column: [event[column] for event in events if event[column] is not None]
            for column in ("page", "price", "event_type")
        }
        first = [next(iter(values[each]), None) for each in ("page", "price", "event_type")]
        last = [next(reversed(values[each]), None) for each in ("page", "price")]
        found[name] = (*first, *last, values["event_type"].count("order"), 0)
    return found


def rows(summary: pa.Table) -> dict[str, tuple[Any, ...]]:
    return {r["session_id"]: tuple(r[name] for name in COLUMNS) for r in summary.to_pylist()}


@pytest.fixture(params=[*EAGER, *LAZY])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    require(name)
    return name


def test_as_a_plain_loop_keeps_them(kind: str) -> None:
    for seed in range(2 if kind == "spark" else 12):
        events = log(seed, 5 * seed + 6)
        visits = cs.sessionize(TO[kind](events))
        expected = by_a_loop(to_arrow(cs.sessionize(events)), "timestamp", "event_id")
        assert rows(to_arrow(cs.summarize(visits, **KEPT))) == expected


@pytest.mark.parametrize("index", [None, 1], ids=["ids alone", "and an ordinal"])
def test_users_that_share_an_id_have_sessions_of_their_own(kind: str, index: int | None) -> None:
    for seed in range(1 if kind == "spark" else 8):
        given = [None if n % 5 == 0 else "12"[n % 2] for n in range(5 * seed + 6)]
        events = log(seed, len(given)).append_column("session_id", pa.array(given, pa.string()))
        own = [
            u and i and f"{u} {i}"
            for u, i in zip(events["user_id"].to_pylist(), given, strict=True)
        ]
        at = events.column_names.index("session_id")
        expected = by_a_loop(
            events.set_column(at, "session_id", pa.array(own, pa.string())), "timestamp", "event_id"
        )
        if index:
            events = events.append_column("session_index", pa.array([index] * len(given)))
        found = to_arrow(cs.summarize(TO[kind](events), **KEPT)).to_pylist()
        assert len(found) == len(expected)
        for row in found:
            name = f"{row['user_id']} {row['session_id']}"
            assert tuple(row[column] for column in COLUMNS) == expected[name]


def test_without_ids_what_events_hold_decides(kind: str) -> None:
    events = log(5, 40).drop_columns("event_id")
    visits = cs.sessionize(TO[kind](events))
    if kind in ("duckdb", "ibis", "spark", "polars_lazy"):
        with pytest.raises(ParameterError, match="`first` must be of events with event_id"):
            cs.summarize(visits, **KEPT)
        counted = to_arrow(cs.summarize(visits, counted_events=("order",)))
        assert sum(counted["order_count"].to_pylist()) > 0
        return
    identified = cs.sessionize(cs.quality.with_event_ids(events))
    expected = by_a_loop(to_arrow(identified), "timestamp", "event_id")
    assert rows(to_arrow(cs.summarize(visits, **KEPT))) == expected


def test_types_stay(kind: str) -> None:
    if kind != "pandas":
        return
    events = log(3, 30).to_pandas().astype({"price": "Int64"})
    events["whole"], events["sort"] = range(30), events["page"].astype("category")
    found = cs.summarize(
        cs.sessionize(events), first=("price", "whole", "sort"), counted_events=("order",)
    )
    kinds = {name: str(found[name].dtype) for name in ("price", "whole", "sort", "order_count")}
    assert kinds == {
        "price": "Int64",
        "whole": "int64",
        "sort": "category",
        "order_count": "int64",
    }


def test_event_types_that_are_numbers_are_told_by_their_text() -> None:
    events = log(3, 30).to_pandas()
    events["event_type"] = [1, 2, None] * 10
    found = cs.summarize(cs.sessionize(events), counted_events=(1,))
    assert found.equals(cs.summarize(cs.sessionize(events), counted_events="1"))
    has_session = events["user_id"].notna()
    assert found["1_count"].sum() == (events["event_type"][has_session] == 1).sum()


@pytest.mark.parametrize("kind", EAGER)
def test_a_type_of_no_event_is_said_to_the_caller(kind: str) -> None:
    events = log(3, 30).to_pandas()
    events["event_type"] = ["view", "Order Completed", None] * 10
    # Whoever has no session counts for nothing.
    events.loc[events["user_id"].isna(), "event_type"] = "order_complete"
    visits = cs.sessionize(TO[kind](pa.Table.from_pandas(events)))
    with pytest.warns(NotFoundWarning) as caught:
        found = to_arrow(cs.summarize(visits, counted_events=("order complete", "zzz", "view")))
    assert [str(one.message) for one in caught] == [
        "summarize: `counted_events` counts 'order complete' events, and no event in a session is "
        "one. Did you mean 'Order Completed'?",
        "summarize: `counted_events` counts 'zzz' events, and no event in a session is one.",
    ]
    assert {one.filename for one in caught} == {__file__}
    assert sum(found["view_count"].to_pylist()) > 0


def test_of_no_sessions_nothing_is_said(recwarn: pytest.WarningsRecorder) -> None:
    events = log(1, 9).to_pandas().assign(user_id=None)
    cs.summarize(cs.sessionize(events), counted_events="order")
    assert not [one for one in recwarn if issubclass(one.category, NotFoundWarning)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"first": {"landing": "pge"}}, r"`first` must be a column .* Did you mean 'page'\?"),
        ({"first": {"user_id": "page"}}, "`first` .*'user_id' is another column of the sessions"),
        ({"first": "page", "last": "page"}, "`last` .*'page' is the first 'page' already"),
        ({"first": {"a": "session_id"}}, "what the sessions themselves are told by"),
        (
            {"last": {"order_count": "page"}, "counted_events": "order"},
            "`counted_events` .*'order_count'",
        ),
        ({"first": 7}, "`first` must be columns of the events"),
        ({"first": {"x" * 64: "page"}}, "more than 63 bytes"),
        ({"first": {"clicksession_a": "page"}}, "which is the library's"),
    ],
)
def test_what_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        cs.summarize(cs.sessionize(log(1, 9)), **given)


def test_no_sessions() -> None:
    events = log(1, 9).to_pandas().assign(user_id=None)
    found = cs.summarize(cs.sessionize(events), **KEPT)
    assert len(found) == 0
    assert set(COLUMNS) <= set(found)
