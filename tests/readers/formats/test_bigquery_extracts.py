"""A table that BigQuery extracted is the same in each of its formats.

By cloud.google.com/bigquery/docs/exporting-data times are written with a space and `UTC`, and whole
numbers of 64 bits are texts in JSON.
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clicksession as cs

TIMES = ["2017-12-01 12:34:56 UTC", "2017-12-01 12:34:56.5 UTC", "2017-12-01 12:34:56.123456 UTC"]
USERS = [7, 9007199254740993, -1]


def _json(path: Path) -> None:
    rows = [
        {"user_id": str(user), "timestamp": time, "items": str(n)}
        for n, (user, time) in enumerate(zip(USERS, TIMES, strict=True))
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def _csv(path: Path) -> None:
    rows = [f"{user},{time},{n}" for n, (user, time) in enumerate(zip(USERS, TIMES, strict=True))]
    path.write_text("\n".join(["user_id,timestamp,items", *rows, ""]))


def _parquet(path: Path) -> None:
    times: Any = pd.to_datetime(
        pd.Series([time[:-4] for time in TIMES]), format="ISO8601", utc=True
    )
    columns = {"user_id": USERS, "timestamp": pa.array(times.dt.as_unit("us")), "items": [0, 1, 2]}
    pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize(
    ("name", "write"), [("x.json", _json), ("x.csv", _csv), ("x.parquet", _parquet)]
)
def test_an_extract_of_bigquery(name: str, write: Any, tmp_path: Path) -> None:
    write(tmp_path / name)
    found = cs.read_events(tmp_path / name)
    assert [str(user) for user in found["user_id"]] == ["7", "9007199254740993", "-1"]
    expected = [time.replace(" UTC", "+00:00") for time in TIMES]
    assert found["timestamp"].tolist() == [pd.Timestamp(time) for time in expected]
    assert cs.sessionize(found)["session_id"].tolist() == [
        "7:1512131696000000",
        "9007199254740993:1512131696500000",
        "-1:1512131696123456",
    ]
