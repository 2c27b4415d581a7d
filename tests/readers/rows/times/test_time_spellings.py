"""Texts that say themselves what time they are, and texts that do not."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicksession.readers.base import Reason
from clicksession.readers.rows.times import Instants, as_instants


def read(*texts: str | None) -> Instants:
    return as_instants(pa.chunked_array([pa.array(texts, pa.string())]))


_AT_TEN = [
    "2024-05-01T10:00:00Z",
    "2024-05-01t10:00:00z",
    " 2024-05-01 10:00:00 ",
    "2024-05-01T10",
    "2024-05-01 10:00",
    "2024/05/01 10:00:00",
    "2024.05.01 10:00",
    "2024-5-1 10:00",
    "20240501T100000Z",
    "20240501T1000",
    "20240501 10:00:00",
    "20240501100000Z",
    "20240501120000+0200",
    "2024-05-01T12:00:00+02",
    "2024-05-01T12:00+0200",
    "2024-05-01 12:00:00 +02:00",
    "2024-05-01 10:00:00-00:00",
    "2024-05-01T10:00:00.000000000000Z",
    # BigQuery
    "2024-05-01 10:00:00 UTC",
    "2024-05-01 10:00:00.0 UTC",
    "2024-05-01 10:00:00.000000 UTC",
    "2024-05-01 10:00:00+00",
    "2024-05-01 10:00:00 GMT",
    # Go
    "2024-05-01 10:00:00 +0000 UTC",
    "2024-05-01 12:00:00 +0200 CEST",
    "2024-05-01 13:00:00.000 +0300 +03",
    "2024-05-01 10:00:00.000000 +0000 UTC m=+0.000012345",
    "2024-05-01 12:00:00 +0200 CEST m=-1.5",
    # Mail, HTTP and feeds
    "Wed, 01 May 2024 10:00:00 GMT",
    "Wed, 1 May 2024 12:00:00 +0200",
    "1 May 2024 10:00 +0000",
    "Wed, 01 May 2024 10:00:00 +0000 (UTC)",
    "wed, 01 may 2024 10:00:00 UT",
    "01 May 2024 06:00:00 EDT",
    "01 May 2024 03:00:00 PDT",
    "01 May 2024 10:00:00 Z",
    # Web servers
    "01/May/2024:10:00:00 +0000",
    "[01/May/2024:12:00:00 +0200]",
    # Java
    "2024-05-01T10:00:00Z[Europe/Berlin]",
    "2024-05-01T10:00Z[UTC]",
    "2024-05-01T12:00:00+02:00[Europe/Berlin]",
    "2024-05-01T12:00+02:00[GMT+02:00]",
    "[2024,5,1,10,0]",
    "[2024, 5, 1, 10, 0, 0]",
    "[2024,5,1,10,0,0,0]",
    # A comma before the fraction, as Python's logging has it
    "2024-05-01 10:00:00,000",
    "20240501T100000,000Z",
]


@pytest.mark.parametrize("text", _AT_TEN)
def test_a_text_says_what_time_it_is(text: str) -> None:
    assert [str(time) for time in read(text).times] == ["2024-05-01 10:00:00+00:00"]


def test_they_may_stand_in_one_column_in_any_order() -> None:
    assert {str(time) for time in read(*_AT_TEN).times} == {"2024-05-01 10:00:00+00:00"}


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("2024-05-01 10:00:00.5 UTC", 500_000_000),
        ("2024-05-01 10:00:00,123", 123_000_000),
        ("2024-05-01T10:00:00.123456789Z", 123_456_789),
        ("2024-05-01T10:00:00.1234567899Z", 123_456_789),
        ("01/May/2024:10:00:00.123 +0000", 123_000_000),
        ("[2024,5,1,10,0,0,123000000]", 123_000_000),
        ("[2024,5,1,10,0,0,1000]", 1000),
    ],
)
def test_fractions_of_any_width(text: str, nanoseconds: int) -> None:
    found = read(text, "2024-05-01").times.cast(pa.timestamp("ns", "UTC"))
    assert found.cast(pa.int64())[0].as_py() == 1714557600 * 10**9 + nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        *("now", "today", "tomorrow", "yesterday", "epoch", "infinity", "-infinity", "inf"),
        *("NaT", "nan", "NaN", "null", "None", "never", "", " ", "-", "true"),
        # Parts of a time
        *("2024-05", "2024-W18-3", "2024W183", "2024-122", "T10", "10:00", "10:00:00", "--05-01"),
        *("Wed", "May 2024", "May 01 10:00:00", "Wed May  1 10:00:00 2024"),
        # Days or months first: only a schema can say which
        *("01/05/2024", "05/01/2024 10:00", "01.05.2024", "1-5-2024", "May 1, 2024"),
        # No such day or time of day
        *("2024-02-30", "2023-02-29T10:00:00Z", "2024-13-01", "2024-05-01T24:00:00"),
        *("2024-05-01T23:59:60Z", "2024-05-01T10:60", "20241301", "20240230"),
        *("2024-05-01T10:00:00+24:00", "2024-05-01T10:00:00+02:60", "2024-05-01T10:00:00+2"),
        # A zone of a day, of which nothing says when it began; zones that are many or none
        *("2024-05-01Z", "2024-05-01+02:00", "2024-05-01 10:00:00 CET", "2024-05-01 10:00 EST"),
        *("01 May 2024 10:00:00 IST", "01 May 2024 10:00:00 A", "01 May 2024 10:00:00"),
        # What contradicts itself
        *("2024-05-01T10:00:00+01:00[Europe/Berlin]", "2024-05-01 10:00:00 +0200 UTC"),
        *("2024-05-01T10:00:00+00:00[Europe/Berlin]", "2024-05-01T10:00:00Z[Nowhere/Else]"),
        *("Tue, 01 May 2024 10:00:00 GMT", "2024-05-01T10:00:00+01:00[UTC]"),
        # Java's arrays of something else
        *("[2024,5]", "[2024]", "[]", "[2024,5,1,10]", "[2024,5,1,10,0,0,0,0]", "[2024,13,1]"),
        *("[2024,5,1,24,0]", '["2024",5,1]', "[2024.5,5,1]", "[null,5,1]"),
        *("-2024-05-01", "+2024-05-01", "12024-05-01", "0020240501", "007", "1e400", "1_000"),
        *("2024-05-01 10:00:00 AM", "2024-05-01T10:00:00ZZ", "2024-05-01x", "2024-05-01T10:0"),
        "\u0662\u0660\u0662\u0664-05-01",
    ],
)
def test_a_text_that_says_no_time(text: str) -> None:
    assert read(text).refused == {0: Reason.BAD_TIME}
    assert read("2024-05-01", text, "1714557600").refused == {1: Reason.BAD_TIME}


def test_a_seventh_number_below_a_thousand_may_be_milliseconds() -> None:
    assert read("[2024,5,1,10,0,0,123]").refused == {0: Reason.AMBIGUOUS_TIME}


_DIGITS = st.text("0123456789-:T Z+.,UTC/[]", max_size=30)
_TEXTS = st.one_of(
    _DIGITS,
    st.sampled_from(_AT_TEN),
    st.tuples(st.sampled_from(_AT_TEN), st.integers(0, 30), _DIGITS).map(
        lambda parts: parts[0][: parts[1]] + parts[2][:2] + parts[0][parts[1] + 1 :]
    ),
)


@given(st.lists(_TEXTS, min_size=1, max_size=12))
def test_what_a_text_comes_to_does_not_depend_on_others(texts: list[str]) -> None:
    together = read(*texts)
    nanoseconds = together.times.cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_pylist()
    for row, text in enumerate(texts):
        alone = read(text)
        assert alone.refused.get(0) == together.refused.get(row)
        own = alone.times.cast(pa.timestamp("ns", "UTC")).cast(pa.int64())
        assert own[0].as_py() == nanoseconds[row]
