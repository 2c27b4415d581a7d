"""What each vendor's export needs to be read right: small logs in the documented forms."""

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clicksession as cs
from clicksession.schema import column_name
from clicksession.schema.exports import EXPORTS as KNOWN
from clicksession.schema.exports import WITHOUT_EVENTS
from clicksession.schema.presets import PRESETS
from tests.readers.door import ran
from tests.readers.test_exports import EXPORTS, FILES, USERS, options, read

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "how-to" / "read-an-export.md"
REFERENCE = DOCS / "reference" / "exports.md"
ROLES = {
    "page_view",
    "order",
    "cart",
    "sign_up",
    "checkout",
    "product_view",
    "search",
    "login",
    "heartbeat",
}


def lines(folder: Path, rows: list[dict[str, Any]], name: str = "events.jsonl") -> Path:
    file = folder / name
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


# Whole files, by the main job.


@pytest.mark.parametrize("name", FILES)
def test_every_export_gets_into_a_database(name: str, tmp_path: Path) -> None:
    found = ran(EXPORTS / FILES[name], tmp_path, **options(name))
    frame = read(name)
    assert len(found.events) == len(frame)
    instants = frame["timestamp"].dt.tz_convert("UTC").dt.strftime("%Y-%m-%d %H:%M:%S.%f")
    assert found.times == sorted(instants)
    assert {str(user) for user in USERS[name]} <= {str(user) for user in found.users}
    again = ran([EXPORTS / FILES[name], EXPORTS / FILES[name]], tmp_path, **options(name))
    assert len(again.events) == len(found.events)
    pd.testing.assert_frame_equal(again.sessions, found.sessions)


@pytest.mark.parametrize("name", FILES)
def test_a_session_in_a_frame_is_the_session_in_a_table(name: str, tmp_path: Path) -> None:
    found = ran(EXPORTS / FILES[name], tmp_path, **options(name))
    sessions = cs.summarize(cs.sessionize(read(name)))
    assert sorted(found.sessions["session_id"]) == sorted(sessions["session_id"])
    assert sum(found.sessions["event_count"]) == sum(sessions["event_count"])


# Adobe.


def test_what_adobe_does_not_count_is_left_out_and_counted(tmp_path: Path) -> None:
    found = ran(EXPORTS / FILES["adobe"], tmp_path, **options("adobe"))
    # Of nine rows one was sent twice, one is excluded, and one was uploaded from elsewhere.
    assert len(found.events) == 5
    report = cs.ReadReport()
    frame = cs.read_events(EXPORTS / FILES["adobe"], report=report, **options("adobe"))
    assert (report.rows_read, len(frame), report.duplicates) == (8, 5, 1)
    assert report.excluded == 2
    assert found.events["post_evar1"].dropna().tolist() == ['rain\tjacket\nin "blue" \\ red']


def test_two_halves_of_an_id_are_one_visitor(tmp_path: Path) -> None:
    columns = ["post_visid_high", "post_visid_low", "hit_time_gmt"]
    file = tmp_path / "hit_data.tsv"
    file.write_text("1\t2\t1714557600\n1\t3\t1714557601\n12\t3\t1714557602\n1\t23\t1714557603\n")
    # A feed has the columns that its owner chose: these are enough.
    found = ran(file, tmp_path, schema=cs.EventSchema.preset("adobe"), columns=columns)
    assert found.users == ["1-2", "1-23", "1-3", "12-3"]


# Google.


