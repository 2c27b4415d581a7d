"""Events of one moment without ids: one order in frames of every library and in tables, any cut."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession import Rules
from clicksession import metrics as m
from clicksession.errors import NothingFoundError, ParameterError
from clicksession.sql import Tables
from clicksession.testing.reference import Event, content_id, sessions_of

RULES = (
    Rules("30min", start_events="login", change="campaign"),
    Rules("30min", end_events="view", max_events=3),
    Rules("10min", delimiter_events="login", midnight="UTC"),
)
KINDS = ("view", "cart", "login", "order")
START = 1_714_557_600
# Few moments and few values, so that most events tie.
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.sampled_from([1, 2, None]),
            "timestamp": st.sampled_from([START, START + 60, START + 3600]),
            "event_type": st.sampled_from(KINDS),
            "campaign": st.sampled_from([None, "a", "2.50", "7"]),
            "amount": st.sampled_from([None, 1, 2.5, 7]),
        }
    ),
    max_size=14,
)


def written(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    """Write a log without the fields that are null, as some of its files lack them."""
    path = folder / name
    lines = [json.dumps({k: v for k, v in row.items() if v is not None}) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines) or "\n")
    return path


def answers(data: Any) -> list[Any]:
    """The metrics that look at the order of events."""
    asked = (
        m.Funnel(steps=("view", "cart", "order")),
        m.CommonPaths(length=3),
        m.LandingPages(page="event_type"),
    )
    found = []
    for metric in asked:
        try:
            answer = metric.compute(data)
        except NothingFoundError as error:
            found.append([str(error)])
        else:
            found.append(sorted(map(str, pa.table(answer).to_pylist())))
    return found


def by_content(frame: Any, rules: Rules) -> list[tuple[Any, ...]]:
    """The session of each event, by what the event holds."""
    visits = pa.table(cs.sessionize(frame, rules=rules)).to_pandas()
    named = cs.quality.with_event_ids(visits)["event_id"]
    columns = [named, visits["session_id"], visits["start_reason"]]
    return sorted(
        zip(*(c.astype(object).where(c.notna(), None) for c in columns), strict=True), key=str
    )


def stored(engine: sa.Engine) -> list[tuple[Any, ...]]:
    query = """SELECT e.event_id, e.session_id, s.start_reason FROM events e
               LEFT JOIN sessions s ON s.session_id = e.session_id"""
    with engine.connect() as connection:
        return sorted(map(tuple, connection.exec_driver_sql(query).all()), key=str)


@pytest.mark.filterwarnings("ignore::clicksession.errors.NotFoundWarning")
@settings(max_examples=4, deadline=None)
@given(rows=ROWS, rules=st.sampled_from(RULES), data=st.data())
def test_any_log_without_ids_gives_one_answer(
    rows: list[dict[str, Any]], rules: Rules, data: st.DataObject
) -> None:
    rows = [*rows, dict.fromkeys(ROWS_KEYS) | {"user_id": 3, "timestamp": START}]
    cut = data.draw(st.integers(0, len(rows)))
    other = data.draw(st.permutations(rows))
    with TemporaryDirectory() as name:
        folder = Path(name)
        log = written(folder, "log.json", rows)
        # All fields must occur somewhere, or rules about them are refused.
        full = {"user_id": 4, "timestamp": START, "event_type": "x", "campaign": "x", "amount": 1}
        first = written(folder, "first.json", [full])
        parts = [
            written(folder, f"part{n}.json", part)
            for n, part in enumerate((other[cut:], other[:cut]))
        ]
        frame = cs.read_events([first, log])
        expected = by_content(frame, rules)
        assert expected == reference([full, *rows], rules)
        frames = [
            frame.sample(frac=1, random_state=1),
            frame.convert_dtypes(dtype_backend="pyarrow"),
            frame.astype({"event_type": "category", "campaign": "category"}),
            pl.DataFrame(frame),
            pa.table(frame),
            cs.read_events([*parts, first]),
        ]
        for each in frames:
            assert by_content(each, rules) == expected
        lazy = cs.sessionize(pl.LazyFrame(frame), rules=rules).collect()
        assert sorted(map(str, lazy["session_id"].to_list())) == sorted(
            str(session) for _, session, _ in expected
        )
        told = answers_of(frame, rules)
        for each in frames[2:]:
            assert answers_of(each, rules) == told
        for kind in ("duckdb", "sqlite"):
            target = f"{kind}:///{folder / kind}"
            cs.run(first, target, rules=rules)
            for part in parts:
                cs.run(part, target, rules=rules)
            engine = sa.create_engine(target)
            assert stored(engine) == expected
            assert answers(engine) == told
            engine.dispose()


ROWS_KEYS = ("user_id", "timestamp", "event_type", "campaign", "amount")


def answers_of(frame: Any, rules: Rules) -> list[Any]:
    return answers(cs.sessionize(frame, rules=rules))


def reference(rows: list[dict[str, Any]], rules: Rules) -> list[tuple[Any, ...]]:
    """The sessions of the distinct events, by the plain loop."""
    plain = []
    for row in rows:
        values = {k: v for k, v in row.items() if v is not None}
        if values.get("campaign") == "2.50":
            values["campaign"] = "2.5"
        values["timestamp"] *= 10**9
        plain.append(values)
    named = {content_id(values): values for values in plain}
    events = [
        Event(v.get("user_id"), v["timestamp"], name, {**dict.fromkeys(ROWS_KEYS), **v})
        for name, v in named.items()
    ]
    found = sessions_of(events, rules)
    return sorted(
        (
            (event.event_id, one and one.id, one and one.reason)
            for event, one in zip(events, found, strict=True)
        ),
        key=str,
    )


def test_a_cart_and_a_view_of_one_second(tmp_path: Path) -> None:
    rows = [
        {"user_id": "ann", "timestamp": START, "event_type": "cart"},
        {"user_id": "ann", "timestamp": START, "event_type": "view"},
        {"user_id": "ann", "timestamp": START + 9, "event_type": "order"},
    ]
    log, target = written(tmp_path, "log.json", rows), f"duckdb:///{tmp_path / 'a.duckdb'}"
    cs.run(log, target)
    funnel = m.Funnel(steps=("view", "cart", "order"))
    in_table = funnel.compute(target)["reached"].tolist()
    frame = cs.read_events(log)
    for each in (frame, frame[::-1], cs.sessionize(frame), pl.DataFrame(frame), pa.table(frame)):
        assert pa.table(funnel.compute(each))["reached"].to_pylist() == in_table


@pytest.mark.parametrize("kind", ["duckdb", "ibis"])
def test_an_engine_that_makes_no_ids_says_so(kind: str) -> None:
    import duckdb
    import ibis

    moment = pd.to_datetime(["2024-05-01 10:00"] * 2)
    table = pa.table({"user_id": [1, 1], "timestamp": moment, "event_type": ["login", "view"]})
    of = {"duckdb": duckdb.from_arrow, "ibis": ibis.memtable}[kind]
    rules = Rules(start_events="login")
    with pytest.raises(ParameterError, match=r"with a column 'event_id'.*with_event_ids"):
        cs.sessionize(of(table), rules=rules)
    named = cs.quality.with_event_ids(table)
    assert pa.table(cs.sessionize(of(named), rules=rules)).num_rows == 2
    # Where the order of events of one moment decides nothing, no id is needed.
    assert pa.table(cs.sessionize(of(table), rules=Rules(midnight="UTC"))).num_rows == 2
    with pytest.raises(ParameterError, match="`table` must be with event_id"):
        cs.sql.sessionize(sa.table("log", *map(sa.column, table.column_names)), rules)


def test_ids_are_made_for_those_that_have_none() -> None:
    moment = pd.to_datetime(["2024-05-01 10:00"] * 3)
    frame = pd.DataFrame(
        {"user_id": 1, "timestamp": moment, "event_id": [7, None, None], "n": [1, 2, 2]}
    )
    made = cs.quality.with_event_ids(frame)["event_id"].tolist()
    assert made[0] == "7"
    assert made[1] == made[2] == content_id({"user_id": 1, "timestamp": START * 10**9, "n": 2})
    whole = frame.assign(event_id=[1, 2, 3])
    assert cs.quality.with_event_ids(whole) is whole
    other = frame.rename(columns={"user_id": "who", "timestamp": "at"})
    assert cs.quality.with_event_ids(other, user="who", time="at")["event_id"].tolist() == made
    with pytest.raises(ParameterError, match="`events` must be a frame in memory"):
        cs.quality.with_event_ids(pl.LazyFrame(frame))
    with pytest.raises(ParameterError, match=r"`user` must be a column of the frame.*Did you mean"):
        cs.quality.with_event_ids(frame, user="user_idd")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_ids_are_the_same_for_every_type_of_a_column(unit: str) -> None:
    moments = pd.to_datetime(["2024-05-01 10:00", None], utc=True).as_unit(unit)
    frame = pd.DataFrame(
        {
            "user_id": pd.Series([7, 8], dtype="Int64"),
            "timestamp": moments,
            "page": pd.Series(["/", None], dtype="str"),
            "price": [2.5, float("nan")],
            "new": pd.Series([True, None], dtype="boolean"),
            "seen": moments.tz_convert("America/New_York"),
            "took": pd.Series(pd.to_timedelta([3, None], unit="s")),
            "tags": pd.Series([["a", "b"], None], dtype=object),
        }
    )
    made = cs.quality.with_event_ids(frame)["event_id"].tolist()
    others = [
        frame.astype({"user_id": float, "page": "category", "new": object, "price": object}),
        frame.astype({"user_id": str, "price": "category"}),
        frame.astype({"user_id": "category", "price": "float32"}),
        frame.assign(price=["2.50", None], note=None),
        pa.table(frame),
        pl.DataFrame(pa.table(frame)),
        pl.DataFrame(pa.table(frame)).with_columns(pl.col("page").cast(pl.Categorical)),
        pa.table(frame).to_pandas(types_mapper=pd.ArrowDtype),
    ]
    for other in others:
        assert pa.table(cs.quality.with_event_ids(other))["event_id"].to_pylist() == made


def test_rows_of_one_id_and_moment_are_in_order_of_what_else_they_hold(tmp_path: Path) -> None:
    moment = pd.Timestamp("2024-05-01", tz="UTC")
    rows = [
        {"event_id": 1, "user_id": "ann", "timestamp": moment, "event_type": "view", "page": page}
        for page in "pqwxz"
    ]
    found = set()
    for seed in range(5):
        events = pd.DataFrame(rows).sample(frac=1, random_state=seed)
        visits = cs.sessionize(events)
        landing = cs.summarize(visits, first={"landing": "page"})["landing"][0]
        paths = cs.metrics.LandingPages(page="page").compute(visits)["page"][0]
        log, url = tmp_path / f"{seed}.json", f"duckdb:///{tmp_path / str(seed)}.db"
        events.to_json(log, orient="records", lines=True, date_format="iso")
        cs.run(log, url, drop_duplicates=["row", None][seed % 2])
        stored = cs.metrics.LandingPages(page="page").compute(url)["page"][0]
        found |= {landing, paths, stored}
    assert len(found) == 1


@pytest.mark.parametrize("user", ["ann", "a" * 600])
def test_texts_that_are_fitted_are_in_one_order(user: str, tmp_path: Path) -> None:
    moment = pd.to_datetime(["2024-05-01"] * 2, utc=True)
    for number in range(12):
        events = pd.DataFrame(
            {
                "user_id": user,
                "timestamp": moment,
                "page": ["/home", "/cart"],
                "agent": [f"x{number}\0", "y"],
            }
        )
        url = f"duckdb:///{tmp_path / str(number)}.db"
        cs.SQLWriter(url, tables=Tables(first={"landing": "page"})).write(events)
        kept = cs.load_sessions(url)["landing"].tolist()
        assert (
            kept
            == cs.summarize(cs.sessionize(events), first={"landing": "page"})["landing"].tolist()
        )
