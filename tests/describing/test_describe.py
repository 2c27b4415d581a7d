"""`describe` counts what is there, and its guesses are right on the logs that it should know."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import clicksession as cs
from clicksession.describing.names import NAMES
from clicksession.errors import BadRowError, ReadError, SchemaError
from clicksession.schema import CANONICAL
from clicksession.schema.presets import PRESETS

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cs.datasets.write_webshop(tmp_path_factory.mktemp("log") / "e.json.gz", 60, seed=4)


def rows_of(count: int = 40) -> Rows:
    return [
        {"who": f"u{n % 7}", "when": f"2024-05-01T10:{n % 60:02}:00Z", "what": "view", "n": n}
        for n in range(count)
    ]


def test_counts_are_those_of_a_plain_count(log: Path) -> None:
    events = pd.DataFrame(list(cs.datasets.webshop_events(60, seed=4)))
    once = events.drop_duplicates("id")
    inner = pd.DataFrame(list(once["event"]))
    found = cs.describe(log)
    assert (found.rows, found.events) == (len(events), len(once))
    assert found.duplicates == len(events) - len(once) > 0
    assert found.users == inner["customer-id"].nunique()
    assert found.without_user == inner["customer-id"].isna().sum() > 0
    assert dict(found.event_types) == Counter(once["type"])
    assert list(found.event_types.values()) == sorted(found.event_types.values(), reverse=True)
    times = pd.to_datetime(inner["timestamp"], utc=True)
    assert (found.first, found.last) == (times.min(), times.max())
    nulls = {each.name: each.nulls for each in found.columns}
    assert nulls["event_page"] == inner["page"].isna().sum() > 0
    assert (found.refused, found.missing) == ({}, ())


def test_it_counts_as_a_reading_with_the_guessed_schema_does(log: Path) -> None:
    found, report = cs.describe(log), cs.ReadReport()
    events = cs.read_events(log, schema=eval(f"cs.{found.schema_line}"), report=report)
    assert (found.events, found.users) == (len(events), events["user_id"].nunique())
    assert found.columns == cs.describe(log, schema=found.schema).columns
    assert [each.name for each in found.columns] == list(events.columns)


def test_what_would_be_refused_is_counted_by_reason_with_its_first_row(tmp_path: Path) -> None:
    good = '{"user_id": 1, "timestamp": "2024-05-01"}'
    lines = [good, "{oops", '{"user_id": 1, "timestamp": "x"}']
    path = tmp_path / "log.json"
    path.write_text("\n".join([*lines, "[", good]))
    found, report = cs.describe(path), cs.ReadReport()
    cs.read_events(path, on_error="quarantine", report=report)
    assert found.refused == dict(report.refused.most_common()) != {}
    first = {str(row.reason): row.place for row in reversed(list(report.quarantine))}
    assert {reason: row.place for reason, row in found.examples.items()} == first
    assert "line 2" in str(found)


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (("userId", "ts", "event"), "user_id='userId', timestamp='ts', event_type='event'"),
        (("customer-id", "created_at", "action"), "user_id='customer-id', timestamp='created_at'"),
        (("who", "when", "what"), "timestamp='when'"),
        (("user_id", "timestamp", "event_type"), ""),
    ],
)
def test_the_guess_by_name_and_value(columns: tuple[str, ...], line: str) -> None:
    records = [dict(zip(columns, row.values(), strict=False)) for row in rows_of()]
    assert cs.describe(records).schema_line.startswith(f"EventSchema({line}")


def test_a_guess_says_how_sure_it_is_and_why() -> None:
    records = [{"user_id": 1, "created": row["when"], "userId": 2, "id": 9} for row in rows_of()]
    found = {guess.column: guess for guess in cs.describe(records).guesses}
    assert (found["user_id"].path, found["user_id"].sureness) == ("user_id", "likely")
    assert "those of 'userId'" in found["user_id"].why
    assert (found["timestamp"].path, found["timestamp"].sureness) == ("created", "weak")
    # One id for all rows tells none from another.
    assert "event_id" not in found


def test_no_field_looks_like_a_user_or_a_time() -> None:
    found = cs.describe([{"a": "x", "b": True}])
    assert (found.rows, found.missing) == (1, ("user_id", "timestamp"))
    assert "no field looks like one" in str(found)


def test_a_field_of_times_that_are_mostly_bad_is_none() -> None:
    records = [{"user_id": 1, "time": "soon"}] * 3 + [{"user_id": 1, "time": "2024-05-01"}]
    assert cs.describe(records).missing == ("timestamp",)


@pytest.mark.parametrize(
    ("record", "preset"),
    [
        (
            {"event_name": "purchase", "event_timestamp": 1714557600000000, "user_pseudo_id": "a"}
            | {"user_id": None, "event_params": []},
            "ga4",
        ),
        (
            {"uuid": "1", "event": "$pageview", "timestamp": "2024-05-01", "distinct_id": "a"}
            | {"person_id": "b", "properties": {}},
            "posthog",
        ),
        (
            {"messageId": "1", "userId": "a", "anonymousId": "b", "timestamp": "2024-05-01"}
            | {"originalTimestamp": "2024-05-01", "event": "Signed Up", "type": "track"},
            "segment",
        ),
        (
            {
                "uuid": "1",
                "amplitude_id": 7,
                "event_time": "2024-05-01",
                "event_type": "Page viewed",
            }
            | {"session_id": 1},
            "amplitude",
        ),
    ],
)
def test_known_exports_are_recognized(record: dict[str, Any], preset: str) -> None:
    found = cs.describe([record])
    assert found.preset == preset
    assert found.schema == cs.EventSchema.preset(preset)
    assert found.schema_line == f"EventSchema.preset({preset!r})"
    assert found.events == 1


def test_an_access_log_is_recognized_by_its_lines(tmp_path: Path) -> None:
    line = '1.2.3.4 - - [01/May/2024:10:00:0%d +0000] "GET / HTTP/1.1" 200 12 "-" "Mozilla"\n'
    path = tmp_path / "access.log"
    path.write_text("".join(line % second for second in range(3)))
    found = cs.describe(path)
    assert (found.preset, found.events, found.users) == ("combined", 3, 1)


def test_csv_needs_no_name_that_the_library_knows(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("client_id,time,kind\n7,2024-05-01 10:00,view\n7,soon,buy\n8,2024-05-02,buy\n")
    found = cs.describe(path)
    assert found.schema == cs.EventSchema(user_id="client_id", timestamp="time", event_type="kind")
    assert (found.users, found.refused) == (2, {"bad_time": 1})
    assert "more" not in str(found)


def test_a_source_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("a;b\n1;2\n")
    with pytest.raises(BadRowError, match='CSV\\(delimiter=";"\\)'):
        cs.describe(path)
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(ReadError, match="a PDF"):
        cs.describe(path)


def test_an_iterator_is_read_once_and_whole() -> None:
    def records() -> Iterator[dict[str, Any]]:
        yield from rows_of(3000)

    assert cs.describe(records()).rows == 3000


def test_a_given_schema_is_no_guess_and_must_fit() -> None:
    found = cs.describe(rows_of(), schema=cs.EventSchema(user_id="who", timestamp="when"))
    assert (found.guesses, found.users) == ((), 7)
    assert "guess" not in str(found)
    with pytest.raises(SchemaError):
        cs.describe(rows_of(), schema=cs.EventSchema(user_id="whom", timestamp="when"))


def test_users_of_several_batches_are_counted_once() -> None:
    frame = pd.DataFrame(rows_of(120_000)).drop(columns="n")
    frame["who"] = [f"u{n % 110_000}" for n in range(len(frame))]
    schema = cs.EventSchema(user_id="who", timestamp="when", event_type="what")
    found = cs.describe(frame, schema=schema, drop_duplicates=None)
    assert (found.users, found.events) == (110_000, 120_000)


def test_its_numbers_are_json_and_its_text_holds_no_command_for_a_terminal() -> None:
    record = {"user_id": 1, "timestamp": "2024-05-01", "event_type": "\x1b[2J\nbuy"}
    found = cs.describe([record])
    assert json.loads(json.dumps(found.to_dict()))["event_types"][0]["events"] == 1
    assert "\x1b" not in str(found)
    assert "\\x1b[2J\\nbuy" in str(found)


def test_names_are_told_apart() -> None:
    for column, names in NAMES.items():
        assert len(set(names)) == len(names), column


def test_every_preset_of_named_fields_can_fit_its_own_fields() -> None:
    import pyarrow as pa

    from clicksession.describing.presets import best_fits
    from clicksession.describing.sample import Sample

    for name in PRESETS:
        schema = cs.EventSchema.preset(name)
        paths = [path for each in CANONICAL for path in schema.paths(each)]
        values = pa.chunked_array([["x"]])
        format = getattr(schema.format, "name", schema.format) or ""
        fits = best_fits(Sample(dict.fromkeys(paths, values), str(format), 1))
        assert name in {fit.name for fit in fits}


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S"),
        ("%d/%m/%Y", "%d/%m/%Y"),
        ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M"),
        ("%m-%d-%Y %I:%M %p", "%m-%d-%Y %I:%M %p"),
    ],
)
def test_a_form_of_times_is_guessed_and_reads_them_as_they_were(written: str, form: str) -> None:
    times = pd.date_range("2024-01-05 09:30", periods=30, freq="D").floor("min")
    if "%H" not in written and "%I" not in written:
        times = times.normalize()
    log = [{"user": n % 3, "Event Time": f"{time:{written}}"} for n, time in enumerate(times)]
    found = cs.describe(log)
    guess = next(each for each in found.guesses if each.column == "timestamp")
    assert (guess.path, guess.sureness, guess.time_format) == ("Event Time", "likely", form)
    read = cs.read_events(log, schema=found.schema)
    assert list(read["timestamp"].dt.tz_localize(None)) == list(times)


def test_days_and_months_that_may_be_exchanged_are_a_weak_guess_that_says_so() -> None:
    log = [{"user": 1, "time": f"0{day}/03/2024"} for day in range(1, 9)]
    guess = next(each for each in cs.describe(log).guesses if each.column == "timestamp")
    assert (guess.sureness, guess.time_format) == ("weak", "%d/%m/%Y")
    assert guess.why.endswith("'%m/%d/%Y' reads them as well")


def test_an_id_that_comes_again_is_a_user_and_one_that_does_not_an_event() -> None:
    log = [{"uuid": f"a{n % 9}", "timestamp": f"2024-05-01 10:{n:02}"} for n in range(50)]
    assert cs.describe(log).schema_line == "EventSchema(user_id='uuid')"
    for n, row in enumerate(log):
        row["uuid"] = f"a{n}"
    found = cs.describe(log)
    assert found.schema_line == "EventSchema(event_id='uuid')"
    assert found.missing == ("user_id",)


def test_what_cannot_be_told_is_named_with_the_fields_there_are(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("wer,was\n7,kauf\n8,blick\n")
    found = cs.describe(log)
    assert (found.missing, found.fields) == (("user_id", "timestamp"), ("wer", "was"))
    assert "it has: wer, was" in str(found)
    assert ", :" not in str(found)


def test_it_shows_as_text_with_spans_in_words() -> None:
    times = ["2024-05-01T10:00:00.123456Z", "2024-05-28T09:00:00Z"]
    found = cs.describe([{"user_id": 1, "timestamp": time} for time in times])
    assert repr(found) == str(found)
    assert "2024-05-01 10:00:00 to 2024-05-28 09:00:00 (UTC), 27 days\n" in str(found)
    assert found.first is not None
    assert found.first.microsecond == 123456
    alone = cs.describe([{"user_id": 1, "timestamp": times[0]}])
    assert "(UTC), less than a second" in str(alone)
