"""Numbers stay numbers: in every format, file, block and run."""

import json
import math
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.numerals import (
    NUMBER,
    TEXT,
    are_digits,
    kinds_of_cells,
    narrowed,
    number_of,
    of_decimals,
)
from clicksession.quality import content_ids
from clicksession.readers.formats.csv import records as csv_records
from tests.readers.door import ran

AT = "2024-05-01T10:00:00Z"


def column(folder: Path, cells: list[str]) -> tuple[pd.Series, cs.ReadReport]:
    """Return what becomes of a column of CSV, and what is said of it."""
    rows = "".join(f"u,{AT},{cell}\n" for cell in cells)
    (folder / "log.csv").write_text(f"user_id,timestamp,x\n{rows}")
    report = cs.ReadReport()
    return cs.read_events(folder / "log.csv", report=report, drop_duplicates=None)["x"], report


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1.5", "2.0", "2.50", "1E-05", "1e5", ".5", "-0.0", "-.25", "0e-400"], "float64"),
        (["1", "2.0"], "float64"),
        (["7", "-3", "0", "9223372036854775807"], "Int64"),
        (["123456789012345", "1.5"], "float64"),
        (["9007199254740992", "1.5"], "float64"),
        (["0.00000012345678901234", "1.5"], "float64"),
        (["9007199254740993", "1.5"], "str"),
        (["9223372036854775808"], "str"),
        (["1.234567890123456"], "str"),
        (["007", "8"], "str"),
        (["00.5"], "str"),
        (["+1"], "str"),
        (["1e400"], "str"),
        (["1e-310"], "str"),
        (["1,5"], "str"),
        (["1_000"], "str"),
        (["nan", "1.5"], "str"),
        (["inf"], "str"),
        (["0x1f"], "str"),
        (["1.5", "n/a"], "str"),
    ],
)
def test_what_is_a_number(cells: list[str], kind: str, tmp_path: Path) -> None:
    quoted = [f'"{cell}"' for cell in cells]
    found, _ = column(tmp_path, quoted)
    assert str(found.dtype) == kind
    if kind == "str":
        assert found.tolist() == cells
    else:
        assert found.tolist() == [float(cell) if kind == "float64" else int(cell) for cell in cells]


@given(st.lists(st.from_regex(r"\A-?[0-9]{0,17}(\.[0-9]{0,17})?(e-?[0-9]{1,3})?\Z"), max_size=5))
def test_a_number_is_exactly_what_its_digits_say(cells: list[str]) -> None:
    values, _ = narrowed(pa.chunked_array([pa.array(cells, pa.string())]))
    for cell, value in zip(cells, values.to_pylist(), strict=True):
        if isinstance(value, float):
            digits = Decimal(cell).as_tuple().digits
            written = len("".join(map(str, digits)).lstrip("0"))
            # As many digits as were written give back what was written.
            assert Decimal(f"{value:.{max(written - 1, 0)}e}") == Decimal(cell)
        else:
            assert value == (int(cell) if isinstance(value, int) else cell)


@given(st.lists(st.sampled_from(["1.5", "2", "2.50", "1e3", "9007199254740993", "n/a", "007"])))
def test_one_cell_by_itself(cells: list[str]) -> None:
    values = narrowed(pa.chunked_array([pa.array(cells, pa.string())]))[0].to_pylist()
    if not any(isinstance(value, str) for value in values):
        assert values == [number_of(cell) for cell in cells]


def test_what_pandas_wrote(tmp_path: Path) -> None:
    frame = pd.DataFrame({"user_id": ["a", "b"], "timestamp": [AT, AT], "price": [1.5, 2.0]})
    frame.to_csv(tmp_path / "log.csv", index=False)
    found = ran(tmp_path / "log.csv", tmp_path)
    assert found.events["price"].sum() == 3.5


@pytest.mark.parametrize("prices", [["1.5", "2.0"], ["2.0", "1.5"], ["2", "1.5"], ["1.5", "2"]])
def test_no_price_is_refused(prices: list[str], tmp_path: Path) -> None:
    paths = [tmp_path / "1.csv", tmp_path / "2.csv"]
    for path, price in zip(paths, prices, strict=True):
        path.write_text(f"user_id,timestamp,price\na,{AT},{price}\n")
    found = ran(paths, tmp_path, on_misfit="quarantine")
    assert found.report.refused == 0
    assert sorted(found.events["price"]) == sorted(map(float, prices))
    target = f"duckdb:///{tmp_path / 'runs.duckdb'}"
    reports = [cs.run(path, target) for path in paths]
    assert [report.events_added for report in reports] == [1, 1]


