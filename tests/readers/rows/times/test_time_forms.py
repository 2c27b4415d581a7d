"""Times in forms that the schema gives, and in no other."""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.base import Reason
from clicksession.readers.rows.times import Instants, Meaning, as_instants


def read(values: list[Any], *forms: str, **asked: Any) -> Instants:
    meaning = Meaning(forms=cs.EventSchema(time_format=forms).time_format, **asked)  # type: ignore[arg-type]
    return as_instants(pa.chunked_array([pa.array(values)]), meaning)


def shown(found: Instants) -> list[str | None]:
    times = found.times.to_pylist()
    return [None if time is None else f"{time:%Y-%m-%d %H:%M:%S.%f}"[:-3] for time in times]


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%d/%m/%Y %H:%M", "05/01/2024 10:00", "2024-01-05 10:00:00.000"),
        ("%m/%d/%Y %H:%M", "05/01/2024 10:00", "2024-05-01 10:00:00.000"),
        ("%d.%m.%Y", "1.5.2024", "2024-05-01 00:00:00.000"),
        ("%Y%m%d%H%M%S", "20240501100000", "2024-05-01 10:00:00.000"),
        ("%Y%m%d%H", "2024050110", "2024-05-01 10:00:00.000"),
        ("%y%m%d", "240501", "2024-05-01 00:00:00.000"),
        ("%y-%m-%d", "95-05-01", "1995-05-01 00:00:00.000"),
        ("%Y.%j", "2024.122", "2024-05-01 00:00:00.000"),
        ("%Y%j", "2024366", "2024-12-31 00:00:00.000"),
        ("%d %b %Y %I:%M %p", "1 May 2024 10:00 pm", "2024-05-01 22:00:00.000"),
        ("%B %d, %Y %I%p", "January 05, 2024 12AM", "2024-01-05 00:00:00.000"),
        ("%a %b %d %H:%M:%S %Y", "Wed May  1 10:00:00 2024", "2024-05-01 10:00:00.000"),
        ("%A, %d %B %Y", "Wednesday, 01 May 2024", "2024-05-01 00:00:00.000"),
        ("%Y-%m-%d %H:%M:%S.%f", "2024-05-01 10:00:00.1", "2024-05-01 10:00:00.100"),
        ("%d/%m/%Y %H:%M:%S,%f", "01/05/2024 10:00:00,123456789", "2024-05-01 10:00:00.123"),
        ("%d/%m/%Y %T %z", "01/05/2024 12:00:00 +0200", "2024-05-01 10:00:00.000"),
        ("%d/%m/%Y %R%z", "01/05/2024 10:00Z", "2024-05-01 10:00:00.000"),
        ("%d/%m/%Y %R %Z", "01/05/2024 10:00 UTC", "2024-05-01 10:00:00.000"),
        ("%D %T", "05/01/24 10:00:00", "2024-05-01 10:00:00.000"),
        ("%F %T", " 2024-05-01  10:00:00 ", "2024-05-01 10:00:00.000"),
        ("%d/%m/%Y 100%%", "01/05/2024 100%", "2024-05-01 00:00:00.000"),
        ("%Y-%m-%dT%H(h)", "2024-05-01T10(h)", "2024-05-01 10:00:00.000"),
    ],
)
def test_one_form(form: str, text: str, expected: str) -> None:
    assert shown(read([text], form)) == [expected]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d/%m/%Y", "05/13/2024"),
        ("%d/%m/%Y", "31/04/2024"),
        ("%d/%m/%Y", "2024-05-01"),
        ("%d/%m/%Y", "01/05/2024 10:00"),
        ("%d/%m/%Y", "01/05/24"),
        ("%Y%m%d", "202451"),
        ("%Y.%j", "2023.366"),
        ("%Y.%j", "2024.000"),
        ("%a %d/%m/%Y", "Mon 01/05/2024"),  # it was a Wednesday
        ("%d/%m/%Y %I%p", "01/05/2024 13PM"),
        ("%d/%m/%Y %R %Z", "01/05/2024 10:00 CET"),
        ("%d/%m/%Y %R %z", "01/05/2024 10:00 +2500"),
        ("%d/%m/%Y", "now"),
        ("%d/%m/%Y", "1714557600"),
    ],
)
def test_what_fits_no_form_is_no_time(form: str, text: str) -> None:
    assert read([text], form).refused == {0: Reason.BAD_TIME}


