"""The numbers of a page: against brute force, on every database; and what it cannot answer."""

import re
from bisect import bisect_right
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.errors import ParameterError
from clicksession.reporting import counts, gaps, page
from clicksession.reporting.numbers import number
from clicksession.sql import Tables
from tests.reporting.pages import Answer, Page
from tests.reporting.targets import HOSTILE, hostile, poor, shop

ZONE = "Europe/Amsterdam"


def read(report: cs.Report) -> Page:
    return Page(report.html)


def whole(text: str) -> int:
    return int(text.replace(",", ""))


def written(engine: sa.Engine, events: pd.DataFrame, **options: Any) -> sa.Engine:
    cs.SQLWriter(engine, **options).write(events)
    return engine


@pytest.fixture
def small(tmp_path: Path) -> sa.Engine:
    """A database of one kind, for what no database does differently."""
    return sa.create_engine(f"duckdb:///{tmp_path / 'small.duckdb'}")


def test_every_number_on_every_database(database: sa.Engine) -> None:
    """One page of one shop, whose sessions keep what they can, in tables with a prefix."""
    tables = Tables(prefix="web_", first={"landing_page": "page"}, counted_events=("placed_order",))
    events = shop()
    written(database, events, tables=tables)
    answers = read(cs.report(database, zone=ZONE, tables=Tables(prefix="web_"))).answers
    _check_counts(answers, events)
    _check_pauses(answers["Pauses between events"], events)
    _check_orders(answers, database, tables)
    assert "web_events" not in answers["Landing pages"].sql
    for answer in answers.values():
        _check_sql(answer, database)


def _check_counts(answers: dict[str, Answer], events: pd.DataFrame) -> None:
    inside = cs.sessionize(events).dropna(subset="session_id")
    starts = inside.groupby("session_id")["timestamp"].min()
    assert whole(answers["Users"].number) == inside["user_id"].nunique()
    assert whole(answers["Sessions"].number) == len(starts)
    assert whole(answers["Events"].number) == len(inside)

    days = Counter(start.astimezone(ZoneInfo(ZONE)).date() for start in starts)
    assert {row[0]: whole(row[1]) for row in answers["Sessions per day"].rows} == {
        f"{day.day} {day:%b %Y}": days[day.date()] for day in pd.date_range(min(days), max(days))
    }
    kinds = {row[0]: whole(row[1]) for row in answers["Types of events"].rows}
    assert kinds == events["event_type"].value_counts().to_dict()
    outside = len(events) - len(inside)
    assert answers["Types of events"].notes[0].startswith(f"{outside:,} events")

    pages = inside.dropna(subset="page").sort_values(["timestamp", "event_id"])
    landing = pages.groupby("session_id")["page"].first().value_counts().to_dict()
    assert {row[0]: whole(row[1]) for row in answers["Landing pages"].rows} == landing


