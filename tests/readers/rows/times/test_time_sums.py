"""Counts that add up to a time do so without losing a digit."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicksession.readers.rows.times import FIRST, LAST, summed

_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def column(values: list[object], kind: pa.DataType | None = None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, kind)])


def in_nanoseconds(times: pa.ChunkedArray) -> list[int | None]:
    return times.cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_pylist()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2 * 10**9),
            st.integers(-(10**12), 10**12),
            st.integers(-(10**18), 10**18),
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["integer", "text", "decimal"]),
)
def test_a_sum_is_that_of_whole_numbers(rows: list[tuple[int, int, int]], written: str) -> None:
    units = ("s", "ms", "ns")
    convert = {"integer": lambda n: n, "text": str, "decimal": Decimal}[written]
    parts = [(column([convert(row[n]) for row in rows]), unit) for n, unit in enumerate(units)]
    times, bad = summed(parts)
    expected = [
        sum(count * _NANOSECONDS[unit] for count, unit in zip(row, units, strict=True))
        for row in rows
    ]
    assert not bad.any()
    assert in_nanoseconds(times) == expected


def test_a_null_makes_null_and_what_is_no_number_is_bad() -> None:
    starts = column(["1714557600", None, "1714557600", "soon", None])
    offsets = column([1.5, 1.5, None, 1.5, float("nan")])
    times, bad = summed([(starts, "s"), (offsets, "ms")])
    assert times.to_pylist()[1:] == [None] * 4
    assert in_nanoseconds(times)[0] == 1714557600_001_500_000
    assert bad.tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("values", [[True], [[1]]])
def test_what_is_of_no_type_of_numbers_is_bad(values: list[object]) -> None:
    times, bad = summed([(column([1714557600]), "s"), (column(values), "ms")])
    assert times.to_pylist() == [None]
    assert bad.tolist() == [True]


@pytest.mark.parametrize(
    ("unit", "count", "expected"),
    [("s", 10**18, LAST), ("s", -(2**63), FIRST), ("ms", 2**63 - 1, LAST), ("ns", 2**63 - 1, LAST)],
)
def test_a_sum_that_is_out_of_reach_is_at_the_end(unit: str, count: int, expected: int) -> None:
    times, bad = summed([(column([count]), unit), (column([count]), unit)])
    assert not bad.any()
    assert times.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())[0].as_py() == expected


def test_a_fraction_counts_to_the_microsecond() -> None:
    times, _ = summed([(column([1714557600.25]), "s"), (column(["0.5"]), "ms")])
    assert in_nanoseconds(times) == [1714557600_250_500_000]
