"""What columns are called: by each row alone, whatever is read before it and with it."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.schema import LONGEST_NAME, column_name
from clicksession.sql import Tables

# They come out as page_url, as page_url_2, or as names that are cut.
PATHS = ["pageURL", "page_url", "page-url", "PAGE_URL", "page_url_2", "page.url-2", "é" * 40]
PATHS += ["p" * 80, "p" * 79 + "q"]
ROWS = st.dictionaries(st.sampled_from(PATHS), st.sampled_from([None, 1, "x", 2.5, "1"]))


def expected(row: dict[str, Any]) -> dict[str, str]:
    """Place the values of one row in plain Python: which column holds which."""
    groups: dict[str, list[tuple[str, int, Any]]] = {}
    for path in sorted(row, key=lambda path: (path != column_name(path), path)):
        if row[path] is not None:
            groups.setdefault(column_name(path), []).append((column_name(path), 1, row[path]))
    placed = {}
    while groups:
        name = min(groups, key=lambda name: (len(name), name))
        (_, _, value), *rest = groups.pop(name)
        placed[name] = str(value)
        for root, number, more in rest:
            groups.setdefault(f"{root}_{number + 1}", []).append((root, number + 1, more))
    return placed


def written(folder: Path, rows: list[dict[str, Any]]) -> list[Path]:
    files = []
    for number, row in enumerate(rows):
        files.append(folder / f"{number}.json")
        event = {"event_id": number, "user_id": "u", "timestamp": 1714557600 + number, **row}
        files[-1].write_text(json.dumps(event))
    return files


def values(events: pd.DataFrame) -> dict[int, dict[str, str]]:
    """Return the values that are there, by event and column, as text."""
    own = ["event_id", "user_id", "timestamp", "session_id", "event_type"]
    return {
        int(row["event_id"]): {
            str(name): _text(value)
            for name, value in row.items()
            if name not in own and not pd.isna(value)
        }
        for row in events.astype(object).to_dict("records")
    }


def _text(value: Any) -> str:
    # Whole numbers and others in one column have fractions, all of them.
    return f"{value:g}" if isinstance(value, int | float) else str(value)


@settings(max_examples=60)
@given(rows=st.lists(ROWS, min_size=1, max_size=4), order=st.randoms())
def test_any_order_of_files_gives_the_same_columns(
    rows: list[dict[str, Any]], order: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = written(tmp_path_factory.mktemp("any"), rows)
    found = values(cs.read_events(files))
    assert {n: {k: v.removesuffix(".0") for k, v in row.items()} for n, row in found.items()} == {
        number: expected(row) for number, row in enumerate(rows)
    }
    order.shuffle(files)
    assert values(cs.read_events(files)) == found


def test_any_order_of_runs_fills_the_same_columns(tmp_path: Path) -> None:
    rows = [{"pageURL": "a"}, {"page_url": "b", "page-url": "c"}, {"page-url": "d", "pageURL": "e"}]
    files = written(tmp_path, rows)
    found = []
    for number, order in enumerate(permutations(files)):
        engine = sa.create_engine(f"sqlite:///{tmp_path}/{number}.db")
        for file in order:
            cs.run(file, engine)
        found.append(values(pd.read_sql("SELECT * FROM events", engine)))
        engine.dispose()
    assert found[0] == {
        0: {"page_url": "a"},
        1: {"page_url": "b", "page_url_2": "c"},
        2: {"page_url": "d", "page_url_2": "e"},
    }
    assert all(each == found[0] for each in found)


def test_long_names_stay_apart_in_every_database(database: sa.Engine, tmp_path: Path) -> None:
    paths = PATHS[-3:]
    files = written(tmp_path, [dict.fromkeys(paths, "x"), {paths[2]: "y"}])
    for file in files:
        cs.run(file, database)
    columns = {column_name(path) for path in paths}
    assert len(columns) == 3
    assert all(len(name.encode()) <= LONGEST_NAME for name in columns)
    with database.connect() as connection:
        found = values(pd.read_sql(sa.text("SELECT * FROM events"), connection))
    assert found == {0: dict.fromkeys(columns, "x"), 1: {column_name(paths[2]): "y"}}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (("page", "Page"), "'page' and 'Page' differ in nothing but the case"),
        (("User_ID",), "'user_id' and 'User_ID' differ"),
        (("Session_Id",), "'session_id' and 'Session_Id' differ"),
        (("x" * 64,), "more than 63 bytes"),
        (("é" * 32,), "more than 63 bytes"),
    ],
)
def test_names_that_a_database_would_confuse_are_refused(
    database: sa.Engine, columns: tuple[str, ...], message: str
) -> None:
    log = pd.DataFrame({"event_id": [1], "user_id": ["u"], "timestamp": [pd.Timestamp(0)]})
    with pytest.raises(cs.errors.WriteError, match=message):
        cs.SQLWriter(database).write(log.assign(**dict.fromkeys(columns, "x")))
    assert Tables().events.name not in sa.inspect(database).get_table_names()


def test_a_name_that_a_stored_column_has_in_another_case_is_refused(database: sa.Engine) -> None:
    log = pd.DataFrame({"event_id": [1], "user_id": ["u"], "timestamp": [pd.Timestamp(0)]})
    writer = cs.SQLWriter(database)
    writer.write(log.assign(Page="x"))
    later = log.assign(event_id=2, page="y")
    with pytest.raises(cs.errors.WriteError, match="'Page' and 'page' differ"):
        writer.write(later)
    with database.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM events")).scalar() == 1
    writer.write(later.rename(columns={"page": "Page"}))