def test_hits_of_universal_analytics_add_their_offset_to_the_start(tmp_path: Path) -> None:
    visit = {
        "fullVisitorId": "7",
        "visitId": "1714557600",
        "visitStartTime": "1714557600",
        "hits": [
            {"hitNumber": "1", "time": "0", "type": "PAGE"},
            {"hitNumber": "2", "time": "2500000", "type": "EVENT"},
            {"hitNumber": "3", "time": "2500123", "type": "EVENT"},
        ],
    }
    schema = cs.EventSchema.preset("universal_analytics")
    found = ran(lines(tmp_path, [visit]), tmp_path, schema=schema)
    assert found.times == [
        "2024-05-01 10:00:00.000000",
        "2024-05-01 10:41:40.000000",
        "2024-05-01 10:41:40.123000",
    ]
    numbers = json.loads(json.dumps(visit), parse_int=int)
    numbers["visitStartTime"] = 1714557600
    for hit in numbers["hits"]:
        hit["time"] = int(hit["time"])
    frame = cs.read_events([numbers], schema=schema)
    again = frame["timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S.%f")
    assert list(again) == found.times


def test_universal_analytics_as_parquet_is_the_same(tmp_path: Path) -> None:
    """Hits are a list of structs, and whole numbers are numbers."""
    rows = [
        json.loads(line)
        for line in (EXPORTS / FILES["universal_analytics"]).read_text().split("\n")
        if line
    ]
    for row in rows:
        row |= {name: int(row[name]) for name in ("visitStartTime", "visitId")}
        for hit in row["hits"]:
            hit |= {name: int(hit[name]) for name in ("time", "hitNumber")}
    file = tmp_path / "sessions.parquet"
    pq.write_table(pa.Table.from_pylist(rows), file)
    frame = cs.read_events(file, schema=cs.EventSchema.preset("universal_analytics"))
    expected = read("universal_analytics")
    for column in ("event_id", "user_id", "timestamp", "event_type", "hits_page_page_path"):
        assert frame[column].tolist() == expected[column].tolist()


def ga4(batch: tuple[int, int, int], name: str, time: int = 1714557600123000) -> dict[str, Any]:
    page, ordering, index = batch
    return {
        "event_timestamp": str(time),
        "event_name": name,
        "user_pseudo_id": "1001.2002",
        "batch_page_id": str(page),
        "batch_ordering_id": str(ordering),
        "batch_event_index": str(index),
        "event_params": [],
    }


def test_ga4_says_in_which_order_the_events_of_one_batch_came() -> None:
    names = ["session_start", "page_view", "view_item", "add_to_cart"]
    rows = [
        ga4((9, 1, 1), names[0]),
        ga4((9, 1, 2), names[1]),
        ga4((9, 2, 1), names[2]),
        # As a text it would come before 9.
        ga4((10, 1, 1), names[3]),
    ]
    schema = cs.EventSchema.preset("ga4")
    for order in itertools.permutations(rows):
        found = cs.read_events(list(order), schema=schema)
        assert cs.sessionize(found)["session_id"].nunique() == 1
        assert found.sort_values("event_id")["event_type"].tolist() == names


def test_ga4_lands_where_its_batch_says_in_frames_and_tables(tmp_path: Path) -> None:
    pages = {(9, 1, 1): "/landing", (10, 1, 1): "/second", (10, 1, 2): "/third"}
    rows = [
        ga4(batch, "page_view") | {"event_params": [{"key": "page", "value": {"string_value": to}}]}
        for batch, to in pages.items()
    ]
    schema = cs.EventSchema.preset("ga4")
    landing = cs.metrics.LandingPages(page="event_params_page")
    steps = cs.metrics.Funnel(steps=("page_view", "page_view"))
    for number, order in enumerate(itertools.permutations(rows)):
        frame = cs.read_events(list(order), schema=schema)
        target = f"duckdb:///{tmp_path / f'{number}.duckdb'}"
        # One run each, so that the last to come may be the first to be.
        for row in order:
            cs.run([row], target, schema=schema)
        for metric in (landing, cs.metrics.ExitPages(page="event_params_page"), steps):
            pd.testing.assert_frame_equal(metric.compute(frame), metric.compute(target))
        assert landing.compute(frame)["page"].tolist() == ["/landing"]


