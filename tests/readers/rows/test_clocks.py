"""Clocks that show a zone's time: put right by the zone, or by what a record says of itself."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from tests.readers.door import ran

MATOMO = cs.EventSchema.preset("matomo")
MIXPANEL = cs.EventSchema.preset("mixpanel")
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Los_Angeles",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Marquesas",
)


def shown(instant: datetime, zone: str) -> int:
    """Return the seconds since 1970 that a clock of a zone shows."""
    local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
    return int(local.timestamp())


def visit(
    instants: list[datetime],
    zone: str,
    first: datetime | None = None,
    last: datetime | None = None,
) -> dict[str, Any]:
    """Return a visit as Matomo gives it: its own times are instants, those of actions are not."""
    first, last = first or instants[0], last or instants[-1]
    return {
        "idSite": "1",
        "idVisit": "7",
        "visitorId": "8f1c2d3e4a5b6c7d",
        "actionDetails": [
            {"type": "action", "pageId": str(number), "timestamp": shown(instant, zone)}
            for number, instant in enumerate(instants, 1)
        ],
        "firstActionTimestamp": int(first.timestamp()),
        "lastActionTimestamp": int(last.timestamp()),
        "serverTimestamp": int(last.timestamp()),
    }


def times(visits: list[dict[str, Any]], schema: cs.EventSchema = MATOMO) -> list[pd.Timestamp]:
    return list(cs.read_events(visits, schema=schema)["timestamp"])


@settings(max_examples=200, deadline=None)
@given(
    start=st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)),
    gaps=st.lists(st.integers(0, 1200), max_size=8),
    zone=st.sampled_from(ZONES),
    before=st.integers(0, 30),
    after=st.one_of(st.just(0), st.integers(0, 1800)),
)
def test_actions_of_any_zone_are_instants(
    start: datetime, gaps: list[int], zone: str, before: int, after: int
) -> None:
    """Whatever the zone, and however long a page was left open after the last action."""
    instants = [start.replace(microsecond=0, tzinfo=UTC)]
    for gap in gaps:
        instants.append(instants[-1] + timedelta(seconds=gap))
    changes = shown(instants[-1], zone) - shown(instants[0], zone) != sum(gaps)
    # Nights of clock changes have tests of their own.
    if changes:
        return
    begun, ended = instants[0] - timedelta(seconds=before), instants[-1] + timedelta(seconds=after)
    assert times([visit(instants, zone, begun, ended)]) == instants


@pytest.mark.parametrize("minutes", [15, 30, 60, 120])
@pytest.mark.parametrize("zone", ZONES)
def test_a_page_that_was_left_open_for_whole_quarters_of_an_hour(zone: str, minutes: int) -> None:
    """By its end alone, the visit's clock might be another's."""
    instants = [datetime(2024, 5, 1, 10, minute, tzinfo=UTC) for minute in (0, 5)]
    last = instants[-1] + timedelta(minutes=minutes)
    assert times([visit(instants, zone, last=last)]) == instants


@pytest.mark.parametrize("start", ["2024-03-31T00:40:00", "2024-10-27T00:40:00"])
def test_a_visit_through_a_night_of_clock_changes(start: str) -> None:
    begun = datetime.fromisoformat(start).replace(tzinfo=UTC)
    instants = [begun + timedelta(minutes=10 * number) for number in range(5)]
    assert times([visit(instants, "Europe/Berlin")]) == instants


def test_visits_of_sites_with_different_zones() -> None:
    instants = [datetime(2024, 5, 1, 10, minute, tzinfo=UTC) for minute in (0, 5)]
    visits = [visit(instants, zone) for zone in ZONES]
    assert times([{**each, "idVisit": str(i)} for i, each in enumerate(visits)]) == instants
    ids = [{**each, "actionDetails": [dict(a) for a in each["actionDetails"]]} for each in visits]
    for number, each in enumerate(ids):
        for action in each["actionDetails"]:
            action["pageId"] = f"{number}-{action['pageId']}"
    assert times(ids) == instants * len(ZONES)


@pytest.mark.parametrize("lacking", ["firstActionTimestamp", "lastActionTimestamp"])
@pytest.mark.parametrize("zone", ZONES)
def test_one_of_the_visit_s_own_times_is_enough(zone: str, lacking: str) -> None:
    instants = [datetime(2024, 5, 1, 10, minute, tzinfo=UTC) for minute in (0, 5)]
    half = visit(instants, zone)
    half[lacking] = None
    assert times([half]) == instants
    half["actionDetails"][0]["timestamp"] += 400
    half["actionDetails"][1]["timestamp"] += 400
    with pytest.raises(cs.errors.BadRowError, match="do not tell the zone"):
        times([half])


def test_first_actions_that_are_lacking_leave_one_zone_that_fits() -> None:
    instants = [datetime(2024, 5, 1, 10, minute, tzinfo=UTC) for minute in (4, 6)]
    begun, ended = (instants[0] - timedelta(minutes=4), instants[1] + timedelta(minutes=3))
    assert times([visit(instants, "Asia/Kathmandu", begun, ended)]) == instants


def test_a_visit_that_does_not_say_its_times_goes_by_the_zone_of_the_schema() -> None:
    instants = [datetime(2024, 5, 1, 10, tzinfo=UTC)]
    without = visit(instants, "Europe/Berlin")
    del without["firstActionTimestamp"], without["lastActionTimestamp"]
    assert times([without], replace(MATOMO, zone="Europe/Berlin")) == instants
    # Without a zone it is UTC, as for every time that does not say its zone.
    assert times([without]) == [datetime(2024, 5, 1, 12, tzinfo=UTC)]


def test_an_action_without_a_time_is_kept_beside_those_that_are_put_right() -> None:
    began = datetime(2024, 5, 1, 10, tzinfo=UTC)
    left = began + timedelta(minutes=1)
    one = visit([began, began, left], "Europe/Berlin")
    del one["actionDetails"][1]["timestamp"]
    assert times([one]) == [began, pd.NaT, left]


def test_a_clock_that_no_zone_explains_is_refused_with_its_place(tmp_path: Path) -> None:
    instants = [datetime(2024, 5, 1, 10, tzinfo=UTC)]
    good = visit(instants, "Europe/Berlin")
    bad = visit(instants, "Europe/Berlin")
    bad["actionDetails"][0]["timestamp"] += 400
    file = tmp_path / "visits.json"
    file.write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\n")
    with pytest.raises(cs.errors.BadRowError, match=r"line 2: .*do not tell the zone"):
        cs.read_events(file, schema=MATOMO)
    report = cs.ReadReport()
    found = cs.read_events(file, schema=MATOMO, on_error="quarantine", report=report)
    assert list(found["timestamp"]) == instants
    assert (report.rows_read, report.rows_refused) == (2, 1)
    assert report.quarantine.to_frame()[["reason", "line"]].values.tolist() == [["bad_time", 2]]


def test_a_false_visitor_is_nobody_by_run(tmp_path: Path) -> None:
    instants = [datetime(2024, 5, 1, 10, minute, tzinfo=UTC) for minute in (0, 5)]
    visits = [{**visit(instants, "Europe/Berlin"), "visitorId": False, "userId": None}]
    file = tmp_path / "visits.json"
    file.write_text(json.dumps(visits))
    found = ran(file, tmp_path, schema=MATOMO)
    assert found.events["user_id"].isna().all()
    assert found.times == ["2024-05-01 10:00:00.000000", "2024-05-01 10:05:00.000000"]
    assert found.users == []


def mixpanel(counts: list[int | str]) -> list[dict[str, Any]]:
    return [
        {
            "event": "Page View",
            "properties": {"time": count, "distinct_id": "u", "$insert_id": f"i{number}"},
        }
        for number, count in enumerate(counts)
    ]


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("zone", ZONES)
def test_a_project_of_before_2023_is_told_its_zone(
    zone: str, as_text: bool, tmp_path: Path
) -> None:
    instants = [datetime(2022, 5, 1, 10, tzinfo=UTC), datetime(2022, 12, 1, 10, tzinfo=UTC)]
    counts: list[int | str] = [shown(instant, zone) for instant in instants]
    rows = mixpanel([str(count) for count in counts] if as_text else counts)
    file = tmp_path / "export.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = ran(file, tmp_path, schema=replace(MIXPANEL, zone=zone))
    assert found.times == [f"{instant:%Y-%m-%d %H:%M:%S.%f}" for instant in instants]
    dicts = cs.read_events(rows, schema=replace(MIXPANEL, zone=zone))
    assert list(dicts["timestamp"]) == instants
    plain = cs.read_events(rows, schema=MIXPANEL)
    assert [int(time.timestamp()) for time in plain["timestamp"]] == [int(c) for c in counts]


def test_a_time_that_says_its_zone_is_that_instant_whatever_the_schema_says() -> None:
    rows = mixpanel(["2022-05-01T10:00:00Z", "2022-05-01T10:00:00"])
    found = cs.read_events(rows, schema=replace(MIXPANEL, zone="Europe/Berlin"))
    hours = [time.hour for time in found["timestamp"]]
    assert hours == [10, 8]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((("",), {}), "`path` must be a dotted path"),
        ((("a",), {"first": "b"}), "`first` must be a dotted path of the source, with both"),
        ((("a",), {"last": "b"}), "`first` must be a dotted path of the source, with both"),
        ((("a",), {"first": "", "last": "b"}), "`first` must be"),
    ],
)
def test_what_a_clock_cannot_be(arguments: tuple[Any, dict[str, Any]], said: str) -> None:
    given_, named = arguments
    with pytest.raises(cs.errors.ParameterError, match=said):
        cs.Local(*given_, **named)


def test_a_clock_comes_back_from_a_schema_s_text_and_feeds_only_a_time() -> None:
    for clock in (cs.Local("a"), cs.Local("a", first="b", last="c")):
        schema = cs.EventSchema(timestamp=clock)
        assert cs.EventSchema.from_json(schema.to_json()) == schema
        assert schema.paths("timestamp") == ("a",)
        assert eval(repr(clock), {"Local": cs.Local}) == clock
    user: Any = cs.Local("a")
    with pytest.raises(cs.errors.ParameterError, match="`user_id` must be a dotted path"):
        cs.EventSchema(user_id=user)
    # Whether a count is an instant must not depend on which of two fields has one.
    with pytest.raises(cs.errors.ParameterError, match="or a Local alone"):
        cs.EventSchema(timestamp=("at", cs.Local("a")))
