"""Vendors' exports: small files of our own in each vendor's documented form, read by its preset."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import clicksession as cs
from clicksession.readers.formats.snowplow import FIELDS
from clicksession.schema.presets import PRESETS

EXPORTS = Path(__file__).parent / "exports"
FILES = {
    "adobe": "adobe/hit_data.tsv",
    "amplitude": "amplitude.json",
    "cloudflare": "cloudflare.json",
    "combined": "access.log",
    "ga4": "ga4.json",
    "matomo": "matomo.json",
    "mixpanel": "mixpanel.json",
    "posthog": "posthog.jsonl",
    "rees46": "rees46.csv",
    "rudderstack": "rudderstack.json",
    "segment": "segment.json",
    "snowplow": "snowplow.tsv",
    "umami": "umami.csv",
    "universal_analytics": "universal_analytics.json",
}
HEADERS = EXPORTS / "adobe" / "column_headers.tsv"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0"
# Every file tells one story: a visitor at 10:00, known as u-7 at 10:10, back at 11:15; another,
# never known, at 10:05.
USERS: dict[str, list[Any]] = {
    "adobe": ["2834219046120784532-4611686018427387905"] * 3
    + ["2834219046120784532-4611686018427387906"],
    "amplitude": [900000000017, 900000000017, 900000000017, 900000000018],
    "cloudflare": [f"203.0.113.7|{FIREFOX}"] * 3 + ["2001:db8::7"],
    "combined": [f"203.0.113.7 {FIREFOX}"] * 3 + ['2001:db8::7 Odd "agent" \\ 1.0'],
    "ga4": ["1001.2002", "u-7", "u-7", "3003.4004"],
    "matomo": ["u-7", "u-7", "u-7", "00aa11bb22cc33dd"],
    "mixpanel": ["$device:dev-1", "u-7", "u-7", "$device:dev-2"],
    "posthog": ["01900000-aaaa"] * 3 + ["01900000-bbbb"],
    "rees46": [520088904, 520088904, 520088904, 530496790],
    "rudderstack": ["507f-191e", "u-7", "u-7", "c0de-cafe"],
    "segment": ["507f-191e", "u-7", "u-7", "c0de-cafe"],
    "snowplow": ["9f1c-77", "u-7", "u-7", "4b2d-88"],
    "umami": ["u-7", "u-7", "u-7", "5a000000-0000-5000-8000-0000000000a2"],
    "universal_analytics": ["u-7", "u-7", "u-7", "8020159046120784533"],
}
TYPES = {
    "amplitude": ["page_view", "page_view", "placed_order", "page_view"],
    "ga4": ["page_view", "page_view", "purchase", "page_view"],
    "matomo": ["action", "event", "action", "action"],
    "mixpanel": ["Page View", "Page View", "Order Placed", "Page View"],
    "posthog": ["$pageview", "$pageview", "order placed", "$pageview"],
    "rees46": ["view", "cart", "purchase", "view"],
    "rudderstack": ["page", "Product Added", "Order Completed", "page"],
    "segment": ["page", "Product Added", "Order Completed", "page"],
    "snowplow": ["page_view", "add_to_cart", "page_view", "page_view"],
    "umami": ["1", "add to cart", "1", "1"],
    "universal_analytics": ["PAGE", "EVENT", "TRANSACTION", "PAGE"],
}
IDS: dict[str, str | list[str]] = {
    "adobe": ["301-401-1-1", "302-402-1-2", "303-403-2-1", "304-404-1-1"],
    "amplitude": "d2f8a0c4-07b5-11ef-9a4e-0242ac12000{}",
    "cloudflare": "87d1c0ffee00aa0{}",
    "matomo": ["d4263-4263", "d4264-4264", "d4266-4266", "d4265-4265"],
    "mixpanel": [
        "Page View|$device:dev-1|1714557600|hpuDqcvpltpCjBse0",
        "Page View|u-7|1714558200|hpuDqcvpltpCjBse1",
        "Order Placed|u-7|1714562100|hpuDqcvpltpCjBse2",
        "Page View|$device:dev-2|1714557900|hpuDqcvpltpCjBse3",
    ],
    "posthog": "018f3332-0000-7000-8000-00000000000{}",
    "rudderstack": "171455760000{0}-0a1b2c3d-{0}",
    "segment": "ajs-next-1714557600-{}",
    "snowplow": "c6ef3124-b53a-4b13-a233-0088f79dcb0{}",
    "umami": "e0000000-0000-5000-8000-00000000000{}",
    "universal_analytics": [
        "a1-7310159046120784532-1714557600-1714557600-1",
        "a2-7310159046120784532-1714557600-1714557600-2",
        "a1-7310159046120784532-1714562100-1714562100-1",
        "a1-8020159046120784533-1714557900-1714557900-1",
    ],
}
# The four events of the story among the rows of a file, where there are more or others' order.
ROWS = {"matomo": [3, 4, 0, 2], "combined": [0, 1, 2, 3]}
# Exports in whole seconds.
COARSE = (
    "adobe",
    "cloudflare",
    "combined",
    "matomo",
    "mixpanel",
    "rees46",
    "umami",
    "universal_analytics",
)
OTHERS: dict[str, dict[str, list[Any]]] = {
    "adobe": {
        "visit_num": [1, 1, 2, 1],
        "visit_page_num": [1, 2, 1, 1],
        "post_pagename": ["Home", "Search", "Thanks", "Home"],
        "post_event_list": [None, None, "1,200", None],
        "post_evar1": [None, 'rain\tjacket\nin "blue" \\ red', None, None],
    },
    "cloudflare": {
        "client_ip": ["203.0.113.7"] * 3 + ["2001:db8::7"],
        "client_request_user_agent": [FIREFOX] * 3 + [""],
        "client_request_path": ["/", "/cart", "/order", "/"],
        "edge_response_status": [200, 200, 201, 200],
    },
    "amplitude": {
        "source_user_id": [None, "u-7", "u-7", None],
        "device_id": ["dev-1", "dev-1", "dev-1", "dev-2"],
        "event_properties_skus": [None, None, '["SKU_7"]', None],
        "source_session_id": [1714557600123] * 4,
    },
    "combined": {
        "address": ["203.0.113.7"] * 3 + ["2001:db8::7"],
        "remote_user": [None, "anna b", None, None],
        "method": ["GET", "GET", "POST", "GET"],
        "path": ["/", '/cart?q="rain"', "/order", "/"],
        "status": [200, 304, 201, 200],
        "bytes": [5120, None, 64, 5120],
        "referer": [None, "https://shop.example/", "https://shop.example/cart", None],
        "agent": [FIREFOX] * 3 + ['Odd "agent" \\ 1.0'],
    },
    "ga4": {
        "user_pseudo_id": ["1001.2002"] * 3 + ["3003.4004"],
        "source_user_id": [None, "u-7", "u-7", None],
        "event_params_page_location": [
            "https://shop.example/",
            "https://shop.example/cart",
            "https://shop.example/thanks",
            "https://shop.example/",
        ],
        "event_params_ga_session_id": [1714557600, 1714557600, 1714562100, 1714557900],
        "event_params_value": [None, None, 89.5, None],
        "user_properties_plan": [None, "gold", "gold", None],
        "device_web_info_browser": ["Firefox"] * 4,
    },
    "matomo": {
        "visitor_id": ["8f1c2d3e4a5b6c7d"] * 3 + ["00aa11bb22cc33dd"],
        "id_visit": ["2199", "2199", "2201", "2200"],
        "action_details_url": [
            "https://shop.example/",
            "https://shop.example/cart",
            "https://shop.example/thanks",
            "https://shop.example/",
        ],
        "action_details_event_action": [None, "add", None, None],
    },
    "mixpanel": {
        "properties_device_id": ["dev-1", "dev-1", "dev-1", "dev-2"],
        "properties_item_name": [None, None, "Rain jacket", None],
        "properties_amount": [None, None, 89.5, None],
        "properties_insert_id": [f"hpuDqcvpltpCjBse{number}" for number in range(4)],
    },
    "posthog": {
        "distinct_id": ["anon-1", "u-7", "u-7", "anon-2"],
        "properties_current_url": ["https://shop.example/"] * 4,
        "person_properties_plan": [None, "gold", "gold", None],
    },
    "rees46": {
        "brand": ["samsung", "samsung", "samsung", "aqua"],
        "price": [130.76, 130.76, 130.76, 33.2],
        "user_session": ["4d3b30da-a5e4-49df-b1a8-ba5943f1dd33"] * 2
        + ["9a0e1f6f-0000-4c1b-8f0d-aaaaaaaaaaaa", "8e5f4f83-366c-4f70-860e-ca7417414283"],
    },
    "rudderstack": {
        "anonymous_id": ["507f-191e"] * 3 + ["c0de-cafe"],
        "source_user_id": ["", "u-7", "u-7", ""],
        "context_session_id": [1714557600123] * 4,
    },
    "segment": {
        "anonymous_id": ["507f-191e"] * 3 + ["c0de-cafe"],
        "source_user_id": [None, "u-7", "u-7", None],
        "type": ["page", "track", "track", "page"],
        "properties_products": [None, None, '[{"product_id": "SKU_7", "price": 89.5}]', None],
        "context_page_url": ["https://shop.example/"] * 4,
    },
    "snowplow": {
        "domain_userid": ["9f1c-77"] * 3 + ["4b2d-88"],
        "source_user_id": [None, "u-7", "u-7", None],
        "page_title": ['Rain "gear" for you'] * 4,
        "page_urlport": [443] * 4,
        "event": ["page_view", "unstruct", "page_view", "page_view"],
    },
    "umami": {
        "source_session_id": ["5a000000-0000-5000-8000-0000000000a1"] * 3
        + ["5a000000-0000-5000-8000-0000000000a2"],
        "visit_id": ["f1", "f1", "f2", "f3"],
        "url_path": ["/", "/cart", "/thanks", "/"],
        "event_name": [None, "add to cart", None, None],
        "page_title": ["Rain gear, for you"] * 4,
    },
    "universal_analytics": {
        "full_visitor_id": ["7310159046120784532"] * 3 + ["8020159046120784533"],
        "hits_page_page_path": ["/", "/cart", "/thanks", "/"],
        "hits_event_info_event_action": [None, "add", None, None],
        "hits_transaction_transaction_id": [None, None, "o-1", None],
        "device_browser": ["Firefox"] * 4,
    },
}


# Access logs, whose user is the address with the agent.
FILES |= {
    "alb": "alb.log",
    "cloudfront": "cloudfront.log",
    "elb": "elb.log",
    "s3_access": "s3_access.log",
    "w3c": "iis.log",
}
_VISITORS = [f"203.0.113.7 {FIREFOX}"] * 3
USERS |= {name: [*_VISITORS, '2001:db8::7 Odd "agent" 1.0'] for name in FILES.keys() - USERS.keys()}
USERS["s3_access"] = [*_VISITORS, "2001:db8::7 Odd agent 1.0"]
IDS["cloudfront"] = "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZm{}=="
COARSE += ("cloudfront", "s3_access", "w3c")
_BALANCED = {
    "address": ["203.0.113.7"] * 3 + ["2001:db8::7"],
    "port": [2817, 2818, 2819, 2820],
    "method": ["GET", "GET", "POST", "GET"],
    "path": ["/", "/cart?q=rain%20gear", "/order", "/"],
    "url": [
        f"https://shop.example:443{path}" for path in ("/", "/cart?q=rain%20gear", "/order", "/")
    ],
    "elb_status_code": [200, 304, 201, 200],
    "sent_bytes": [5120, 0, 64, 5120],
    "response_processing_time": [0.0] * 4,
}
OTHERS |= {
    "alb": {
        **_BALANCED,
        "type": ["h2"] * 4,
        "protocol": ["HTTP/2.0"] * 4,
        "target_status_code_list": ["200", None, "201", "200"],
        "conn_trace_id": [
            f"TID_dc57cebed65b444ebc8177bb698fe16{n}" if n in (0, 3) else None for n in range(4)
        ],
        "transformed_uri": [None] * 4,
    },
    "cloudfront": {
        "c_ip": ["203.0.113.7"] * 3 + ["2001:db8::7"],
        "cs_user_agent": [FIREFOX] * 3 + ['Odd "agent" 1.0'],
        "cs_uri_query": [None, "q=rain%20gear", None, None],
        "sc_status": [200, 304, 201, 200],
        "time_taken": [0.001] * 4,
        "cs_cookie": [None] * 4,
    },
    "elb": {
        **_BALANCED,
        "response_processing_time": [0.000057] * 4,
        "backend": ["10.0.0.1:80"] * 4,
        "ssl_protocol": ["TLSv1.2"] * 4,
    },
    "s3_access": {
        "key": [None, "cart", "order", None],
        "bytes": [5120, None, 64, 5120],
        "tls_version": [None, None, "TLSv1.2", None],
        "source_region": ["eu-west-1", None, None, "eu-west-1"],
        "rest": [None, None, None, "new"],
    },
    "w3c": {
        "c_ip": ["203.0.113.7"] * 3 + ["2001:db8::7"],
        "cs_uri_stem": ["/", "/cart", "/order", "/"],
        "cs_uri_query": [None, "q=rain%20gear", None, None],
        "s_port": [443, 443, None, None],
        "sc_bytes": [None, None, 64, 5120],
        "sc_status": [200, 304, 201, 200],
        "time_taken": [15.0, 15.0, None, None],
    },
}


def options(name: str) -> dict[str, Any]:
    """Return what is said of a file when it is read."""
    columns = {"columns": HEADERS.read_text().rstrip("\n").split("\t")} if name == "adobe" else {}
    return {"schema": cs.EventSchema.preset(name), **columns}


def read(name: str) -> pd.DataFrame:
    return cs.read_events(EXPORTS / FILES[name], **options(name))


def story(name: str) -> pd.DataFrame:
    """Return the four events of the story, in the order of its times and visitors."""
    sessions = cs.sessionize(read(name))
    return sessions.iloc[ROWS.get(name, [0, 1, 2, 3])].reset_index(drop=True)


def plain(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]


def test_every_preset_but_the_webshop_has_a_file() -> None:
    assert set(PRESETS) == {*FILES, "webshop"}


@pytest.mark.parametrize("name", FILES)
def test_who_and_when(name: str) -> None:
    found = story(name)
    assert found["user_id"].tolist() == USERS[name]
    fraction = pd.Timedelta(0 if name in COARSE else "123ms")
    clocks = ("10:00", "10:10", "11:15", "10:05")
    expected = [pd.Timestamp(f"2024-05-01T{clock}Z") + fraction for clock in clocks]
    if name == "snowplow":
        # Without a derived time the collector's counts, which is a second later.
        expected[2] += pd.Timedelta("1s")
    assert found["timestamp"].tolist() == expected


@pytest.mark.parametrize("name", TYPES)
def test_what_and_which(name: str) -> None:
    found = story(name)
    assert found["event_type"].tolist() == TYPES[name]
    if name in IDS:
        ids = IDS[name]
        expected = [ids.format(number) for number in "0123"] if isinstance(ids, str) else ids
        assert found["event_id"].tolist() == expected
    elif name == "ga4":
        # The order within one moment, and an id made of the content.
        assert found["event_id"].str.fullmatch(r"m171455760000\d\.a1\.a1-[0-9a-f]{32}").all()
    else:
        assert "event_id" not in found


@pytest.mark.parametrize("name", FILES)
def test_it_sessionizes(name: str) -> None:
    found = story(name)
    assert found["session_id"].notna().all()
    *_, back, other = found["session_index"].tolist()
    # An hour later it is another session; the other visitor has one of their own.
    assert found["session_id"].iloc[1] != found["session_id"].iloc[2]
    assert (back, other) == (2, 1)


@pytest.mark.parametrize("name", FILES)
def test_other_fields_are_kept(name: str) -> None:
    found = story(name)
    assert {field: plain(found[field]) for field in OTHERS[name]} == OTHERS[name]


def test_all_fields_of_snowplow_are_columns() -> None:
    names = set(FIELDS)
    renamed = {"user_id": "source_user_id"}
    expected = {renamed.get(name, name) for name in names} - {"event_name", "derived_tstamp"}
    assert expected <= set(read("snowplow").columns)
    assert len(FIELDS) == 131
    contexts = json.loads(read("snowplow")["contexts"][0])
    assert contexts["data"][0]["data"] == {"id": "1-2-3"}


def test_requests_that_are_none_are_kept_as_they_are_written() -> None:
    broken = read("combined").iloc[4:]
    assert plain(broken["request"]) == [r"\x16\x03\x01\x02", None]
    assert plain(broken["method"]) == plain(broken["path"]) == [None, None]
    assert broken["status"].tolist() == [400, 408]
    assert broken["user_id"].tolist() == ["203.0.113.9"] * 2


def test_an_order_in_matomo_has_an_id_of_its_own() -> None:
    order = read("matomo").iloc[1]
    assert order["event_type"] == "ecommerceOrder"
    assert order["user_id"] == "u-7"
    assert order["event_id"] == "1|ecommerceOrder|o-1"
    assert json.loads(order["action_details_item_details"])[0]["itemSKU"] == "SKU_7"


def test_visits_of_matomo_one_per_line(tmp_path: Path) -> None:
    visits = json.loads((EXPORTS / FILES["matomo"]).read_text())
    lines = tmp_path / "visits.json"
    lines.write_text("".join(json.dumps(visit) + "\n" for visit in visits))
    found = cs.read_events(lines, schema=cs.EventSchema.preset("matomo"))
    pd.testing.assert_frame_equal(found, read("matomo"))


def test_a_visit_without_actions_has_no_events(tmp_path: Path) -> None:
    path = tmp_path / "visits.json"
    visits = json.loads((EXPORTS / FILES["matomo"]).read_text())
    path.write_text(json.dumps([{**visits[0], "actionDetails": []}, *visits]))
    found = cs.read_events(path, schema=cs.EventSchema.preset("matomo"))
    pd.testing.assert_frame_equal(found, read("matomo"))


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (None, r"visits\.json, .* no list of events at 'actionDetails'"),
        ("none", "actionDetails is no list of objects: none"),
        ([1], r"actionDetails is no list of objects: \[1\]"),
    ],
)
def test_a_visit_whose_actions_are_no_list_is_named(
    actions: object, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "visits.json"
    visits = json.loads((EXPORTS / FILES["matomo"]).read_text())
    path.write_text(json.dumps([*visits, {**visits[0], "actionDetails": actions}]))
    with pytest.raises(cs.errors.BadRowError, match=said):
        cs.read_events(path, schema=cs.EventSchema.preset("matomo"))


def test_pairs_keep_every_digit_and_every_type(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    pairs = [
        [{"key": "a", "value": {"int_value": "9007199254740993"}}, {"key": "b", "value": "x"}],
        [{"key": "a", "value": {"string_value": "007", "int_value": None}}, {"key": "c"}],
        [],
        None,
    ]
    path.write_text(
        "".join(
            json.dumps({"user_id": 1, "timestamp": "2024-05-01", "params": list_of}) + "\n"
            for list_of in pairs
        )
    )
    found = cs.read_events(path, schema=cs.EventSchema(pairs="params"), drop_duplicates=None)
    assert plain(found["params_a"]) == ["9007199254740993", "007", None, None]
    assert plain(found["params_b"]) == ["x", None, None, None]
    assert plain(found["params_c"]) == [None] * 4
    assert "params" not in found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"shop\tweb", r"it has 2 fields and not 131: shop\tweb"),
        (b"\xff" + b"\t" * 130, "it is not UTF-8"),
    ],
)
def test_a_line_that_is_no_enriched_event_is_named(line: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "events.tsv"
    good = (EXPORTS / FILES["snowplow"]).read_bytes()
    path.write_bytes(good + b"\n" + line + b"\n" + good)
    with pytest.raises(cs.errors.BadRowError, match=rf"events\.tsv, line 6: {said}"):
        cs.read_events(path, schema=cs.EventSchema.preset("snowplow"))


def test_the_format_of_a_call_goes_before_the_format_of_a_schema(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("user_id,timestamp\n7,2024-05-01\n")
    schema = cs.EventSchema(format="json")
    assert cs.read_events(path, schema=schema, format="csv")["user_id"].tolist() == [7]
    with pytest.raises(cs.errors.BadRowError, match="is no JSON"):
        cs.read_events(path, schema=schema)


@pytest.mark.parametrize("name", PRESETS)
def test_a_schema_comes_back_from_its_text(name: str) -> None:
    schema = cs.EventSchema.preset(name)
    assert cs.EventSchema.from_json(schema.to_json()) == schema


def test_the_text_of_a_schema_of_an_older_version_is_read() -> None:
    text = '{"event_id": "id", "user_id": ["a", "b"], "timestamp": null, "event_type": null}'
    schema = cs.EventSchema.from_json(text)
    assert schema == cs.EventSchema(event_id="id", user_id=("a", "b"))
    assert schema.to_json() == text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"keep": [1]}, "`keep` must be dotted paths of the source; got"),
        ({"pairs": ("a", "")}, "`pairs` must be dotted paths"),
        ({"events": ["a"]}, "`events` must be a dotted path of the source"),
        ({"format": ""}, "`format` must be a format's name"),
        ({"user_id": ()}, "`user_id` must be a dotted path of the source, a Join, or several"),
    ],
)
def test_what_a_schema_cannot_be(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=said):
        cs.EventSchema(**arguments)


def test_an_unknown_preset() -> None:
    with pytest.raises(cs.errors.UnknownNameError, match="Did you mean 'snowplow'"):
        cs.EventSchema.preset("snowplov")


def test_bad_records_are_set_aside_with_their_place(tmp_path: Path) -> None:
    visits = json.loads((EXPORTS / FILES["matomo"]).read_text())
    late = {**visits[1]["actionDetails"][0], "timestamp": "yesterday"}
    lines = [visits[0], {**visits[0], "actionDetails": 7}, {**visits[1], "actionDetails": [late]}]
    path = tmp_path / "visits.json"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    report = cs.ReadReport()
    schema = cs.EventSchema.preset("matomo")
    found = cs.read_events(path, schema=schema, on_error="quarantine", report=report)
    assert found["event_type"].tolist() == ["action", "ecommerceOrder"]
    kept = report.quarantine.to_frame()
    assert kept["reason"].tolist() == ["not_a_list", "bad_time"]
    assert kept["line"].tolist() == [2, 3]
    assert report.rows_read == report.rows_out + 2


@pytest.mark.parametrize("form", ["lines", "array", "parquet", "dicts"])
def test_of_a_visit_only_the_bad_event_is_set_aside(form: str, tmp_path: Path) -> None:
    visits = json.loads((EXPORTS / FILES["matomo"]).read_text())
    whole = cs.read_events(visits, schema=cs.EventSchema.preset("matomo"))
    good = visits[0]["actionDetails"][0]["timestamp"]
    visits[0]["actionDetails"][0]["timestamp"] = "yesterday"
    source: Any = tmp_path / "visits"
    if form == "lines":
        source.write_text("".join(json.dumps(visit) + "\n" for visit in visits))
    elif form == "array":
        source.write_text(json.dumps(visits))
    elif form == "parquet":
        as_text = [{**v, "actionDetails": json.dumps(v["actionDetails"])} for v in visits]
        pd.DataFrame(as_text).to_parquet(source)
    else:
        source = visits
    report = cs.ReadReport()
    schema = cs.EventSchema.preset("matomo")
    found = cs.read_events(
        source,
        schema=schema,
        format="parquet" if form == "parquet" else None,
        on_error="quarantine",
        report=report,
    )
    # A visit counts as many rows as it has events.
    assert (report.rows_read, report.rows_out, report.rows_refused) == (len(whole), len(found), 1)
    assert len(found) == len(whole) - 1
    fixed = report.quarantine.repaired(lambda raw: raw.replace(b'"yesterday"', str(good).encode()))
    again = cs.read_events(fixed, schema=schema)
    everything = pd.concat([again, found], ignore_index=True)
    pd.testing.assert_frame_equal(
        everything, whole, check_like=True, check_dtype=False, check_column_type=False
    )


def test_short_records_are_set_aside(tmp_path: Path) -> None:
    good = (EXPORTS / FILES["snowplow"]).read_bytes()
    path = tmp_path / "events.tsv"
    path.write_bytes(b"\xef\xbb\xbf" + good + b"shop\tweb\n" + good)
    report = cs.ReadReport()
    schema = cs.EventSchema.preset("snowplow")
    found = cs.read_events(path, schema=schema, on_error="quarantine", report=report)
    assert (len(found), report.duplicates) == (4, 4)
    kept = report.quarantine.to_frame()
    assert kept[["reason", "line", "offset"]].values.tolist() == [["field_count", 5, len(good) + 3]]


@pytest.mark.parametrize("name", PRESETS)
def test_a_schema_shows_what_it_says_and_no_more(name: str) -> None:
    schema = cs.EventSchema.preset(name)
    names = {kind.__name__: kind for kind in (cs.EventSchema, cs.Join, cs.Sum, cs.Local)}
    assert eval(repr(schema), {**names, **vars(cs.formats)}) == schema
    assert "nonexistent" not in repr(schema)
    assert repr(cs.EventSchema(user_id="user")) == "EventSchema(user_id='user')"