def test_an_export_without_what_says_the_order_has_the_ids_it_had() -> None:
    row = ga4((1, 1, 1), "page_view")
    bare = {name: value for name, value in row.items() if not name.startswith("batch_")}
    found = cs.read_events([bare], schema=cs.EventSchema.preset("ga4"))
    assert "event_id" not in found


@pytest.mark.parametrize("values", [(9, 10, 11), ("9", "10", "a"), (None, 2, "x"), (0, "00", 1)])
def test_what_says_the_order_sorts_as_numbers_then_texts_then_nothing(values: Any) -> None:
    schema = cs.EventSchema(event_id="id", order=("place", "page"))
    time = "2024-05-01T10:00:00Z"
    rows = [
        {"id": number, "user_id": 1, "timestamp": time, "place": value, "page": 1}
        for number, value in enumerate(values)
    ]
    expected = sorted(
        range(3),
        key=lambda n: (
            (2, 0, "")
            if values[n] is None
            else (0, int(values[n]), "")
            if str(values[n]).isdigit()
            else (1, 0, values[n])
        ),
    )
    for order in itertools.permutations(rows):
        found = cs.read_events(list(order), schema=schema).sort_values("event_id")
        ids = [int(text.rpartition("-")[2]) for text in found["event_id"]]
        if len({str(value).lstrip("0") or "0" for value in values}) == 3:
            assert ids == expected
        else:
            assert ids[-1] == 2


def test_a_visitor_without_consent_is_nobody(tmp_path: Path) -> None:
    without = {**ga4((1, 1, 1), "page_view"), "user_pseudo_id": None}
    found = ran(
        lines(tmp_path, [ga4((1, 1, 1), "page_view"), without]),
        tmp_path,
        schema=cs.EventSchema.preset("ga4"),
    )
    assert len(found.events) == 2
    assert found.users == ["1001.2002"]
    assert found.sessions["event_count"].tolist() == [1]


VALUE = pa.struct(
    [
        ("string_value", pa.string()),
        ("int_value", pa.int64()),
        ("float_value", pa.float64()),
        ("double_value", pa.float64()),
    ]
)
PAIRS = pa.list_(pa.struct([("key", pa.string()), ("value", VALUE)]))


def test_ga4_as_parquet_is_ga4_as_json(tmp_path: Path) -> None:
    """As BigQuery writes it: lists of structs, and whole numbers that are numbers."""
    rows = [json.loads(line) for line in (EXPORTS / FILES["ga4"]).read_text().splitlines()]
    for row in rows:
        row["event_timestamp"] = int(row["event_timestamp"])
        for pair in itertools.chain(row["event_params"], row["user_properties"]):
            value = pair["value"]
            whole = value.get("int_value")
            pair["value"] = {**value, "int_value": None if whole is None else int(whole)}
            pair["value"].pop("set_timestamp_micros", None)
    kinds = {"event_params": PAIRS, "user_properties": PAIRS, "event_timestamp": pa.int64()}
    names = ["event_timestamp", "event_name", "event_params", "user_properties"]
    columns = {
        name: pa.array([row.get(name) for row in rows], kinds.get(name, pa.string()))
        for name in (*names, "user_id", "user_pseudo_id")
    }
    file = tmp_path / "ga4-000000000000.parquet"
    pq.write_table(pa.table(columns), file)
    found = ran(file, tmp_path, schema=cs.EventSchema.preset("ga4"))
    frame = cs.read_events(file, schema=cs.EventSchema.preset("ga4"))
    json_frame = read("ga4")
    for column in ("user_id", "timestamp", "event_type", "event_params_ga_session_id"):
        assert frame[column].tolist() == json_frame[column].tolist()
    assert len(found.events) == len(json_frame)


# Products.


def mixpanel(event: str, user: str, insert_id: str, time: int = 1714557600) -> dict[str, Any]:
    properties = {"time": time, "distinct_id": user, "$insert_id": insert_id}
    return {"event": event, "properties": properties}