def test_blocks_of_whole_numbers_and_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = column(tmp_path, ["1", "2.50", "3", "4.0"])
    for size in (30, 60, 90):
        monkeypatch.setattr(csv_records, "BLOCK_BYTES", size, raising=True)
        cut, report = column(tmp_path, ["1", "2.50", "3", "4.0"])
        pd.testing.assert_series_equal(cut, whole)
        assert report.changed_types == {}


def test_every_format_gives_one_type(tmp_path: Path) -> None:
    prices = [Decimal("1.50"), Decimal("2.00"), None]
    rows = [{"user_id": "u", "timestamp": AT, "price": price} for price in prices]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "log.parquet")
    pd.DataFrame(rows).to_csv(tmp_path / "log.csv", index=False)
    texts = [json.dumps({**row, "price": row["price"] and float(row["price"])}) for row in rows]  # type: ignore[arg-type]
    (tmp_path / "log.json").write_text("\n".join(texts))
    sources: list[Any] = [rows, *(tmp_path / f"log.{form}" for form in ("parquet", "csv", "json"))]
    for source in sources:
        found = cs.read_events(source)["price"]
        assert str(found.dtype) == "float64"
        assert found.tolist()[:2] == [1.5, 2.0]
        assert math.isnan(found.tolist()[2])


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (pa.decimal128(38, 9), ["19.99", "2"], [19.99, 2.0]),
        (pa.decimal128(38, 0), ["1714557600123"], [1714557600123]),
        (pa.decimal128(38, 0), ["12345678901234567890"], ["12345678901234567890"]),
        (pa.decimal128(38, 20), ["1.00000000000000000001", "2"], ["1.00000000000000000001", "2"]),
        (pa.decimal128(5, -2), ["12300"], [12300]),
    ],
)
def test_decimals(kind: pa.DataType, values: list[str], expected: list[Any]) -> None:
    column = pa.chunked_array([pa.array(map(Decimal, values), kind)])
    assert of_decimals(column).to_pylist() == expected


@pytest.mark.parametrize(
    ("cells", "kinds"),
    [
        (["1.5", "n/a"], ("number", "text")),
        (["007", "8"], ("number", "text")),
        (["0.1234567890123456", "1"], ("number of more than 15 digits",)),
        (["a", "b"], None),
        (["1", "2.0"], None),
    ],
)
def test_what_became_text_is_said(cells: list[str], kinds: Any, tmp_path: Path) -> None:
    _, report = column(tmp_path, cells)
    assert report.changed_types.get("x") == kinds
    assert ("'x' became text" in str(report)) == bool(kinds)


def test_a_row_is_the_same_whatever_its_column_became(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text(f"user_id,timestamp,price\na,{AT},2.0\na,{AT},1.50\n")
    (tmp_path / "2.csv").write_text(
        f"user_id,timestamp,price\na,{AT},2.0\na,{AT},1.50\na,{AT},n/a\n"
    )
    target = f"duckdb:///{tmp_path / 'shop.duckdb'}"
    added = [cs.run(tmp_path / f"{n}.csv", target).events_added for n in (1, 2)]
    assert added == [2, 1]
    one, other = pd.DataFrame({"x": ["1.10"]}), pd.DataFrame({"x": ["1.1.0"]})
    assert content_ids(one) != content_ids(other)


TOKENS = st.text("0179-.eE+ax ", max_size=4)


@given(st.lists(TOKENS, min_size=1, max_size=8), st.data())
def test_digits_are_told_in_whatever_part_of_an_array(
    texts: list[str], data: st.DataObject
) -> None:
    begin = data.draw(st.integers(0, len(texts) - 1))
    kind = data.draw(st.sampled_from([pa.string(), pa.large_string()]))
    part = pa.array(texts, kind).slice(begin)
    assert are_digits(part) == all(re.fullmatch("0|[1-9][0-9]*", text) for text in texts[begin:])


@given(st.lists(st.none() | TOKENS, max_size=8))
def test_kinds_of_cells_are_those_of_each_by_itself(cells: list[str | None]) -> None:
    form = r"-?((0|[1-9][0-9]*)(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
    kinds = {NUMBER if re.fullmatch(form, cell) else TEXT for cell in cells if cell is not None}
    assert kinds_of_cells(pa.chunked_array([pa.array(cells, pa.string())])) == kinds


@pytest.mark.parametrize(
    ("cells", "kinds"),
    [
        (["10.0.0.1", "1.5"], {"text", "number"}),
        (["10.0.0.1", None, "10.0.0.2"], {"text"}),
        (["1.5", "10.0.0.1"], {"text", "number"}),
    ],
)
def test_a_number_beside_addresses_is_one(cells: list[str | None], kinds: set[str]) -> None:
    assert kinds_of_cells(pa.chunked_array([cells])) == kinds
