"""One value is one instant, or one refusal, whatever holds it and whatever stands beside it."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clicksession as cs
from tests.readers.rows.times.test_time_spellings import _AT_TEN

Outcome = int | str | None
"""Nanoseconds since 1970, the reason of a refusal, or nothing for a null."""


def outcomes(source: Any, rows: int, **options: Any) -> list[Outcome]:
    """Return what became of the time of each row of a source, which numbers them as users."""
    report = cs.ReadReport()
    events = cs.read_events(source, on_error="quarantine", report=report, **options)
    found: list[Outcome] = [None] * rows
    for user, time in zip(events["user_id"], events["timestamp"], strict=True):
        found[int(user)] = None if pd.isna(time) else pd.Timestamp(time).as_unit("ns").value
    for row in report.quarantine:
        number = (
            row.raw.decode().partition(",")[0] if row.header else json.loads(row.raw)["user_id"]
        )
        found[int(number)] = str(row.reason)
    return found


@pytest.fixture(autouse=True)
def nothing_in_memory() -> Iterator[None]:
    yield
    MemoryFileSystem.store.clear()


def in_file(name: str, content: bytes) -> str:
    MemoryFileSystem.store.clear()
    with MemoryFileSystem().open(f"/{name}", "wb") as file:
        file.write(content)
    return f"memory://{name}"


def as_json(values: Sequence[Any]) -> str:
    lines = (json.dumps({"user_id": n, "timestamp": value}) for n, value in enumerate(values))
    return in_file("log.json", "\n".join(lines).encode())


def as_csv(values: Sequence[Any]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["user_id", "timestamp"])
    writer.writerows(enumerate(values))
    return in_file("log.csv", text.getvalue().encode())


def as_dicts(values: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"user_id": n, "timestamp": value} for n, value in enumerate(values)]


def as_objects(values: Sequence[Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {"user_id": range(len(values)), "timestamp": pd.Series(values, dtype=object)}
    )


def typed(kind: pa.DataType) -> Callable[[Sequence[Any]], pa.Table]:
    def made(values: Sequence[Any]) -> pa.Table:
        column = pa.array(values, kind.value_type if pa.types.is_dictionary(kind) else kind)
        return pa.table({"user_id": range(len(values)), "timestamp": column.cast(kind)})

    return made


def as_parquet(kind: pa.DataType) -> Callable[[Sequence[Any]], str]:
    def made(values: Sequence[Any]) -> str:
        buffer = io.BytesIO()
        pq.write_table(typed(kind)(values), buffer)
        return in_file("log.parquet", buffer.getvalue())

    return made


def as_pandas(kind: str) -> Callable[[Sequence[Any]], pd.DataFrame]:
    return lambda values: pd.DataFrame(
        {"user_id": range(len(values)), "timestamp": pd.Series(values, dtype=kind)}
    )


_TEXT_TYPES = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.dictionary(pa.int32(), pa.string()),
]

_COUNTS = st.one_of(
    st.sampled_from([0, -5, 1234, 45413, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1]),
    st.sampled_from([20240501, 20241301, 2024050110, 202405011000, 20240501100000]),
    st.sampled_from([638501472000000000, 133590240000000000]),
    st.builds(
        lambda seconds, factor, rest: seconds * factor + rest % factor,
        st.integers(788918400, 4102444800),
        st.sampled_from([1, 10**3, 10**6, 10**9]),
        st.integers(0, 10**9),
    ),
    st.integers(-(2**63), 2**64 - 1),
)
_FRACTIONS = st.one_of(
    st.sampled_from([1.5, 45413.4166, 1714557600.25, 1714557600123.5, -0.5, 1e300]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.builds(lambda seconds: seconds / 10**6, st.integers(788918400 * 10**6, 4 * 10**15)),
)
_SPELLED = st.sampled_from([*_AT_TEN, "now", "2024-05", "0020240501", "9999-12-31", "0001-01-01"])
_BESIDE = st.lists(st.one_of(_COUNTS, _FRACTIONS, _SPELLED), max_size=3)
_SLOW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_SLOW
@given(_COUNTS, _BESIDE)
def test_a_whole_number(count: int, beside: list[Any]) -> None:
    expected = outcomes(as_dicts([count]), 1)
    rows = len(beside) + 1
    for values in ([count, *beside], [str(count), *beside], [Decimal(count), *beside]):
        for made in (as_dicts, as_csv, as_objects):
            assert outcomes(made(values), rows)[:1] == expected
    for values in ([count, *beside], [str(count), *beside]):
        assert outcomes(as_json(values), rows)[:1] == expected
    for kind in (pa.decimal128(38, 0), pa.decimal128(38, 6), pa.decimal256(60, 20)):
        # Digits after the point make it one that is read as a float is.
        if kind.scale == 0 or abs(count) < 2**53:
            assert outcomes(as_parquet(kind)([Decimal(count)]), 1) == expected
    for kind in (
        *_TEXT_TYPES,
        pa.int8(),
        pa.int16(),
        pa.int32(),
        pa.int64(),
        pa.uint32(),
        pa.uint64(),
    ):
        value = str(count).encode() if "binary" in str(kind) else count
        try:
            source = typed(kind)([value if pa.types.is_integer(kind) else _as_text(value)])
        except (pa.ArrowInvalid, OverflowError):
            continue
        assert outcomes(source, 1) == expected
    if abs(count) < 2**53:
        for source in (as_parquet(pa.float64())([float(count)]), as_pandas("float64")([count])):
            assert outcomes(source, 1) == expected


def _as_text(value: Any) -> Any:
    return value if isinstance(value, bytes) else str(value)


@_SLOW
@given(_FRACTIONS, _BESIDE)
def test_a_number_with_a_fraction(number: float, beside: list[Any]) -> None:
    expected = outcomes(as_dicts([number]), 1)
    rows = len(beside) + 1
    for values in ([number, *beside], [repr(number), *beside], [Decimal(repr(number)), *beside]):
        for made in (as_dicts, as_csv, as_objects):
            assert outcomes(made(values), rows)[:1] == expected
    for values in ([number, *beside], [repr(number), *beside]):
        assert outcomes(as_json(values), rows)[:1] == expected
    assert outcomes(as_parquet(pa.float64())([number]), 1) == expected
    if 1 < abs(number) < 10**16:
        exact = Decimal(repr(number))
        assert outcomes(as_parquet(pa.decimal256(70, 40))([exact]), 1) == expected
    for kind in _TEXT_TYPES:
        text = repr(number).encode() if "binary" in str(kind) else repr(number)
        assert outcomes(typed(kind)([text]), 1) == expected


@_SLOW
@given(_SPELLED, _BESIDE)
def test_a_text(text: str, beside: list[Any]) -> None:
    expected = outcomes(as_dicts([text]), 1)
    rows = len(beside) + 1
    for made in (as_dicts, as_csv, as_objects, as_json):
        assert outcomes(made([text, *beside]), rows)[:1] == expected
    for kind in _TEXT_TYPES:
        value = text.encode() if "binary" in str(kind) else text
        assert outcomes(typed(kind)([value]), 1) == expected
        assert outcomes(as_parquet(kind)([value]), 1) == expected


@_SLOW
@given(
    st.datetimes(
        datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([None, UTC])
    ),
    _BESIDE,
)
def test_a_time(time: datetime, beside: list[Any]) -> None:
    expected = outcomes(as_dicts([time]), 1)
    zone = "UTC" if time.tzinfo else None
    assert outcomes(as_dicts([time, *beside]), len(beside) + 1)[:1] == expected
    assert outcomes(as_json([time.isoformat()]), 1) == expected
    for unit in ("us", "ns"):
        assert outcomes(typed(pa.timestamp(unit, zone))([time]), 1) == expected
        assert outcomes(as_parquet(pa.timestamp(unit, zone))([time]), 1) == expected
    whole = time.replace(microsecond=0)
    expected = outcomes(as_dicts([whole]), 1)
    for unit in ("s", "ms"):
        assert outcomes(typed(pa.timestamp(unit, zone))([whole]), 1) == expected
    assert outcomes(as_pandas("datetime64[s]")([whole.replace(tzinfo=None)]), 1) == expected


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_a_date(kind: pa.DataType) -> None:
    expected = outcomes(as_dicts(["2024-05-01"]), 1)
    date = datetime(2024, 5, 1).date()
    assert outcomes(as_dicts([date]), 1) == expected == [1714521600 * 10**9]
    assert outcomes(typed(kind)([date]), 1) == expected


@pytest.mark.parametrize(
    "values",
    [
        pa.array([1], pa.time64("us")),
        pa.array([1], pa.time32("s")),
        pa.array([1], pa.duration("s")),
        pa.array([True]),
    ],
)
def test_types_that_are_no_times(values: pa.Array) -> None:
    assert outcomes(pa.table({"user_id": [0], "timestamp": values}), 1) == ["bad_time"]


_INFINITE = 2**63 - 1


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (pa.array([_INFINITE]).cast(pa.timestamp("us")), "future_time"),
        (pa.array([-_INFINITE]).cast(pa.timestamp("us", "UTC")), "past_time"),
        (pa.array([_INFINITE]).cast(pa.timestamp("ns")), "future_time"),
        (pa.array([_INFINITE // 1000]).cast(pa.timestamp("s")), "future_time"),
        (pa.array([2**31 - 1], pa.int32()).cast(pa.date32()), "future_time"),
        (pa.array([-(2**31) + 1], pa.int32()).cast(pa.date32()), "past_time"),
        (pa.array([float("inf")]), "bad_time"),
        (pa.array(["infinity"]), "bad_time"),
    ],
)
def test_an_infinite_time_is_refused(source: pa.Array, reason: str) -> None:
    table = pa.table({"user_id": [0], "timestamp": source})
    assert outcomes(table, 1) == [reason]
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    assert outcomes(in_file("log.parquet", buffer.getvalue()), 1) == [reason]


@pytest.mark.parametrize("value", [float("inf"), Decimal("Infinity"), "Infinity"])
def test_an_infinite_number_is_no_time(value: object) -> None:
    assert outcomes(as_dicts([value]), 1) == ["bad_time"]
    assert outcomes(as_objects([value]), 1) == ["bad_time"]


def test_what_is_no_number_is_null() -> None:
    for source in (as_dicts([float("nan")]), typed(pa.float64())([float("nan")])):
        assert outcomes(source, 1) == [None]


def test_times_of_several_kinds_in_one_column_of_objects() -> None:
    noon = datetime(2024, 7, 1, 12)
    times = [noon.date(), noon, noon.replace(tzinfo=UTC)]
    schema = cs.EventSchema(zone="Europe/Berlin")
    expected = outcomes(as_dicts(times), 3, schema=schema)
    midnight = 1719784800 * 10**9
    assert expected == [midnight, midnight + 12 * 3600 * 10**9, midnight + 14 * 3600 * 10**9]
    for values in (times, times[::-1]):
        found = outcomes(as_objects(values), 3, schema=schema)
        assert found == [expected[times.index(value)] for value in values]