def test_a_duplicate_of_mixpanel_has_four_fields_in_common(tmp_path: Path) -> None:
    rows = [
        mixpanel("Order Placed", "u1", "order-77"),
        mixpanel("Email Sent", "u1", "order-77"),
        mixpanel("Order Placed", "u2", "order-77"),
        mixpanel("Order Placed", "u1", "order-77"),
        mixpanel("Order Placed", "u1", "order-77", 1714557601),
    ]
    schema = cs.EventSchema.preset("mixpanel")
    report = cs.ReadReport()
    frame = cs.read_events(rows[:4], schema=schema, report=report)
    assert (len(frame), report.duplicates) == (3, 1)
    found = ran(lines(tmp_path, rows), tmp_path, schema=schema)
    assert len(found.events) == 4
    assert found.events["properties_insert_id"].tolist() == ["order-77"] * 4


def test_what_stands_between_two_fields_does_not_make_two_events_one() -> None:
    rows = [mixpanel("a|b", "c", "i"), mixpanel("a", "b|c", "i"), mixpanel("a\\|b", "c", "i")]
    found = cs.read_events(rows, schema=cs.EventSchema.preset("mixpanel"))
    assert found["event_id"].nunique() == 3


def test_a_file_of_mixpanel_without_any_insert_id(tmp_path: Path) -> None:
    rows = [mixpanel("Page View", "u1", "", 1714557600 + second) for second in (0, 1)]
    for row in rows:
        del row["properties"]["$insert_id"]
    (tmp_path / "export.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    found = ran(tmp_path / "export.jsonl", tmp_path, schema=cs.EventSchema.preset("mixpanel"))
    assert len(found.events) == 2
    assert found.users == ["u1"]


def test_events_without_an_insert_id_have_no_id() -> None:
    row = mixpanel("a", "b", "i")
    del row["properties"]["$insert_id"]
    rows = [row, row, mixpanel("a", "b", "i")]
    found = cs.read_events(rows, schema=cs.EventSchema.preset("mixpanel"), drop_duplicates=None)
    assert found["event_id"].isna().tolist() == [True, True, False]


def amplitude(minute: int, session: int, number: int) -> dict[str, Any]:
    return {
        "uuid": f"u{number}",
        "amplitude_id": 9,
        "event_time": f"2024-05-01 {10 + minute // 60}:{minute % 60:02}:00.000000",
        "event_type": "page_view",
        "session_id": session,
    }


def test_an_event_out_of_session_is_in_none(tmp_path: Path) -> None:
    rows = [amplitude(50 * number, session, number) for number, session in enumerate((7, -1, 7))]
    schema = cs.EventSchema.preset("amplitude")
    frame = cs.sessionize(cs.read_events(rows, schema=schema), rules=cs.Rules.preset("amplitude"))
    assert frame["session_id"].isna().tolist() == [False, True, False]
    assert frame["session_id"].dropna().nunique() == 2
    # Without the pause between them, the one in the middle would hold both together.
    long = cs.sessionize(cs.read_events(rows, schema=schema), timeout="60min")
    assert long["session_id"].dropna().nunique() == 2
    found = ran(lines(tmp_path, rows), tmp_path, schema=schema, timeout="60min")
    assert len(found.events) == 3
    assert found.sessions["event_count"].tolist() == [1, 1]


def posthog_table() -> pa.Table:
    rows = [json.loads(line) for line in (EXPORTS / FILES["posthog"]).read_text().splitlines()]
    for row in rows:
        for name in ("properties", "person_properties"):
            row[name] = json.dumps(row[name])
        for name in ("timestamp", "created_at", "_inserted_at"):
            row[name] = pd.Timestamp(row[name])
    return pa.Table.from_pylist(rows)


def test_posthog_as_parquet_is_posthog_as_json(tmp_path: Path) -> None:
    """There, the properties are one text of JSON."""
    file = tmp_path / "posthog.parquet"
    pq.write_table(posthog_table(), file)
    schema = cs.EventSchema.preset("posthog")
    frame = cs.read_events(file, schema=schema)
    expected = read("posthog")
    assert set(frame.columns) == set(expected.columns)
    for column in ("event_id", "user_id", "timestamp", "event_type", "properties_current_url"):
        assert frame[column].tolist() == expected[column].tolist()
    found = ran(file, tmp_path, schema=schema)
    assert set(found.users) == set(USERS["posthog"])
    assert len(found.events) == len(expected)


def test_an_empty_user_of_segment_and_posthog_is_nobody() -> None:
    message = {"messageId": "m", "timestamp": "2024-05-01T10:00:00Z", "type": "page"}
    found = cs.read_events(
        [{**message, "userId": "", "anonymousId": ""}], schema=cs.EventSchema.preset("segment")
    )
    assert found["user_id"].isna().all()
    event = {"uuid": "u", "event": "$pageview", "timestamp": "2024-05-01T10:00:00Z"}
    found = cs.read_events(
        [{**event, "person_id": None, "distinct_id": ""}],
        schema=cs.EventSchema.preset("posthog"),
    )
    assert found["user_id"].isna().all()


def test_robots_that_reuse_an_id_are_told_apart_by_snowplow_s_fingerprint() -> None:
    row = {"user_id": "u", "collector_tstamp": "2024-05-01 10:00:00", "event": "page_view"}
    rows = [
        {**row, "event_id": "e", "event_fingerprint": "f"},
        {**row, "event_id": "e", "event_fingerprint": "f"},
        {**row, "event_id": "e", "event_fingerprint": "g"},
        {**row, "event_id": "e", "event_fingerprint": None},
    ]
    found = cs.read_events(rows, schema=cs.EventSchema.preset("snowplow"))
    assert found["event_id"].tolist() == ["e|f", "e|g", "e"]


# Logs.


@pytest.mark.parametrize(
    "times",
    [
        ("2024-05-01T10:00:00Z", "2024-05-01T10:10:00Z"),
        (1714557600, 1714558200),
        (1714557600000000000, 1714558200000000000),
    ],
    ids=["rfc3339", "unix", "unixnano"],
)
def test_cloudflare_s_times_are_instants_in_each_form(
    times: tuple[Any, Any], tmp_path: Path
) -> None:
    rows = [
        {"ClientIP": "203.0.113.7", "EdgeStartTimestamp": time, "RayID": f"r{number}"}
        for number, time in enumerate(times)
    ]
    schema = cs.EventSchema.preset("cloudflare")
    found = ran(lines(tmp_path, rows), tmp_path, schema=schema)
    assert found.times == ["2024-05-01 10:00:00.000000", "2024-05-01 10:10:00.000000"]
    assert found.users == ["203.0.113.7"]
    # The owner of a job chooses its fields.
    fewer = [{key: row[key] for key in ("ClientIP", "EdgeStartTimestamp")} for row in rows]
    assert len(cs.read_events(fewer, schema=schema)) == 2


def test_a_mapped_column_that_no_row_has_is_an_error_unless_it_may_be_lacking() -> None:
    rows = [{"user_id": "u", "timestamp": "2024-05-01T10:00:00Z"}]
    with pytest.raises(cs.errors.SchemaError, match="'kind', which feeds 'event_type'"):
        cs.read_events(rows, schema=cs.EventSchema(event_type="kind"))
    schema = cs.EventSchema(event_type="kind", optional="event_type")
    assert len(cs.read_events(rows, schema=schema)) == 1
    with pytest.raises(cs.errors.ParameterError, match="`optional` must be 'event_id', 'event_t"):
        cs.EventSchema(optional="user_id")


# What presets say of themselves.


@pytest.mark.parametrize("name", KNOWN)
def test_every_preset_names_its_sources_and_their_day(name: str) -> None:
    export, page = KNOWN[name], REFERENCE.read_text()
    assert pd.Timestamp(export.read) <= pd.Timestamp("2026-12-31")
    assert export.sources
    for source in export.sources:
        assert source in page
    assert export.read in page
    assert not export.order or f"| `{name}` | {', '.join(f'`{o}`' for o in export.order)} |" in page


@pytest.mark.parametrize("name", [name for name in FILES if name in KNOWN and KNOWN[name].order])
def test_what_says_the_order_of_one_moment_stays_a_column(name: str) -> None:
    columns = {column_name(path) for path in KNOWN[name].order}
    assert columns <= set(read(name).columns)


def test_the_page_names_every_preset_and_every_export_without_one() -> None:
    page = PAGE.read_text()
    for name in (*PRESETS, *WITHOUT_EVENTS):
        assert f"`{name}`" in page or name.capitalize() in page
    for name in PRESETS:
        assert f'``"{name}"``' in (cs.EventSchema.preset.__doc__ or "")


def test_an_export_without_events_is_refused_with_its_reason() -> None:
    with pytest.raises(cs.errors.UnknownNameError, match="totals per day and no events"):
        cs.EventSchema.preset("plausible")


@pytest.mark.parametrize(
    ("name", "preset"), [("iis", "w3c"), ("nginx", "combined"), ("google_analytics", "ga4")]
)
def test_another_name_for_an_export_leads_to_its_preset(name: str, preset: str) -> None:
    with pytest.raises(cs.errors.UnknownNameError) as caught:
        cs.EventSchema.preset(name)
    assert f"'{preset}'" in str(caught.value).partition("webshop.")[2]


@pytest.mark.parametrize("name", PRESETS)
def test_a_vocabulary_has_known_roles_and_changes_no_schema(name: str) -> None:
    schema = cs.EventSchema.preset(name)
    assert set(dict(schema.vocabulary)) <= ROLES
    assert replace(schema, vocabulary={}) == schema
    assert cs.EventSchema.from_json(schema.to_json()).vocabulary == schema.vocabulary


@pytest.mark.parametrize(
    ("name", "role", "kind"),
    [
        ("adobe", "page_view", "0"),
        ("amplitude", "page_view", "[Amplitude] Page Viewed"),
        ("ga4", "cart", "add_to_cart"),
        ("ga4", "heartbeat", "user_engagement"),
        ("ga4", "order", "purchase"),
        ("ga4", "page_view", "page_view"),
        ("ga4", "sign_up", "sign_up"),
        ("matomo", "order", "ecommerceOrder"),
        ("matomo", "page_view", "action"),
        ("mixpanel", "page_view", "$mp_web_page_view"),
        ("posthog", "page_view", "$pageview"),
        ("rees46", "cart", "cart"),
        ("rees46", "order", "purchase"),
        ("rudderstack", "order", "Order Completed"),
        ("segment", "cart", "Product Added"),
        ("segment", "order", "Order Completed"),
        ("segment", "page_view", "page"),
        ("segment", "sign_up", "Signed Up"),
        ("snowplow", "heartbeat", "page_ping"),
        ("snowplow", "order", "transaction"),
        ("umami", "page_view", "1"),
        ("universal_analytics", "order", "TRANSACTION"),
        ("universal_analytics", "page_view", "PAGE"),
        ("webshop", "order", "placed_order"),
    ],
)
def test_what_vendors_call_things(name: str, role: str, kind: str) -> None:
    assert kind in dict(cs.EventSchema.preset(name).vocabulary)[role]


@pytest.mark.parametrize("name", [name for name in FILES if "vocabulary" in PRESETS[name]])
def test_the_page_views_and_orders_of_an_export_are_found_by_its_words(name: str) -> None:
    known = dict(cs.EventSchema.preset(name).vocabulary)
    kinds = set(read(name)["event_type"].astype(str))
    own = {"amplitude", "mixpanel"}
    # What a shop called its own events, a preset cannot know.
    assert name in own or kinds & set(known["page_view"])
