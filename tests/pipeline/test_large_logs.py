"""Whatever is set aside comes back: each event once, each user's events together, in order."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.pipeline import batches
from clicksession.readers.rows.types import column_of
from clicksession.writers.logs.spill import Spill
from tests.writers.content import content_at

WEBSHOP = cs.EventSchema.preset("webshop")

_USERS = st.sampled_from([1, 2, 3, "3", "ann", "a:1", "", None])
_EVENTS = st.lists(
    st.tuples(st.integers(0, 9), _USERS, st.one_of(st.none(), st.integers(0, 9))), max_size=12
)


def table_of(events: list[tuple[int, Any, int | None]], first: int) -> pa.Table:
    ids, users, times = (list(column) for column in zip(*events, strict=True))
    return pa.table(
        {
            "event_id": pa.array(ids, pa.int64()),
            "user_id": column_of(users),
            "timestamp": pa.array(times, pa.timestamp("us", "UTC")),
            "row": pa.array(range(first, first + len(events))),
        }
    )


@given(batches=st.lists(_EVENTS.filter(len), max_size=4))
def test_every_event_comes_back_beside_its_user(
    batches: list[list[tuple[int, Any, int | None]]],
) -> None:
    events = [event for batch in batches for event in batch]
    with TemporaryDirectory() as folder:
        spill, seen = Spill(Path(folder)), 0
        for batch in batches:
            spill.add(table_of(batch, seen))
            seen += len(batch)
        assert spill.rows == len(events)
        parts = [
            [row for table in tables for row in table["row"].to_pylist()]
            for tables in spill.parts()
        ]
        shares_no_event = spill.shares_no_event()
    assert sorted(row for part in parts for row in part) == list(range(len(events)))
    assert all(part == sorted(part) for part in parts)
    # A user is its text; an event without one goes by its time.
    owners = [str(user) if user is not None else ("at", time) for _, user, time in events]
    of_part = [{owners[row] for row in part} for part in parts]
    assert sum(map(len, of_part)) == len(set(owners))
    ids = [{events[row][0] for row in part} for part in parts]
    assert shares_no_event == (sum(map(len, ids)) == len({event[0] for event in events}))


@pytest.fixture
def _spilling_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clicksession.pipeline.running.usual_memory", lambda: 1)
    monkeypatch.setattr(batches, "_ROWS_PER_WRITE", 400)
    monkeypatch.setattr(batches, "_ROWS_PER_FIRST_WRITE", 400)


@pytest.mark.usefixtures("_spilling_early")
def test_a_log_larger_than_memory_gives_the_same_tables(database_url: str, tmp_path: Path) -> None:
    log = cs.datasets.write_webshop(tmp_path / "all.json", customers=60, seed=4)
    lines = log.read_text().splitlines(keepends=True)
    for number in range(3):
        # In no order, and some lines twice.
        (tmp_path / f"part-{number}.json").write_text("".join(lines[number::2]))
    report = cs.run(str(tmp_path / "part-*.json"), database_url, schema=WEBSHOP)
    assert report.files_read == 3
    whole = f"duckdb:///{tmp_path / 'whole.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clicksession.pipeline.running.usual_memory", lambda: 10**9)
        expected = cs.run(log, whole, schema=WEBSHOP)
    assert content_at(database_url) == content_at(whole)
    assert report.events_added == expected.events_added
    assert report.rows_read > expected.rows_read
    assert cs.run(str(tmp_path / "part-*.json"), database_url, schema=WEBSHOP).rows_read == 0


@pytest.mark.usefixtures("_spilling_early")
def test_an_event_id_with_two_users_is_one_event_also_then(tmp_path: Path) -> None:
    lines = [
        f'{{"event_id": {n % 90}, "user_id": {n}, "timestamp": {1714557600 + n}}}\n'
        for n in range(100)
    ]
    (tmp_path / "log.json").write_text("".join(lines))
    report = cs.run(tmp_path / "log.json", f"duckdb:///{tmp_path / 'a.db'}")
    assert (report.events_added, report.duplicates) == (90, 10)


@pytest.mark.usefixtures("_spilling_early")
def test_types_that_change_on_the_way(database_url: str, tmp_path: Path) -> None:
    events = [
        {
            "event_id": n if n < 100 else f"e{n}",
            "user_id": n % 30,
            "timestamp": 1714557600 + n,
            "price": n / 2,
        }
        for n in range(120)
    ]
    events[50]["user_id"], events[110]["price"] = "ann", "free"
    log = tmp_path / "log.json"
    log.write_text("".join(json.dumps(event) + "\n" for event in events))
    cs.run(log, database_url)
    whole = f"duckdb:///{tmp_path / 'whole.db'}"
    cs.SQLWriter(whole).write(cs.read_events(log))
    assert content_at(database_url) == content_at(whole)


@pytest.mark.usefixtures("_spilling_early")
def test_numbers_for_columns_of_text_that_were_emptied(database_url: str, tmp_path: Path) -> None:
    texts = [{"event_id": "a", "user_id": "ann", "timestamp": 1714557600, "n": "x"}]
    numbers = [
        {"event_id": n, "user_id": n % 30, "timestamp": 1714557600 + n, "n": n, "later": n}
        for n in range(120)
    ]
    for name, events in (("texts", texts), ("numbers", numbers)):
        (tmp_path / name).write_text("".join(json.dumps(event) + "\n" for event in events))
    cs.run(tmp_path / "texts", database_url, format="json")
    cs.SQLWriter(database_url).delete_user("ann")
    report = cs.run(tmp_path / "numbers", database_url, format="json")
    assert (report.rows_read, report.events_added) == (120, 120)
    whole = f"duckdb:///{tmp_path / 'whole.db'}"
    cs.run(tmp_path / "numbers", whole, format="json")
    assert content_at(database_url) == content_at(whole)


@pytest.mark.parametrize("way", ["in the order of the log", "user by user"])
@pytest.mark.usefixtures("_spilling_early")
def test_an_error_in_a_part_is_raised_as_it_is(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = cs.datasets.write_webshop(tmp_path / "all.json", customers=60, seed=4)
    url = f"duckdb:///{tmp_path / 'a.db'}"

    def fails(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("clicksession.writers.merging.row_ids.IdsOnDisk.of", fails)
        if way == "user by user":
            patch.setattr("clicksession.writers.merging.addition.first_load", lambda *_: None)
            patch.setattr("clicksession.writers.merging.merge.Merge.cut", fails)
        with pytest.raises(RuntimeError, match=r"^power cut$"):
            cs.run(log, url, schema=WEBSHOP)
    cs.run(log, url, schema=WEBSHOP)
    whole = f"duckdb:///{tmp_path / 'whole.db'}"
    cs.SQLWriter(whole).write(cs.read_events(log, schema=WEBSHOP))
    assert content_at(url) == content_at(whole)


@pytest.mark.usefixtures("_spilling_early")
def test_sessions_that_wait_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = cs.datasets.write_webshop(tmp_path / "all.json", customers=60, seed=4)
    urls = [f"duckdb:///{tmp_path / name}" for name in ("few.db", "many.db")]
    reports = []
    for url in urls:
        reports.append(cs.run(log, url, schema=WEBSHOP, log_changes=True))
        monkeypatch.setattr("clicksession.writers.logs.shelf._ROOM", 3)
    assert content_at(urls[0]) == content_at(urls[1])
    assert reports[0].sessions_added == len(content_at(urls[1])["sessions"])


@pytest.mark.usefixtures("_spilling_early")
def test_nothing_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    log = cs.datasets.write_webshop(tmp_path / "all.json", customers=60, seed=4)
    cs.run(log, f"duckdb:///{tmp_path / 'a.db'}", schema=WEBSHOP)
    log.write_text(log.read_text() + "{oops")
    with pytest.raises(cs.errors.BadRowError):
        cs.run(log, f"duckdb:///{tmp_path / 'b.db'}", schema=WEBSHOP)
    assert list(scratch.iterdir()) == []
