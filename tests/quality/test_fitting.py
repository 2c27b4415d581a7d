"""What is done to a row so that every database takes it depends on the row alone."""

from hashlib import sha256

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicksession.bounds import LONGEST_ID, Bounds
from clicksession.quality.fitting import (
    far_times,
    long_ids,
    long_texts,
    short_id,
    short_ids,
    wide_rows,
    without_nuls,
)
from clicksession.sql.dialects import WRITABLE, common_bounds, spelling

_TEXTS = st.lists(st.none() | st.text(alphabet="a\0é😀", max_size=5), max_size=8)
_LONG = st.lists(
    st.none() | st.text(alphabet="aé😀", min_size=1, max_size=3).map(lambda text: text * 170),
    max_size=5,
)


@st.composite
def chunked(draw: st.DrawFn, texts: st.SearchStrategy[list[str | None]]) -> pa.ChunkedArray:
    """A column in two chunks, of which the first is a slice of a longer one."""
    kind = draw(st.sampled_from([pa.string(), pa.large_string()]))
    first, second = draw(texts), draw(texts)
    longer = pa.array(["\0", *first, "\0"], kind)
    return pa.chunked_array([longer.slice(1, len(first)), pa.array(second, kind)])


@given(chunked(_TEXTS))
def test_each_nul_is_replaced(column: pa.ChunkedArray) -> None:
    found, count = without_nuls(column)
    given_texts = column.to_pylist()
    assert found.to_pylist() == [text and text.replace("\0", "\ufffd") for text in given_texts]
    assert found.type == column.type
    assert count == sum("\0" in (text or "") for text in given_texts)


@given(chunked(_LONG))
def test_ids_are_fitted_one_by_one(column: pa.ChunkedArray) -> None:
    texts = column.to_pylist()
    long = [len((text or "").encode()) > LONGEST_ID for text in texts]
    flags = long_ids(column)
    assert (flags is not None) == any(long)
    if flags is None:
        return
    assert flags.tolist() == long
    ids, whole = short_ids(column, flags)
    assert ids.to_pylist() == [text and short_id(text) for text in texts]
    assert whole.to_pylist() == [
        text if is_long else None for text, is_long in zip(texts, long, strict=True)
    ]


@given(st.text(alphabet="aé😀", min_size=1, max_size=700), st.text(alphabet="aé😀", max_size=3))
def test_other_ids_stay_other_ones(text: str, end: str) -> None:
    fitted = short_id(text)
    assert len(fitted.encode()) <= LONGEST_ID
    # What is fitted stays as it is.
    assert short_id(fitted) == fitted
    assert (short_id(text + end) == fitted) == (end == "")
    if fitted != text:
        assert text.startswith(fitted.split("…")[0])
        assert fitted.endswith(sha256(text.encode()).hexdigest())


def test_a_session_of_the_longest_id_fits_every_index() -> None:
    longest = f":{-62_135_596_800_000_000}.{2**31}"
    characters = common_bounds().key_characters
    assert characters is not None
    assert LONGEST_ID + len(longest) <= characters


def test_the_bounds_are_the_tightest_of_the_databases() -> None:
    declared = [spelling(name).bounds for name in WRITABLE]
    common = common_bounds()
    for name in ("columns", "key_characters", "row_bytes", "statement_bytes"):
        said = [value for each in declared if (value := getattr(each, name)) is not None]
        assert getattr(common, name) == min(said)


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_times_beyond_the_years_of_databases(unit: str, zone: str | None) -> None:
    days = np.array(["0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31"], "datetime64[s]")
    times = pa.array(days.astype(f"datetime64[{unit}]")).cast(pa.timestamp(unit, zone))
    flags = far_times(pa.chunked_array([times]), common_bounds())
    assert flags is not None
    assert flags.tolist() == [True, False, False, True]
    assert far_times(pa.chunked_array([times.slice(1, 2)]), common_bounds()) is None


def test_a_row_is_as_wide_as_its_own_values() -> None:
    bounds = Bounds("any", row_bytes=300 + 100)
    texts = pa.array(["x" * 40, "x" * 40, "x" * 41, None, "x"])
    table = pa.table({f"t{n}": texts for n in range(3)} | {"n": pa.array([1] * 5)})
    # Three times 42 and a number, which begins behind a text; a longer text stands elsewhere.
    found = wide_rows(table, bounds)
    assert found is not None
    assert found.tolist() == [3 * 42 + 8 + 7] * 2 + [0] * 3


def test_the_texts_of_one_statement() -> None:
    bounds = Bounds("any", statement_bytes=10)
    table = pa.table({"a": ["é" * 3, None, "x" * 11], "b": ["x" * 4, "x" * 10, None]})
    found = long_texts(table, bounds)
    assert found is not None
    assert found.tolist() == [0, 0, 11]
    assert long_texts(table.slice(0, 2), bounds) is None
