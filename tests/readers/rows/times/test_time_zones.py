"""Wall clocks become the instants that `zoneinfo` knows, through every change of clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.base import Reason
from clicksession.readers.rows.times import Course, Instants, Meaning, as_instants
from tests.readers.door import ran

_ZONES = [
    "Europe/Berlin",
    "Europe/Dublin",  # whose winter has the negative offset of its summer
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",  # whose clocks change by 30 minutes
    "Pacific/Apia",  # which left out a whole day
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "UTC",
]

# Moments near which clocks change: what is random hardly ever hits them.
_CHANGES = [
    datetime(2024, 3, 31, 2),
    datetime(2024, 10, 27, 2),
    datetime(2024, 4, 7, 1, 30),
    datetime(2024, 10, 6, 2),
    datetime(2011, 12, 30),
    datetime(2024, 3, 10, 2),
    datetime(2024, 11, 3, 1),
    datetime(2044, 3, 27, 2),
    datetime(2044, 10, 30, 2),
]
_walls = st.one_of(
    st.datetimes(datetime(1995, 1, 2), datetime(2099, 12, 30)),
    st.builds(
        lambda change, seconds: change + timedelta(seconds=seconds),
        st.sampled_from(_CHANGES),
        st.integers(-7200, 30 * 3600),
    ),
)


def read(walls: list[str], course: Course | None = None, **asked: object) -> Instants:
    meaning = Meaning(**{"zone": "Europe/Berlin", **asked})  # type: ignore[arg-type]
    return as_instants(pa.chunked_array([pa.array(walls, pa.string())]), meaning, course)


def shown(found: Instants) -> list[str | None]:
    return [None if time is None else f"{time:%H:%M}" for time in found.times.to_pylist()]


@given(st.lists(_walls, min_size=1, max_size=20), st.sampled_from(_ZONES))
def test_every_wall_clock_is_what_zoneinfo_says(walls: list[datetime], zone: str) -> None:
    texts = [wall.isoformat(" ") for wall in walls]
    for fold, ambiguous in enumerate(("earlier", "later")):
        found = read(texts, zone=zone, ambiguous=ambiguous)
        shifted = read(texts, zone=zone, ambiguous=ambiguous, nonexistent="shift")
        own = [wall.replace(tzinfo=ZoneInfo(zone), fold=fold) for wall in walls]
        instants = [time.astimezone(UTC) for time in own]
        missing = [
            instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall
            for instant, wall in zip(instants, walls, strict=True)
        ]
        assert [row in found.refused for row in range(len(walls))] == missing
        assert set(found.refused.values()) <= {Reason.MISSING_HOUR}
        assert shifted.shifted == sum(missing)
        times = found.times.to_pylist()
        moved = shifted.times.to_pylist()
        for row, gone in enumerate(missing):
            assert times[row] == (None if gone else instants[row])
            by_offset_before = walls[row].replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            assert moved[row] == (by_offset_before if gone else instants[row])
        twice = [
            not gone and time.replace(fold=0).utcoffset() != time.replace(fold=1).utcoffset()
            for time, gone in zip(own, missing, strict=True)
        ]
        assert found.repeated == sum(twice)


def test_the_hour_that_comes_twice() -> None:
    night = ["2024-10-27 01:59", "2024-10-27 02:10", "2024-10-27 03:00"]
    assert shown(read(night)) == ["23:59", "00:10", "02:00"]
    assert shown(read(night, ambiguous="later")) == ["23:59", "01:10", "02:00"]
    refused = read(night, ambiguous="refuse")
    assert shown(refused) == ["23:59", None, "02:00"]
    assert refused.refused == {1: Reason.AMBIGUOUS_TIME}
    assert refused.repeated == 0


_NIGHT = ["02:30", "02:50", "02:10", "02:10", "02:59", "03:01"]
_ORDERED = ["00:30", "00:50", "01:10", "01:10", "01:59", "02:01"]


@pytest.mark.parametrize("cut", range(len(_NIGHT) + 1))
def test_order_tells_the_two_apart_wherever_the_log_is_cut(cut: int) -> None:
    course = Course()
    rows = [f"2024-10-27 {time}" for time in _NIGHT]
    parts = [read(part, course, ambiguous="order") for part in (rows[:cut], rows[cut:])]
    assert [time for part in parts for time in shown(part)] == _ORDERED
    assert sum(part.repeated for part in parts) == 5


def test_order_goes_by_the_row_before_whatever_that_names() -> None:
    rows = ["2024-10-27T01:05Z", "2024-10-27 02:10", "soon", "2099-01-01", "2024-10-27 02:20"]
    found = read(rows, ambiguous="order", latest=pd.Timestamp("2090").value // 1000)
    assert shown(found) == ["01:05", "01:10", None, None, "01:20"]


def test_order_cannot_tell_what_is_out_of_order() -> None:
    found = read(["2024-10-27 03:30", "2024-10-27 02:10", "2024-10-27 03:31"], ambiguous="order")
    assert found.refused == {1: Reason.AMBIGUOUS_TIME}
    assert found.repeated == 0


def test_a_zone_is_for_what_names_none() -> None:
    texts = ["2024-07-01 12:00", "2024-07-01T12:00Z", "1719835200", "2024-07-01 12:00 +0100"]
    assert shown(read(texts)) == ["10:00", "12:00", "12:00", "11:00"]


@pytest.mark.parametrize(
    ("column", "hour"),
    [
        (pa.array([datetime(2024, 7, 1, 12)], pa.timestamp("us")), "10:00"),
        (pa.array([datetime(2024, 7, 1, 12)], pa.timestamp("ms", "UTC")), "12:00"),
        (pa.array([datetime(2024, 7, 1, 12)], pa.timestamp("us", "America/New_York")), "12:00"),
        (pa.array([datetime(2024, 7, 1)], pa.date32()), "22:00"),
        (pa.array([datetime(2024, 7, 1)], pa.date64()), "22:00"),
        (pa.array([20240701]), "22:00"),
        (pa.array(["[2024,7,1,12,0]"]), "10:00"),
        (pa.array([1719835200]), "12:00"),
    ],
)
def test_a_zone_is_for_every_type_that_names_none(column: pa.Array, hour: str) -> None:
    found = as_instants(pa.chunked_array([column]), Meaning(zone="Europe/Berlin"))
    assert shown(found) == [hour]


def test_a_night_of_a_local_log_is_one_session(tmp_path) -> None:  # type: ignore[no-untyped-def]
    log = tmp_path / "log.csv"
    log.write_text("user_id,timestamp\nu,2024-10-27 02:50\nu,2024-10-27 02:10\n")
    schema = cs.EventSchema(zone="Europe/Berlin", ambiguous="order")
    came = ran(str(log), tmp_path, schema=schema)
    assert came.times == ["2024-10-27 00:50:00.000000", "2024-10-27 01:10:00.000000"]
    assert len(came.sessions) == 1
    assert came.report.reading.ambiguous_times == 2
    assert "2 times were in an hour that comes twice." in str(came.report.reading)
    batches = cs.scan_events(str(log), schema=schema, batch_rows=1)
    events = pd.concat(batches, ignore_index=True)
    assert cs.sessionize(events)["session_index"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("zone", "before", "after", "minutes"),
    [
        # Each pair is 20 minutes apart, over a change of clocks.
        ("Europe/Berlin", "2024-03-31 01:50", "2024-03-31 03:10", 20),
        ("Europe/Berlin", "2024-10-27 02:50", "2024-10-27 02:10", 20),
        ("Australia/Lord_Howe", "2024-04-07 01:50", "2024-04-07 01:40", 20),
        ("Australia/Lord_Howe", "2024-10-06 01:50", "2024-10-06 02:40", 20),
        ("Pacific/Apia", "2011-12-29 23:50", "2011-12-31 00:10", 20),
    ],
)
def test_sessions_through_changes_of_clocks(  # type: ignore[no-untyped-def]
    tmp_path, zone: str, before: str, after: str, minutes: int
) -> None:
    rows = [{"user_id": "u", "timestamp": time} for time in (before, after)]
    schema = cs.EventSchema(zone=zone, ambiguous="order")
    came = ran(rows, tmp_path, schema=schema)
    assert came.sessions["duration_seconds"].tolist() == [minutes * 60]
    events = cs.read_events(rows, schema=schema)
    assert cs.summarize(cs.sessionize(events))["event_count"].tolist() == [2]


def test_an_hour_that_is_left_out_is_a_bad_row_or_is_moved(tmp_path) -> None:  # type: ignore[no-untyped-def]
    rows = [
        {"user_id": "u", "timestamp": time} for time in ("2024-03-31 02:30", "2024-03-31 03:45")
    ]
    report = cs.ReadReport()
    schema = cs.EventSchema(zone="Europe/Berlin")
    events = cs.read_events(rows, schema=schema, on_error="quarantine", report=report)
    assert events["timestamp"].tolist() == [pd.Timestamp("2024-03-31 01:45", tz="UTC")]
    assert report.refused == {"missing_hour": 1}
    with pytest.raises(cs.errors.BadRowError, match="nonexistent='shift'"):
        cs.read_events(rows, schema=schema)
    moved = cs.EventSchema(zone="Europe/Berlin", nonexistent="shift")
    came = ran(rows, tmp_path, schema=moved)
    assert came.times == ["2024-03-31 01:30:00.000000", "2024-03-31 01:45:00.000000"]
    assert came.report.reading.shifted_times == 1


def test_each_source_has_its_own_order(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("user_id,timestamp\nu,2024-10-27 02:50\nu,2024-10-27 02:10\n")
    schema = cs.EventSchema(zone="Europe/Berlin", ambiguous="order")
    events = cs.read_events(str(tmp_path / "*.csv"), schema=schema, drop_duplicates=None)
    assert events["timestamp"].dt.strftime("%H:%M").tolist() == ["00:50", "01:10"] * 2


def test_an_offset_beside_the_time_needs_no_zone() -> None:
    texts = ["2024-10-27 02:50 +0200", "2024-10-27 02:10 +01:00"]
    assert shown(read(texts, zone=None)) == ["00:50", "01:10"]


def test_a_zone_is_for_the_paths_that_name_none() -> None:
    noon = datetime(2024, 7, 1, 12)
    table = pa.table(
        {
            "user_id": ["u", "u", "v"],
            "local": pa.array([noon, None, None], pa.timestamp("us")),
            "utc": pa.array([noon, noon, None], pa.timestamp("ns", "UTC")),
            "number": [None, None, 1719835200],
        }
    )
    for paths in (("local", "utc"), ("local", "utc", "number")):
        schema = cs.EventSchema(timestamp=paths, zone="Europe/Berlin")
        times = cs.read_events(table, schema=schema)["timestamp"]
        assert times.dt.strftime("%H:%M").tolist()[:2] == ["10:00", "12:00"]
    assert times.dt.strftime("%H:%M")[2] == "12:00"
