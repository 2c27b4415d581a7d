"""Times of every spelling come out as the same instants."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from clicksession.readers.times import as_instants


def instants(values: list[object]) -> list[str | None]:
    found, bad = as_instants(pa.chunked_array([pa.array(values)]))
    assert not bad.any()
    return [
        None if value is None else pd.Timestamp(value).isoformat() for value in found.to_pylist()
    ]


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


def test_nanoseconds_are_kept_where_there_are_any() -> None:
    found, _ = as_instants(pa.chunked_array([pa.array(["2024-05-01T10:00:00.123456789"])]))
    assert found.type == pa.timestamp("ns", "UTC")
    assert found[0].value == 1714557600123456789


@pytest.mark.parametrize(
    ("values", "bad"),
    [
        (["2024-05-01", "soon", None, "2024-13-01"], [False, True, False, True]),
        ([1714557600.0, float("inf")], [False, True]),
        (["2024-05-01", "1714557600"], [False, True]),
        ([True, None], [True, False]),
    ],
)
def test_what_is_no_time_is_bad_and_not_null(values: list[object], bad: list[bool]) -> None:
    found, marked = as_instants(pa.chunked_array([pa.array(values)]))
    assert marked.tolist() == bad
    assert np.asarray(found.is_null())[marked].all()
