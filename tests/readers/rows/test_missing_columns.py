"""A column that must be there and is not: the error says what there is, and what to type."""

from pathlib import Path
from typing import Any

import pytest

import clicksession as cs

INNER = '{"log": "{\\"user\\": 7, \\"at\\": 1714557600}", "stream": "stdout"}\n'
GA4 = '{"event_timestamp": 1714557600123000, "event_name": "x", "user_pseudo_id": "1.2"}\n'
W3C = "#Fields: date time c-ip cs(User-Agent)\n2024-05-01 10:00:00 192.0.2.1 Firefox\n"


def refusal(file: Path, **options: Any) -> str:
    with pytest.raises(cs.errors.SchemaError) as caught:
        cs.read_events(file, **options)
    return str(caught.value)


def test_a_text_of_json_on_the_way_is_named(tmp_path: Path) -> None:
    file = tmp_path / "container.json"
    file.write_text(INNER)
    schema = cs.EventSchema(user_id="log.user", timestamp="log.at")
    assert "EventSchema(json='log') looks into it" in refusal(file, schema=schema)
    schema = cs.EventSchema(user_id="log.user", timestamp="log.at", json="log")
    assert cs.read_events(file, schema=schema)["user_id"].tolist() == [7]
    # Whoever said so already is told nothing of it.
    schema = cs.EventSchema(user_id="log.who", timestamp="log.at", json="log")
    assert "json=" not in refusal(file, schema=schema)


@pytest.mark.parametrize(
    ("name", "text", "preset"), [("events.json", GA4, "ga4"), ("u_ex.log", W3C, "w3c")]
)
def test_presets_that_know_the_fields_are_named(
    name: str, text: str, preset: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(text)
    said = refusal(file)
    assert preset in said.partition("Presets that know such fields: ")[2].partition(";")[0]
    assert "umami" not in said
    assert len(cs.read_events(file, schema=cs.EventSchema.preset(preset))) == 1


def test_no_preset_is_named_where_the_schema_says_the_field(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(GA4)
    schema = cs.EventSchema(user_id="who", timestamp="event_timestamp")
    said = refusal(file, schema=schema)
    assert "Preset" not in said
    assert said.endswith("Map it with schema=EventSchema(user_id=…).")


def test_a_text_that_is_no_json_is_told_apart_from_a_file_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "container.json"
    file.write_text(INNER + '{"log": "starting up", "stream": "stderr"}\n')
    schema = cs.EventSchema(user_id="log.user", timestamp="log.at", json="log")
    with pytest.raises(cs.errors.BadRowError) as caught:
        cs.read_events(file, schema=schema)
    assert "its 'log' is no JSON" in str(caught.value)
    assert 'format="csv"' not in str(caught.value)
    assert 'on_error="quarantine"' in str(caught.value)


def test_a_file_of_no_known_format_is_told_how_to_say_its_own(tmp_path: Path) -> None:
    file = tmp_path / "events.txt"
    file.write_text("user_id;timestamp\nann;2024-05-01T10:00Z\n")
    with pytest.raises(cs.errors.ReadError, match=r"CSV\(delimiter=…\), Weblog\(log_format=…\)"):
        cs.read_events(file)
    assert len(cs.read_events(file, format=cs.formats.CSV(delimiter=";"))) == 1
