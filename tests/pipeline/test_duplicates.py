"""What makes two rows one event: by each key, in any cut, on reruns; conflicts are counted."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.errors import ParameterError, RulesChangedError

MOMENT = ["event_id", "user_id", "timestamp"]
KEYS: list[Any] = ["event_id", MOMENT, "row", None]
START = 1_714_557_600
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "event_id": st.sampled_from([1, 2, 10, None]),
            "user_id": st.sampled_from(["a", "a:1", None]),
            "timestamp": st.sampled_from([START, START + 1]),
            "event_type": st.sampled_from(["view", "order"]),
        }
    ),
    min_size=1,
    max_size=12,
)


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def shop(path: Path) -> Path:
    """Two users, each with an id of view, view and order: a key that is none."""
    kinds = ("view", "view", "order")
    rows = [
        {"event_id": kind, "user_id": user, "timestamp": START + at, "event_type": kind}
        for user in "ab"
        for at, kind in enumerate(kinds)
    ]
    return written(path, rows)


def events(target: str) -> pd.DataFrame:
    engine = sa.create_engine(target)
    found = pd.read_sql("SELECT * FROM events ORDER BY user_id, timestamp, event_id", engine)
    engine.dispose()
    return found


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize("key", KEYS)
def test_an_id_that_is_none(tmp_path: Path, kind: str, key: Any) -> None:
    log, target = shop(tmp_path / "log.json"), f"{kind}:///{tmp_path / 'shop'}"
    kept = 2 if key == "event_id" else 6
    assert len(cs.read_events(log, drop_duplicates=key)) == kept
    report = cs.run(log, target, drop_duplicates=key)
    assert (report.events_added, report.duplicates) == (kept, 6 - kept)
    found = events(target)
    assert found["event_id"].is_unique
    if key == "event_id":
        assert (report.conflicting, report.conflict) == (4, "view")
        assert "4 of the duplicates have the event_id of another" in str(report)
    else:
        assert (report.conflicting, report.conflict) == (0, None)
        assert found["source_event_id"].tolist() == ["view", "view", "order"] * 2
    # Read again, as after a crash, and grown.
    with log.open("a") as file:
        file.write(json.dumps({"event_id": "n", "user_id": "c", "timestamp": START}) + "\n")
    again = cs.run(log, target, drop_duplicates=key)
    assert (again.rows_read, again.events_added) == (7, 1)
    other = "row" if key != "row" else None
    with pytest.raises(RulesChangedError, match=r"drop_duplicates=.*tables=Tables"):
        cs.run(log, target, drop_duplicates=other)
    writer = cs.SQLWriter(target)
    if key != "event_id":
        frame = cs.read_events(log)
        with pytest.raises(RulesChangedError, match="drop_duplicates"):
            writer.write(frame)
        with pytest.raises(ParameterError, match="delete_between"):
            writer.delete_events(frame)
        schema = cs.EventSchema(event_type="kind")
        with pytest.raises(RulesChangedError, match="drop_duplicates"):
            writer.rebuild(schema)
    assert writer.rebuild().sessions_changed == 0
    assert cs.run(log, target, drop_duplicates=key).files_skipped == 1


def test_without_a_key_a_row_needs_a_file(tmp_path: Path) -> None:
    frame = cs.read_events(shop(tmp_path / "log.json"))
    with pytest.raises(ParameterError, match="`drop_duplicates` must be a key for a source"):
        cs.run(frame, f"sqlite:///{tmp_path / 'shop'}", drop_duplicates=None)


def test_two_files_of_one_content_have_rows_of_their_own(tmp_path: Path) -> None:
    logs = [shop(tmp_path / name) for name in ("1.json", "2.json")]
    target = f"sqlite:///{tmp_path / 'shop'}"
    assert cs.run(logs, target, drop_duplicates=None).events_added == 12
    assert len(cs.read_events(logs, drop_duplicates=None)) == 12


def expected(rows: list[dict[str, Any]], key: Any) -> tuple[int, int]:
    """How many rows are kept, and how many of the others conflict, by a plain loop."""
    kept: dict[Any, Any] = {}
    conflicting = 0
    for number, row in enumerate(rows):
        whole = tuple(sorted(row.items(), key=str))
        whose = (row["user_id"], row["timestamp"])
        told = {"row": whole, None: number}.get(key if isinstance(key, str) or key is None else "")
        if told is None:
            of = (row["event_id"], *whose) if key == MOMENT else row["event_id"]
            told = whole if row["event_id"] is None else (of,)
        if told in kept and key == "event_id" and row["event_id"] is not None:
            conflicting += kept[told] != whose
        kept.setdefault(told, whose)
    return len(kept), conflicting


@settings(max_examples=20, deadline=None)
@given(rows=ROWS, key=st.sampled_from(KEYS), data=st.data())
def test_any_log_in_any_cut_by_any_key(
    rows: list[dict[str, Any]], key: Any, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=2)))
    parts = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    with TemporaryDirectory() as name:
        folder = Path(name)
        logs = [written(folder / f"{n}.json", part) for n, part in enumerate(parts) if part]
        kept, conflicting = expected(rows, key)
        report = cs.ReadReport()
        frame = cs.read_events(logs, drop_duplicates=key, report=report)
        assert (len(frame), report.conflicting) == (kept, conflicting)
        assert report.duplicates == len(rows) - kept
        targets = [f"sqlite:///{folder / each}" for each in ("whole", "parts")]
        whole = [cs.run(logs, targets[0], drop_duplicates=key)]
        one_by_one = [cs.run(log, targets[1], drop_duplicates=key) for log in logs]
        for reports in (whole, one_by_one):
            assert sum(each.events_added for each in reports) == kept
            assert sum(each.conflicting for each in reports) == conflicting
            assert sum(each.duplicates for each in reports) == len(rows) - kept
        one, other = map(events, targets)
        pd.testing.assert_frame_equal(one, other, check_dtype=False, check_like=True)


def test_a_stored_event_is_what_a_conflict_is_with(tmp_path: Path) -> None:
    """Rows of a batch with the id of a stored event conflict with that, not with one another."""
    target = f"sqlite:///{tmp_path / 'shop'}"
    moment = pd.to_datetime(["2024-05-01 10:00"])
    stored = pd.DataFrame({"event_id": [1], "user_id": ["x"], "timestamp": moment})
    writer = cs.SQLWriter(target)
    writer.write(stored)
    coming = pd.concat([stored.assign(user_id="y"), stored, stored.assign(user_id=None)])
    report = writer.write(coming)
    assert (report.duplicates, report.conflicting, report.conflict) == (3, 2, 1)
    # As text, another type of the column is the same id.
    report = writer.write(stored.assign(event_id="1"))
    assert (report.duplicates, report.conflicting) == (1, 0)


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_target_of_before_goes_on(tmp_path: Path, kind: str) -> None:
    """Earlier versions kept neither the key nor the count of conflicts."""
    log, target = shop(tmp_path / "log.json"), f"{kind}:///{tmp_path / 'shop'}"
    cs.run(log, target)
    engine = sa.create_engine(target)
    with engine.begin() as connection:
        for column in ("conflicting", "duplicates_key"):
            statement = f"ALTER TABLE clicksession_runs DROP COLUMN {column}"
            connection.execute(sa.text(statement))
    engine.dispose()
    writer = cs.SQLWriter(target)
    assert writer.delete_user("b").events_deleted == 0
    assert writer.rebuild().sessions_changed == 0
    with pytest.raises(RulesChangedError, match="'event_id', and not by 'row'"):
        cs.run(log, target, drop_duplicates="row")
    report = cs.run(shop(tmp_path / "other.json"), target)
    assert (report.duplicates, report.conflicting) == (6, 4)


def test_a_bad_row_that_is_mended_moves_no_other_row(tmp_path: Path) -> None:
    log, url = tmp_path / "a.json", f"duckdb:///{tmp_path / 'a.db'}"
    row = '{{"user_id": "{}", "timestamp": 1714557600}}\n'
    log.write_text(row.format("a") + "bad\n" + row.format("b"))
    cs.run(log, url, drop_duplicates=None, on_error="skip")
    log.write_text(row.format("a") + row.format("c") + row.format("b"))
    again = cs.run(log, url, drop_duplicates=None, on_error="skip")
    assert (again.events_added, again.duplicates) == (1, 2)


def test_another_key_is_refused_before_anything_is_cut_anew(tmp_path: Path) -> None:
    log, url = tmp_path / "a.json", f"duckdb:///{tmp_path / 'a.db'}"
    log.write_text(
        "".join(f'{{"user_id": 1, "timestamp": {1714557600 + 2400 * n}}}\n' for n in range(3))
    )
    cs.run(log, url)
    with pytest.raises(cs.errors.RulesChangedError, match="Nothing was written"):
        cs.run(log, url, timeout="1h", rebuild=True, drop_duplicates="row")
    assert len(cs.load_sessions(url)) == 3