def _check_pauses(answer: Answer, events: pd.DataFrame) -> None:
    known = events.dropna(subset="user_id").sort_values(["user_id", "timestamp", "event_id"])
    pauses = (known.groupby("user_id")["timestamp"].diff().dropna() // pd.Timedelta("1us")).tolist()
    classes = Counter(bisect_right(gaps._EDGES, pause) for pause in pauses)
    assert [whole(row[1]) for row in answer.rows] == [
        classes[place] for place in range(len(gaps._EDGES) + 1)
    ]
    longer = sum(pause > 1_800_000_000 for pause in pauses)
    assert answer.notes[0].startswith(f"The timeout is 30 minutes; {longer:,} pauses are longer")
    suggestion = cs.suggest_timeout(events)
    assert suggestion.is_clear
    assert _suggested(answer) == suggestion.verdict
    usual, suggested = [line.attributes["x1"] for line in answer.element.of_class("line", "mark")]
    assert _at(usual) == pytest.approx(1800, rel=0.01)
    assert suggestion.timeout is not None
    assert _at(suggested) == pytest.approx(suggestion.timeout.total_seconds(), rel=0.01)


def _suggested(answer: Answer) -> str:
    """Return the verdict below the picture of the pauses, as `suggest_timeout` has it."""
    found = answer.notes[-1].removeprefix("What suggest_timeout() finds in all pauses: ")
    return found[0].upper() + found[1:]


def _at(place: str | None) -> float:
    """Return the seconds that are at a place of the picture of the pauses."""
    return float(2 ** (float((place or "").removesuffix("%")) / 100 * 23))


def _check_orders(answers: dict[str, Answer], database: sa.Engine, tables: Tables) -> None:
    visits = cs.metrics.VisitsBeforeOrder()
    with database.connect() as connection:
        observed = connection.execute(visits.observations(tables)).all()
    values = [value for value, times in observed for _ in range(times)]
    assert answers["Visits before an order"].number == f"{np.median(values):g} visits"
    assert answers["Visits before an order"].sentence == visits.describe()
    counts = Counter(bisect_right((1, 2, 3, 4, 5, 6, 8, 11, 21), value) for value in values)
    spread = [whole(row[1]) for row in answers["Orders by visits before them"].rows]
    assert spread == [counts[place] for place in range(10)]
    minutes = answers["Orders by minutes before them"].rows
    assert sum(whole(row[1]) for row in minutes) == len(values) > 5


def _check_sql(answer: Answer, database: sa.Engine) -> None:
    """Run what is folded away: it gives what is shown."""
    if not answer.sql:
        return
    with database.connect() as connection:
        cursor: Any = connection.connection.cursor()
        cursor.execute(answer.sql)  # As it is: SQLAlchemy would look for parameters in it.
        found = cursor.fetchall()
    assert found
    if answer.number:
        assert number(float(found[0][0])) == answer.number.split()[0]


def test_a_pause_of_an_edge_is_of_the_class_that_begins_there(small: sa.Engine) -> None:
    """And one of exactly the timeout is not longer."""
    edges = [*gaps._EDGES[::5], 1_800_000_000]
    pauses = [(user, edge - less) for user, edge in enumerate(edges) for less in (0, 1)]
    start = pd.Timestamp("2024-05-01", tz="UTC")
    rows = [
        {"user_id": f"{user} {pause}", "timestamp": start + pd.Timedelta(at, "us")}
        for user, pause in pauses
        for at in (0, pause)
    ]
    answer = read(cs.report(written(small, pd.DataFrame(rows)))).answers["Pauses between events"]
    classes = Counter(bisect_right(gaps._EDGES, pause) for _, pause in pauses)
    assert [whole(row[1]) for row in answer.rows] == [
        classes[place] for place in range(len(gaps._EDGES) + 1)
    ]
    longer = sum(pause > 1_800_000_000 for _, pause in pauses)
    assert answer.notes[0].startswith(f"The timeout is 30 minutes; {longer} pauses are longer")


@pytest.mark.parametrize(
    ("timeout", "suggested", "names", "side"),
    [
        ("30min", "55min", ["timeout: 30 minutes", "suggested"], "start"),
        ("2h", "55min", ["timeout: 2 hours", "suggested"], "end"),
        ("55min", "55min", ["timeout: 55 minutes"], "middle"),
        ("30min", None, ["timeout: 30 minutes"], "middle"),
        (None, "55min", ["suggested"], "start"),
        ("200D", "55min", ["suggested"], "end"),  # The line of the other is outside.
        (None, None, [], ""),
    ],
)
def test_the_names_of_two_timeouts_keep_clear_of_each_other(
    timeout: str | None, suggested: str | None, names: list[str], side: str
) -> None:
    at = [None if each is None else pd.Timedelta(each) for each in (timeout, suggested)]
    lines = gaps._timeout_lines(*at)
    assert [line.label for line in lines] == names
    assert len({line.top for line in lines}) == len(lines)
    assert [line.anchor for line in lines][-1:] == [side] * bool(lines)
    told = gaps._marked(lines, *at)
    assert told.count("A line marks") == len(lines)
    assert ("the suggested timeout of 55 minutes" in told) == ("suggested" in names)


def test_the_funnel_and_the_words_of_a_target(small: sa.Engine) -> None:
    written(small, shop())
    steps = [row[0] for row in read(cs.report(small)).answers["Funnel"].rows]
    assert steps == ["1. page_view or screen_view or $pageview", "2. placed_order"]
    cs.SQLWriter(small).keep_vocabulary({"cart": "add_product_to_cart", "order": "search"})
    answers = read(cs.report(small)).answers
    assert [row[0] for row in answers["Funnel"].rows] == [
        *(steps[0], "2. add_product_to_cart", "3. search"),
    ]
    assert "a session with a 'search' event" not in answers["Funnel"].sentence
    assert "'search'" in answers["Visits before an order"].sentence
    own = read(cs.report(small, steps=("search", "placed_order"))).answers["Funnel"]
    expected = cs.metrics.Funnel(steps=("search", "placed_order")).compute(small)
    assert [whole(row[1]) for row in own.rows] == expected["reached"].tolist()


def test_a_poor_target_says_what_it_cannot_answer(small: sa.Engine) -> None:
    answers = read(cs.report(written(small, poor()))).answers
    assert answers["Users"].number == "2"
    pauses = answers["Pauses between events"]
    assert _suggested(pauses).startswith("Too few gaps to tell")
    assert [each.text for each in pauses.element.of_class("text", "mark-name")] == [
        "timeout: 30 minutes"
    ]
    for title in ("Visits before an order", "Minutes before an order"):
        assert "nothing found is not zero" in answers[title].why_not
        assert answers[title].number == ""
    assert "Orders by visits before them" not in answers
    assert "none occurs" in answers["Funnel"].why_not
    assert "'page_url'" in answers["Landing pages"].why_not
    assert answers["Types of events"].rows == [["(no type)", "3", "100 %"]]
    assert "on_misfit='quarantine'" in answers["Refused by the target"].why_not


def test_an_empty_target(small: sa.Engine) -> None:
    written(small, poor().assign(user_id=None))
    answers = read(cs.report(small)).answers
    assert answers["Sessions"].number == "0"
    assert answers["Span"].why_not == "There is no session yet."
    for title in ("Sessions per day", "Pauses between events", "Retention"):
        assert answers[title].why_not, title
        assert answers[title].rows == []


def test_what_was_refused_and_hostile_texts(database: sa.Engine) -> None:
    hostile(database)
    report = cs.report(database, title=HOSTILE)
    answers = read(report).answers
    ((reason, count),) = answers["Refused by the target"].rows
    assert reason.startswith("size: it is ")
    assert count == "12"
    assert len(answers["Some of the refused rows"].rows) == 5
    assert answers["Writes"].rows[0][-4:] == ["12", "0", "0", "12"]

    root = read(report).root
    assert root.all("script") == []
    assert root.all("b") == []
    assert root.all("h1")[0].text == HOSTILE
    assert root.all("title")[0].text == HOSTILE
    kinds = {row[0] for row in answers["Types of events"].rows}
    assert kinds == {HOSTILE, "page_view", "placed_order"}
    assert HOSTILE in [row[0] for row in answers["Landing pages"].rows]


def test_long_lists_are_cut_and_the_rest_is_said(small: sa.Engine) -> None:
    events = pd.DataFrame(
        {
            "user_id": range(4000),
            "timestamp": pd.date_range("2020-01-01", periods=4000, freq="9h", tz="UTC"),
            "event_type": [f"kind {n % 1500}" for n in range(4000)],
            "page": [f"/{n}/{'x' * 300}" for n in range(4000)],
        }
    )
    report = cs.report(written(small, events))
    answers = read(report).answers
    assert len(report.html) < 150_000
    for title in ("Types of events", "Landing pages"):
        rows = answers[title].rows
        assert len(rows) == 11
        assert rows[-1][0] == "All others"
        assert sum(whole(row[1]) for row in rows) == 4000
        assert all(len(row[0]) <= 160 for row in rows)
    per_month = answers["Sessions per month"]
    assert sum(whole(row[1]) for row in per_month.rows) == 4000


def test_times_far_apart_keep_the_picture_small(small: sa.Engine) -> None:
    times = pd.to_datetime(["1999-05-01", "2024-05-01", "2024-06-01"], utc=True)
    written(small, pd.DataFrame({"user_id": [1, 2, 3], "timestamp": times}))
    rows = read(cs.report(small)).answers["Sessions per month"].rows
    assert rows[0] == ["All earlier", "1"]
    assert len(rows) == 121
    assert sum(whole(row[1]) for row in rows) == 3


def test_the_same_target_gives_the_same_bytes(
    small: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(small, shop())
    pages = []
    for hour in (1, 2):
        now = datetime(2030, 1, 1, hour, tzinfo=UTC)
        monkeypatch.setattr(page, "_now", lambda now=now: now)
        pages.append(cs.report(small).html)
    moments = re.compile(r'<time datetime="[^"]*">[^<]*</time>')
    assert moments.findall(pages[0]) != moments.findall(pages[1])
    assert moments.sub("", pages[0]) == moments.sub("", pages[1])


def test_the_rules_and_the_runs_that_made_it(small: sa.Engine) -> None:
    rules = cs.Rules(timeout="45min", at_timeout="new")
    written(small, shop(), rules=rules)
    cs.SQLWriter(small, rules=rules).write(shop())
    html = cs.report(small).html
    answers = Page(html).answers
    assert str(rules) in answers["Rules"].element.text
    assert [row[0] for row in answers["Writes"].rows] == ["2", "1"]
    assert "timeout: 45 minutes" in html


def test_a_url_is_read_only_and_what_is_no_target_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite"
    written(sa.create_engine(f"sqlite:///{path}"), poor())
    before = path.read_bytes()
    out = tmp_path / "out.html"
    made = cs.report(f"sqlite:///{path}", out)
    assert out.read_text(encoding="utf-8") == made.html
    assert path.read_bytes() == before
    assert made.title == "Sessions in shop.sqlite"
    with pytest.raises(ParameterError, match="a database with the tables 'web_events' and"):
        cs.report(f"sqlite:///{path}", tables=Tables(prefix="web_"))
    with pytest.raises(ParameterError, match="a database file that is there"):
        cs.report(f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert not (tmp_path / "none.sqlite").exists()
    with pytest.raises(ParameterError, match=r"report: `zone` must be the name of a time zone"):
        cs.report(f"sqlite:///{path}", zone="Amsterdam")
    with pytest.raises(ParameterError, match=r"report: `page` .* Did you mean 'user_id'"):
        cs.report(f"sqlite:///{path}", page="userid")


def test_all_numbers_are_of_one_moment(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that come while the page is made are on none of its numbers, or on all."""
    written(database, poor())
    counted = counts.headline

    def headline(*given: Any) -> Any:
        answers = list(counted(*given))
        if database.dialect.name != "sqlite":  # Where a writer would wait for the reader.
            later = poor().assign(timestamp=lambda one: one["timestamp"] + pd.Timedelta("9D"))
            cs.SQLWriter(database).write(later)
        return answers

    monkeypatch.setattr(page, "headline", headline)
    answers = read(cs.report(database)).answers
    assert answers["Sessions"].number == "2"
    assert sum(whole(row[1]) for row in answers["Sessions per day"].rows) == 2
    assert answers["Types of events"].rows[0][1] == "3"


def test_a_notebook_shows_it_in_a_frame_of_its_own(small: sa.Engine) -> None:
    hostile(small)
    made = cs.report(small)
    (frame,) = Page(made._repr_html_()).root.all("iframe")
    framed = Page(frame.attributes["srcdoc"] or "")
    assert framed.answers.keys() == read(made).answers.keys()
    assert framed.root.all("base")[0].attributes["href"] == "about:srcdoc"
    assert "sandbox" in frame.attributes
