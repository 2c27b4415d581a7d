"""What a notebook shows: the sentence and the numbers, escaped, bounded, in any colours."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession import metrics as m
from clicksession.display import Card, listing_of
from clicksession.readers.base import BadRow
from clicksession.sql import Tables

HOSTILE = "<script>alert(1)</script><b title='x\">"
VOID = {"br", "hr", "img", "input", "meta", "link"}


class Page(HTMLParser):
    """The tags and the texts of a card, whose tags must nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in VOID
        self.tags.append(tag)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1] != "style" and data.strip():
            self.texts.append(data.strip())


def page(value: Any) -> Page:
    return Page(value._repr_html_())


def text(value: Any) -> str:
    return " | ".join(page(value).texts)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> cs.RunReport:
    folder = tmp_path_factory.mktemp("run")
    good = '{"user_id": 1, "timestamp": %d}\n'
    bad = f"{{{HOSTILE}\n"
    lines = [good % (1714557600 + 7200 * n) for n in range(1200)] + [bad] * 30
    (folder / "log.json").write_text("".join([*lines, lines[0]]))
    return cs.run(folder / "log.json", f"duckdb:///{folder / 'a.db'}", on_error="quarantine")


def test_a_run_shows_where_every_row_went(report: cs.RunReport) -> None:
    shown = text(report)
    assert "Rows | read | 1,231 | added | 1,200 | duplicates | 1 | refused | 30" in shown
    assert "Sessions | added | 1,200 | changed | 0 | removed | 0" in shown
    assert "not_json | 30" in shown
    assert "RunReport(" not in shown


def test_a_table_is_bounded(report: cs.RunReport) -> None:
    shown = page(report.reading.quarantine)
    assert shown.tags.count("tr") == 1 + 10
    assert shown.texts[1] == "30 rows that are no events."
    assert shown.texts[-1] == "and 20 more"
    wide = listing_of("", [f"c{n}" for n in range(50)], [["x" * 1000] * 50], 1)
    html = Card(kind="Test", listings=[wide]).html
    assert html.count("<td ") == 8
    assert "x" * 120 not in html
    assert f"{'x' * 119}…" in html


def row(raw: bytes) -> BadRow:
    return BadRow("a.json", HOSTILE, 1, 0, "not_json", HOSTILE, raw, len(raw))


HOSTILES = {
    "a refused row": cs.Quarantine([row(HOSTILE.encode())]),
    "a report": cs.ReadReport(
        rows_read=1, duplicates=1, conflicting=1, conflict=HOSTILE, changed_types={HOSTILE: ("a",)}
    ),
    "an event type": m.ConversionRate(events=HOSTILE),
    "a condition": m.Count(where=sa.column(HOSTILE) == HOSTILE),
    "rules": cs.Rules(start_events=HOSTILE, change=HOSTILE),
    "a schema": cs.EventSchema(user_id=HOSTILE, rename={HOSTILE: "a"}, exclude={"a": HOSTILE}),
    "tables": Tables(prefix=HOSTILE, counted_events=HOSTILE, first={"a": HOSTILE}),
    "a model": cs.to_dbt(m.ConversionRate(events=HOSTILE), "duckdb"),
    "a comparison": cs.compare_sessions(
        pd.DataFrame(
            {
                "user_id": [HOSTILE] * 2,
                "timestamp": pd.to_datetime(["2024-05-01", "2024-05-02"]),
                "visit": [HOSTILE] * 2,
            }
        ),
        given="visit",
    ),
}


@pytest.mark.parametrize("value", HOSTILES.values(), ids=HOSTILES)
def test_what_comes_from_a_log_is_text(value: Any) -> None:
    shown = page(value)
    assert not {"script", "b"} & set(shown.tags)
    assert "<script>" in "".join(shown.texts)


def test_what_does_not_print_is_written_out() -> None:
    html = Card(kind="Test", listings=[listing_of("", ["raw"], [["a\x00\n\u202eb"]], 1)]).html
    assert r"a\x00\n\u202eb" in html


