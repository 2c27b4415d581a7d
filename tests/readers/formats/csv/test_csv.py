"""CSV and TSV: quoted newlines, nulls beside empty texts, and digits that stay."""

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.formats.csv import records as csv_records


def read(path: Path, content: str | bytes) -> pd.DataFrame:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return cs.read_events(path)


def test_types_and_nulls(tmp_path: Path) -> None:
    found = read(
        tmp_path / "log.csv",
        "user_id,timestamp,code,price,note\n"
        '7,2024-05-01T10:00:00,007,1.5,""\n'
        ',2024-05-01T10:00:01,8,2,"two\nlines, one ""field"""\n',
    )
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        "user_id": "Int64",
        "timestamp": "datetime64[us, UTC]",
        "code": "str",
        "price": "float64",
        "note": "str",
    }
    assert found["user_id"].isna().tolist() == [False, True]
    assert found["code"].tolist() == ["007", "8"]
    assert found["note"].tolist() == ["", 'two\nlines, one "field"']


def test_tabs(tmp_path: Path) -> None:
    found = read(tmp_path / "log.tsv", "user_id\ttimestamp\nann\t2024-05-01\n")
    assert found["user_id"].tolist() == ["ann"]


def test_a_header_that_repeats_a_name(tmp_path: Path) -> None:
    found = read(tmp_path / "log.csv", "user_id,timestamp,page,page\nann,2024-05-01,a,b\n")
    assert found[["page", "page_2"]].iloc[0].tolist() == ["a", "b"]


def test_a_column_without_a_name(tmp_path: Path) -> None:
    written = pd.DataFrame({"user_id": ["ann"], "timestamp": ["2024-05-01"]}, index=[17]).to_csv()
    assert read(tmp_path / "log.csv", written)["field"].tolist() == [17]
    found = read(tmp_path / "more.csv", "user_id,timestamp,,\nann,2024-05-01,a,b\n")
    assert found.drop(columns=["user_id", "timestamp"]).iloc[0].tolist() == ["a", "b"]


def test_long_numbers_stay_text(tmp_path: Path) -> None:
    found = read(tmp_path / "log.csv", "user_id,timestamp\n12345678901234567890,2024-05-01\n")
    assert found["user_id"].tolist() == ["12345678901234567890"]


@pytest.mark.parametrize("content", ["", "user_id,timestamp\n"])
def test_no_rows(content: str, tmp_path: Path) -> None:
    assert read(tmp_path / "log.csv", content).empty


def test_a_row_that_is_too_short_is_named(tmp_path: Path) -> None:
    reason = r"log\.csv, line 3: it has not as many fields as the header, 2: bob\."
    with pytest.raises(cs.errors.BadRowError, match=reason):
        read(tmp_path / "log.csv", "user_id,timestamp\nann,2024-05-01\nbob\n")


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(cs.errors.BadRowError, match=r"line 2: it is not UTF-8 \(byte 1\)"):
        read(tmp_path / "log.csv", b"user_id,timestamp\n\xff,2024-05-01\n")


def test_names_that_are_given(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("ann,2024-05-01\nbob,2024-05-02\n")
    found = cs.read_events(tmp_path / "log.csv", columns=["user_id", "timestamp"])
    assert found["user_id"].tolist() == ["ann", "bob"]


@pytest.mark.parametrize("columns", ["ab", [], ["a", "a"], [1]])
def test_names_that_are_none(columns: Any, tmp_path: Path) -> None:
    with pytest.raises(cs.errors.ParameterError, match="`columns` must be a list of names"):
        cs.read_events(tmp_path / "log.csv", columns=columns)


def test_names_for_a_format_that_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text("{}")
    with pytest.raises(cs.errors.ParameterError, match="`columns` must be None for the format"):
        cs.read_events(tmp_path / "log.json", columns=["a"])


def fields(size: int) -> st.SearchStrategy[list[list[str]]]:
    text = st.text(st.sampled_from('ab",\n\r é'), max_size=4)
    # A lone carriage return within quotes would come back as it is; between records it is none.
    return st.lists(st.lists(text, min_size=size, max_size=size), max_size=8)


@given(rows=fields(2), size=st.integers(1, 40), style=st.sampled_from(["minimal", "all"]))
def test_what_python_writes_is_read_wherever_blocks_end(
    rows: list[list[str]], size: int, style: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "log.csv"
    quoting = {"minimal": csv.QUOTE_NONNUMERIC, "all": csv.QUOTE_ALL}[style]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=quoting, lineterminator="\n")
        writer.writerow(["user_id", "timestamp", "a", "b"])
        writer.writerows([["u", "2024-05-01", *row] for row in rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "BLOCK_BYTES", size)
        found = cs.read_events(path, drop_duplicates=None)
    assert len(found) == len(rows)
    if rows:
        assert found[["a", "b"]].astype(str).to_numpy().tolist() == rows


def test_quotes_that_are_no_quotes(tmp_path: Path) -> None:
    found = read(
        tmp_path / "log.csv",
        'user_id,timestamp,size\nann,2024-05-01,5" screen\nbob,2024-05-01,"6"" screen"\n',
    )
    assert found["size"].tolist() == ['5" screen', '6" screen']


def test_a_quotation_mark_that_is_not_closed_costs_one_line(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        'user_id,timestamp\nann,2024-05-01\n"bob,2024-05-01\ncat,2024-05-01\n'
    )
    report = cs.ReadReport()
    found = cs.read_events(tmp_path / "log.csv", on_error="quarantine", report=report)
    assert found["user_id"].tolist() == ["ann", "cat"]
    assert [(row.reason, row.line, row.raw) for row in report.quarantine] == [
        ("open_quote", 3, b'"bob,2024-05-01')
    ]
