"""CSV and TSV: quoted newlines, nulls beside empty texts, and digits that stay."""

from pathlib import Path

import pandas as pd
import pytest

import clicksession as cs


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


def test_long_numbers_stay_text(tmp_path: Path) -> None:
    found = read(tmp_path / "log.csv", "user_id,timestamp\n12345678901234567890,2024-05-01\n")
    assert found["user_id"].tolist() == ["12345678901234567890"]


@pytest.mark.parametrize("content", ["", "user_id,timestamp\n"])
def test_no_rows(content: str, tmp_path: Path) -> None:
    assert read(tmp_path / "log.csv", content).empty


def test_a_row_that_is_too_short_is_named(tmp_path: Path) -> None:
    with pytest.raises(cs.errors.BadRowError, match=r"log\.csv.*#3.*Expected 2 columns, got 1"):
        read(tmp_path / "log.csv", "user_id,timestamp\nann,2024-05-01\nbob\n")


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(cs.errors.BadRowError, match="invalid UTF8"):
        read(tmp_path / "log.csv", b"user_id,timestamp\n\xff,2024-05-01\n")
