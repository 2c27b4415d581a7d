"""Times of every spelling come out as the same instants."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicksession.readers.base import Reason
from clicksession.readers.rows.times import Meaning, as_instants


def instants(values: list[object]) -> list[str | None]:
    found = as_instants(pa.chunked_array([pa.array(values)]))
    assert not found.refused
    times = found.times.to_pylist()
    return [None if value is None else pd.Timestamp(value).isoformat() for value in times]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2024-05-01T10:00:00"], "2024-05-01T10:00:00+00:00"),
        (["2024-05-01 10:00:00.5"], "2024-05-01T10:00:00.500000+00:00"),
        (["2024-05-01T12:00:00+02:00"], "2024-05-01T10:00:00+00:00"),
        (["2024-05-01T10:00:00Z"], "2024-05-01T10:00:00+00:00"),
        (["2024-05-01"], "2024-05-01T00:00:00+00:00"),
        ([1714557600], "2024-05-01T10:00:00+00:00"),
        ([1714557600000], "2024-05-01T10:00:00+00:00"),
        ([1714557600000000], "2024-05-01T10:00:00+00:00"),
        ([1714557600000000000], "2024-05-01T10:00:00+00:00"),
        (["1714557600"], "2024-05-01T10:00:00+00:00"),
        ([1714557600.25], "2024-05-01T10:00:00.250000+00:00"),
        (["1714557600.25"], "2024-05-01T10:00:00.250000+00:00"),
        (["1714557600.1234567"], "2024-05-01T10:00:00.123457+00:00"),
        ([1714557600.1234567], "2024-05-01T10:00:00.123457+00:00"),
        (["1.7145576E9"], "2024-05-01T10:00:00+00:00"),
    ],
)
def test_one_spelling(values: list[object], expected: str) -> None:
    assert instants([*values, None]) == [expected, None]


def test_spellings_mixed_in_one_column() -> None:
    mixed = ["2024-05-01T10:00:00", "2024-05-01T10:00:00.123456Z", "2024-05-01T12:00+02:00", None]
    assert instants(list(mixed)) == [
        "2024-05-01T10:00:00+00:00",
        "2024-05-01T10:00:00.123456+00:00",
        "2024-05-01T10:00:00+00:00",
        None,
    ]


def test_units_mixed_in_one_column() -> None:
    mixed: list[object] = [1714557600, 1714557600_000, 1714557600_000_000, 1714557600_000_000_000]
    expected = ["2024-05-01T10:00:00+00:00"] * 4
    assert instants(mixed) == expected
    assert instants([float(str(number)) for number in mixed]) == expected
    assert instants([str(number) for number in mixed]) == expected


@given(
    st.lists(
        st.tuples(
            st.datetimes(pd.Timestamp("1973-03-04"), pd.Timestamp("2100-01-01")),
            st.sampled_from(["s", "ms", "us", "ns", "iso", "iso+02:00"]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 6),
)
def test_any_spellings_in_one_column_wherever_it_is_cut(
    times: list[tuple[datetime, str]], cut: int
) -> None:
    written, expected = zip(*(spelled(time, unit) for time, unit in times), strict=True)
    assert instants(list(written)) == list(expected)
    parts = [part for part in (written[:cut], written[cut:]) if part]
    assert [found for part in parts for found in instants(list(part))] == list(expected)


def spelled(time: datetime, unit: str) -> tuple[str, str]:
    """Return a time as a log may write it, and what it is, in plain integers."""
    whole = (time - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    if unit.startswith("iso"):
        local = time + timedelta(hours=2) if "+" in unit else time
        return local.isoformat() + unit.removeprefix("iso"), iso(time)
    scale = {"s": 10**6, "ms": 10**3, "us": 1, "ns": 1}[unit]
    count = whole // scale * (1000 if unit == "ns" else 1)
    return str(count), iso(datetime(1970, 1, 1) + timedelta(microseconds=whole // scale * scale))


def iso(time: datetime) -> str:
    return pd.Timestamp(time, tz="UTC").isoformat()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_unit_that_is_given(unit: str) -> None:
    found = as_instants(pa.chunked_array([pa.array([60_000_000_000])]), Meaning(unit))
    seconds = 60_000_000_000 // {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    if unit == "s":  # the year 3871 is beyond what nanoseconds hold
        assert found.refused == {0: Reason.FUTURE_TIME}
    else:
        assert not found.refused
        expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        assert found.times.to_pylist() == [expected]


def test_eight_digits_are_a_date() -> None:
    assert instants(["20240501"]) == ["2024-05-01T00:00:00+00:00"]


def test_nanoseconds_are_kept_where_there_are_any() -> None:
    found = as_instants(pa.chunked_array([pa.array(["2024-05-01T10:00:00.123456789"])])).times
    assert found.type == pa.timestamp("ns", "UTC")
    assert found[0].value == 1714557600123456789


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("0001-01-01", Reason.PAST_TIME),
        ("9999-12-31T23:59:59-12:00", Reason.FUTURE_TIME),
        (-(2**63), Reason.PAST_TIME),
        (2**63 - 1, Reason.FUTURE_TIME),
        (1e300, Reason.FUTURE_TIME),
    ],
)
def test_what_cannot_be_held_is_refused_without_bounds(value: object, reason: Reason) -> None:
    found = as_instants(pa.chunked_array([pa.array([value])]))
    assert found.refused == {0: reason}
    assert found.times.to_pylist() == [None]


@pytest.mark.parametrize(
    ("values", "bad"),
    [
        (["2024-05-01", "soon", None, "2024-13-01"], [False, True, False, True]),
        ([1714557600.0, float("inf")], [False, True]),
        (["2024-05-01", "17145576x0"], [False, True]),
        (["", None, " "], [True, False, True]),
        ([True, None], [True, False]),
    ],
)
def test_what_is_no_time_is_bad_and_not_null(values: list[object], bad: list[bool]) -> None:
    found = as_instants(pa.chunked_array([pa.array(values)]))
    assert [row in found.refused for row in range(len(values))] == bad
    assert set(found.refused.values()) == {Reason.BAD_TIME}
    assert np.asarray(found.times.is_null())[bad].all()


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.string()])
def test_every_type_of_text(kind: pa.DataType) -> None:
    texts = [
        "2024-05-01",
        "1714521600",
        "2024-05-01 00:00:00 UTC",
        "1714521600.0",
        "20240501",
        None,
    ]
    for column in (pa.array(texts, kind), pa.array(texts).dictionary_encode()):
        for part in (column, column[:1], column[1:2], column[2:3], column[3:4], column[4:]):
            times = as_instants(pa.chunked_array([part])).times.drop_null()
            assert {str(time) for time in times} == {"2024-05-01 00:00:00+00:00"}
    assert len(as_instants(pa.chunked_array([], kind)).times) == 0


@given(st.integers(788918400 * 10**6, 4102444800 * 10**6), st.sampled_from([10**6, 10**3]))
def test_a_fraction_gives_back_the_microsecond_that_was_written(count: int, unit: int) -> None:
    for number in (count / unit, f"{count // unit}.{count % unit:0{len(str(unit)) - 1}}"):
        found = as_instants(pa.chunked_array([[number]])).times
        assert found.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_pylist() == [count]