def test_of_several_forms_the_first_that_fits_counts() -> None:
    forms = ("%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d")
    found = read(["05/01/2024", "05/13/2024", "2024-05-01", None, "x"], *forms)
    dates = [None if time is None else time[:10] for time in shown(found)]
    assert dates == ["2024-01-05", "2024-05-13", "2024-05-01", None, None]
    assert found.refused == {4: Reason.BAD_TIME}


@pytest.mark.parametrize(
    "values",
    [[2024050110, None], [2024050110.0, None], ["2024050110", None]],
)
def test_a_number_is_read_by_its_digits(values: list[Any]) -> None:
    assert shown(read(values, "%Y%m%d%H")) == ["2024-05-01 10:00:00.000", None]


def test_with_a_unit_numbers_that_fit_no_form_are_counts() -> None:
    found = read(["01/05/2024", "1714557600"], "%d/%m/%Y", unit="s")
    assert shown(found) == ["2024-05-01 00:00:00.000", "2024-05-01 10:00:00.000"]


def test_columns_of_times_need_no_form() -> None:
    found = read([datetime(2024, 5, 1, 10)], "%d/%m/%Y")
    assert shown(found) == ["2024-05-01 10:00:00.000"]


_FORMS = ["%d/%m/%Y %H:%M:%S.%f", "%Y%m%d%H%M%S%f", "%a %b %d %H:%M:%S.%f %Y", "%j %y %I%p %M%S %f"]


@given(st.datetimes(datetime(1995, 1, 1), datetime(2068, 12, 31)), st.sampled_from(_FORMS))
def test_what_strftime_wrote_is_read_as_strptime_does(time: datetime, form: str) -> None:
    text = time.strftime(form)
    found = read([text], form).times.to_pylist()
    assert found[0].replace(tzinfo=None) == datetime.strptime(text, form) == time


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("%Q %d/%m/%Y", "It knows no %Q"),
        ("%c", "It knows no %c"),
        ("%H:%M", "It needs a whole date"),
        ("%b %d %H:%M:%S", "It needs a whole date"),
        ("yesterday", "It needs a whole date"),
        ("%d/%m/%Y %I:%M", "%I needs %p"),
        ("%d/%m/%Y %H %p", "%I needs %p"),
        ("%d/%m/%Y %Y", "twice"),
        ("%d/%m/%y %Y", "twice"),
        ("%Y-%j %m", "twice"),
        ("%F %", "It ends"),
    ],
)
def test_a_form_that_cannot_be_meant_is_refused(form: str, words: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match="time_format") as error:
        cs.EventSchema(time_format=form)
    assert words in str(error.value)


def test_a_csv_with_its_days_first(tmp_path) -> None:  # type: ignore[no-untyped-def]
    log = tmp_path / "log.csv"
    log.write_text("user_id,timestamp\nu,13/05/2024 10:00\nu,05/13/2024 10:00\n")
    schema = cs.EventSchema(time_format="%d/%m/%Y %H:%M", zone="Europe/Berlin")
    report = cs.ReadReport()
    events = cs.read_events(log, schema=schema, on_error="quarantine", report=report)
    assert [str(time) for time in events["timestamp"]] == ["2024-05-13 08:00:00+00:00"]
    assert report.refused == {"bad_time": 1}
    with pytest.raises(cs.errors.BadRowError, match="timestamp is no time: '13/05/2024 10:00'"):
        cs.read_events(log)