DISPLAYED = {
    "Rules": [
        cs.Rules("30min", "new", max_rate=(100, "100s"), midnight="Europe/Amsterdam"),
        "A session ends after a pause of 30 minutes or more",
        "timeout | 30 minutes | at_timeout | new",
        "100, 1 minute 40 seconds",
    ],
    "Metric": [
        m.VisitsBeforeOrder(by=("country", m.Period("week")), since="2024-05-01"),
        "VisitsBeforeOrder | The median, over all sessions with a 'placed_order' event",
        "by | country, week in UTC | since | 2024-05-01 (UTC)",
        "a table: country, week, median_visits_before_order",
    ],
    "Number": [m.Count(), "gives | one number: sessions"],
    "Funnel": [
        m.Funnel(steps=("view", ("cart", m.Role("order"))), within="1d"),
        "steps | view, cart or order | within | 1 day",
    ],
    "Schema": [
        cs.EventSchema(user_id=("a", cs.Join("b", "c")), zone="Asia/Tokyo", json="log"),
        "user_id | a, or b and c, joined | timestamp | timestamp | event_type | event_type, where",
        "zone of times without one | Asia/Tokyo",
    ],
    "Tables": [
        Tables(prefix="web_", counted_events="buy", first={"landing": "page"}),
        "events | web_events | sessions | web_sessions",
        "landing: the first page; buy_count: how many buy",
    ],
    "Model": [cs.to_dbt(m.Count(), "duckdb"), "Model of dbt | count | models/count.sql |"],
    "Quarantine": [cs.Quarantine(), "Quarantine | 0 rows that are no events."],
}


@pytest.mark.parametrize("name", DISPLAYED)
def test_it_shows_the_sentence_and_what_is_set(name: str) -> None:
    value, *parts = DISPLAYED[name]
    shown = text(value)
    for part in parts:
        assert part in shown
    assert not re.search(r"\b[A-Z]\w+\(|us'|None", shown)


@pytest.mark.parametrize("name", cs.rules.presets.PRESETS)
def test_every_preset_of_rules_is_shown(name: str) -> None:
    rules = cs.Rules.preset(name)
    assert str(rules) in text(rules)


@pytest.mark.parametrize("name", cs.schema.presets.PRESETS)
def test_every_preset_of_schemas_is_shown(name: str) -> None:
    shown = text(cs.EventSchema.preset(name))
    assert not re.search(r"Join\(|\('|None", shown)


def test_a_comparison_shows_counts_and_the_sessions_that_differ() -> None:
    shown = text(HOSTILES["a comparison"])
    assert "Sessions | given | 1 | cut | 2" in shown
    assert "the same | 0 | split | 1" in shown
    assert "a pause of 1 day" in shown


def test_the_styles_touch_nothing_else() -> None:
    css = Card(kind="Test").html.partition("<style>")[2].partition("</style>")[0]
    selectors = [one for rule in re.findall(r"([^{}]+)\{", css) for one in rule.split(",")]
    assert len(selectors) > 10
    assert {one.strip().startswith(".clicksession-card") for one in selectors} == {True}
    # Colours come from around, so that a card is right on light, on dark and on paper.
    assert set(re.findall(r"[^-]color: ([^;]+);", css)) == {"inherit"}


def test_nothing_is_fetched(report: cs.RunReport) -> None:
    assert not re.search(r"https?:|url\(|@import|src=", report._repr_html_())


def test_the_engine_of_templates_is_loaded_by_a_display_alone() -> None:
    code = (
        "import sys, clicksession as cs; r = cs.Rules(); repr(r); print('jinja2' in sys.modules);"
    )
    code += "r._repr_html_(); print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_the_templates_are_in_the_package() -> None:
    folder = Path(cs.display.__file__).parent / "templates"
    assert {path.name for path in folder.iterdir()} == {"card.html", "card.css"}
