"""Folders whose names are columns: `dt=2024-05-01/country=NL/part-0.json`."""

import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from gcsfs.core import GCSFileSystem
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.sources.partitions import partition_values
from tests.readers.door import ran

EVENT = {"user_id": "ann", "timestamp": "2024-05-01T10:00:00Z"}


def put(path: Path, *rows: dict[str, Any]) -> Path:
    """Write rows in the format that the name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".json":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".csv":
        pd.DataFrame(rows).to_csv(path, index=False)
    else:
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


@pytest.mark.parametrize("suffix", ["parquet", "json", "csv"])
def test_folders_are_columns(suffix: str, tmp_path: Path) -> None:
    put(tmp_path / f"dt=2024-05-01/country=NL/part-0.{suffix}", EVENT)
    put(tmp_path / f"dt=2024-05-02/country=S%C3%A3o%20Tom%C3%A9/part-0.{suffix}", EVENT)
    found = cs.read_events(tmp_path, drop_duplicates=None)
    assert found["dt"].tolist() == ["2024-05-01", "2024-05-02"]
    assert found["country"].tolist() == ["NL", "São Tomé"]
    batches = list(cs.scan_events(tmp_path))
    assert [batch["country"].item() for batch in batches] == ["NL", "São Tomé"]
    events = ran(tmp_path / "dt=*", tmp_path).events
    assert sorted(events["country"]) == ["NL", "São Tomé"]
    assert sorted(events["dt"]) == ["2024-05-01", "2024-05-02"]


def test_a_file_says_the_same_however_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(tmp_path / "dt=2024-05-01/hour=07/part-0.json", EVENT)
    monkeypatch.chdir(tmp_path / "dt=2024-05-01")
    whole = cs.read_events(tmp_path)
    assert whole["hour"].tolist() == ["07"]
    for source in (
        file,
        [file],
        tmp_path / "dt=*" / "hour=*" / "*.json",
        f"{tmp_path}/dt=*/hour=0?/",
        f"{tmp_path}/dt=2024-05-0[1-3]",
        f"file://{tmp_path}/dt=2024-05-01",
        tmp_path / "dt=2024-05-01",
        "hour=07",
        "hour=07/part-0.json",
    ):
        pd.testing.assert_frame_equal(cs.read_events(source), whole)


def test_a_value_has_one_type_in_all_files(tmp_path: Path) -> None:
    for hour in ("10", "07", "9"):
        put(tmp_path / f"text={hour}/number={hour.strip('0')}/part.json", EVENT)
    found = cs.read_events([tmp_path / f"text={hour}" for hour in ("10", "9", "07")])
    assert found["text"].tolist() == ["10", "9", "07"]
    assert found["number"].tolist() == [1, 9, 7]
    assert found["number"].dtype == "Int64"


def test_the_default_partition_is_null(tmp_path: Path) -> None:
    put(tmp_path / "country=__HIVE_DEFAULT_PARTITION__/part.json", EVENT)
    put(tmp_path / "country=/part.json", EVENT)
    put(tmp_path / "country=NL/part.json", EVENT)
    found = cs.read_events(tmp_path, drop_duplicates=None)
    assert found["country"].isna().tolist() == [True, False, True]


def test_folders_may_be_mapped(tmp_path: Path) -> None:
    log = tmp_path / "log"
    folder = log / "dt=2024-05-01" / "visitor=ann" / "kind=page_view"
    put(folder / "part.json", {"id": 1}, {"id": 2})
    schema = cs.EventSchema(event_id="id", user_id="visitor", timestamp="dt", event_type="kind")
    found = ran(log, tmp_path, schema=schema)
    assert found.events["event_type"].tolist() == ["page_view"] * 2
    assert found.users == ["ann"]
    assert set(found.events["timestamp"].dt.strftime("%Y-%m-%d %H:%M")) == {"2024-05-01 00:00"}


def test_a_field_of_the_same_name_stays(tmp_path: Path) -> None:
    rows = [{**EVENT, "hour": hour} for hour in (7, 8, None)]
    put(tmp_path / "hour=07/part.json", *rows)
    found = cs.read_events(tmp_path, drop_duplicates=None)
    assert found["hour"].tolist() == [7, 8, 7]
    assert found["partition_hour"].isna().tolist() == [True, False, True]
    assert found["partition_hour"].tolist()[1] == "07"


def test_a_field_that_says_the_same_adds_no_column(tmp_path: Path) -> None:
    put(tmp_path / "dt=2024-05-01/part.parquet", {**EVENT, "dt": pd.Timestamp("2024-05-01").date()})
    put(tmp_path / "dt=2024-05-02/part.csv", {**EVENT, "dt": "2024-05-02"})
    found = cs.read_events(tmp_path)
    assert list(found) == ["user_id", "timestamp", "dt"]


def test_a_name_with_two_values_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "a=1/a=2/part.json", EVENT)
    with pytest.raises(cs.errors.ReadError, match=r"twice what 'a' is: '1' and '2'\. Rename"):
        cs.read_events(tmp_path)


def test_what_is_repaired_keeps_its_folder(tmp_path: Path) -> None:
    put(tmp_path / "dt=2024-05-01/part.json", EVENT, {**EVENT, "timestamp": "yesterday"})
    report = cs.ReadReport()
    cs.read_events(tmp_path, on_error="quarantine", report=report)
    fixed = report.quarantine.repaired(lambda raw: raw.replace(b"yesterday", b"2024-05-02"))
    assert cs.read_events(fixed)["dt"].tolist() == ["2024-05-01"]


def test_stores_and_archives(tmp_path: Path, bucket: dict[str, Any]) -> None:
    row = json.dumps(EVENT).encode()
    fsspec.filesystem("memory").pipe_file("/parted/dt=2024-05-01/a.json", row)
    GCSFileSystem(**bucket).pipe_file("shop/parted/dt=2024-05-01/a.json", row)
    GCSFileSystem(**bucket).pipe_file("shop/parted.parquet/dt=2024-05-01/0", row)
    folder = tmp_path / "year=2024"
    folder.mkdir()
    with zipfile.ZipFile(folder / "log.zip", "w") as archive:
        archive.writestr("dt=2024-05-01/a.json", row)
    for source, options in (
        ("memory://parted/", {}),
        ("memory://parted", {}),
        ("memory://parted/dt=*/*.json", {}),
        ("gs://shop/parted/", bucket),
        ("gs://shop/parted", bucket),
        ("gs://shop/parted/dt=*/", bucket),
        ("gs://shop/parted/dt=2024-05-01/a.json", bucket),
        ("gs://shop/parted.parquet", bucket),
    ):
        assert cs.read_events(source, storage_options=options)["dt"].tolist() == ["2024-05-01"]
    found = cs.read_events(f"zip://*/*.json::{folder}/log.zip")
    assert found[["dt", "year"]].values.tolist() == [["2024-05-01", 2024]]


def test_a_query_is_no_folder() -> None:
    assert partition_values("https://shop.example/dt=1/a.json?key=s/x=y/z") == {"dt": "1"}
    assert partition_values("events/a=b.json") == {}


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=3))
def test_names_and_values_come_back_as_they_were(said: dict[str, str]) -> None:
    path = "/".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in said.items())
    assert partition_values(f"{path}/part.json") == said


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_a_header_need_not_name_what_folders_say(suffix: str, tmp_path: Path) -> None:
    folder = tmp_path / "user_id=7" / "dt=2024-05-01"
    folder.mkdir(parents=True)
    (folder / f"a{suffix}").write_text("page\n/a\n/b\n")
    found = cs.read_events(tmp_path, schema=cs.EventSchema(timestamp="dt"))
    assert found["user_id"].tolist() == [7, 7]
    assert found["page"].tolist() == ["/a", "/b"]
