"""Every metric over HTTP: parameters, paging, time limits, what is kept, and the description."""

import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pandas as pd
import pytest
import sqlalchemy as sa
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient

import clicksession as cs
from clicksession.sql.dialects import Dialect
from clicksession.sql.dialects.sqlite import SQLite
from fastapi_app.limits import Kept, Limited
from fastapi_app.metrics_router import KINDS, _as_answer, metrics_router
from fastapi_app.router import order_metrics_router

DATA = Path(__file__).parents[1] / "data" / "order_definitions.csv"
NEEDED = {
    "attribution": "source=page",
    "landing_pages": "page=page",
    "exit_pages": "page=page",
    "funnel": "steps=page_view&steps=placed_order",
    "time_between_steps": "steps=page_view&steps=placed_order",
}


def app_on(engine: sa.Engine, **options: Any) -> FastAPI:
    app = FastAPI(title="Webshop metrics", version="1.0")
    app.include_router(order_metrics_router(engine, **options))
    app.include_router(metrics_router(engine, **options))
    return app


@pytest.fixture
def stored(database: sa.Engine) -> sa.Engine:
    events = pd.read_csv(DATA)
    events["timestamp"] = pd.to_datetime(events["timestamp"], utc=True)
    cs.SQLWriter(database).write(events.assign(page="/"))
    return database


@pytest.fixture
def small(tmp_path: Path) -> Iterator[sa.Engine]:
    """A database of one kind, for what no database does differently."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'small.db'}")
    events = pd.read_csv(DATA)
    events["timestamp"] = pd.to_datetime(events["timestamp"], utc=True)
    cs.SQLWriter(engine).write(events.assign(page="/"))
    yield engine
    engine.dispose()


def test_every_metric_answers(stored: sa.Engine) -> None:
    client = TestClient(app_on(stored))
    for name in KINDS:
        answer = client.get(f"/metrics/{name}?{NEEDED.get(name, '')}")
        assert answer.status_code == 200, (name, answer.text)
        body = answer.json()
        assert body["metric"] == name
        assert body["definition"].endswith(".")
        assert body["rows"]
        assert len(body["rows"][0]) == len(body["columns"])


def test_before_anything_was_written(database: sa.Engine) -> None:
    client = TestClient(app_on(database))
    for name in KINDS:
        answer = client.get(f"/metrics/{name}?{NEEDED.get(name, '')}")
        assert answer.status_code == 200
        assert answer.json()["value"] is None
    assert client.get("/users/7/sessions").json() == {"sessions": [], "next": None}


def test_parameters_choose_the_definition(small: sa.Engine) -> None:
    client = TestClient(app_on(small))
    usual = client.get("/metrics/visits_before_order").json()
    assert usual["value"] == cs.metrics.VisitsBeforeOrder().compute(small)
    assert usual["definition"] == cs.metrics.VisitsBeforeOrder().describe()
    other = client.get("/metrics/visits_before_order?reset=never&current=included").json()
    assert other["value"] == 3.0
    by = client.get("/metrics/sessions_per_user?by=day&statistic=mean").json()
    assert by["columns"] == ["day", "mean_sessions_per_user"]
    assert by["rows"][0] == ["2024-01-01", 1.0]


def test_a_window_of_time_on_every_route(small: sa.Engine) -> None:
    client = TestClient(app_on(small))
    window = {"since": "2024-01-03", "until": "2024-01-08T02:00+02:00"}
    for name, kind in KINDS.items():
        needed = parse_qs(NEEDED.get(name, ""))
        answer = client.get(f"/metrics/{name}", params=needed | window)
        assert answer.status_code == 200, (name, answer.text)
        said = {name: tuple(v) if name == "steps" else v[0] for name, v in needed.items()}
        metric = kind(**said, **window)
        assert "began from 2024-01-03 up to, and without, 2024-01-08 (UTC)" in metric.describe()
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            found = metric.compute(small)
        expected = _as_answer(name, metric, found, [str(one.message) for one in heard])
        assert answer.json() == expected.model_dump(), name


def test_events_are_called_what_the_target_calls_them(stored: sa.Engine) -> None:
    client = TestClient(app_on(stored, keep_seconds=0))
    usual = client.get("/metrics/conversion_rate").json()
    assert usual["warnings"] == []
    assert (
        usual["value"] == client.get("/metrics/conversion_rate?events=placed_order").json()["value"]
    )
    cs.SQLWriter(stored).keep_vocabulary({"order": "page_view"})
    other = client.get("/metrics/conversion_rate").json()
    assert other["value"] > usual["value"]
    assert other["definition"] == "The share of sessions that have a 'page_view' event."
    named = client.get("/metrics/conversion_rate?events=placed_order&events=3").json()
    assert named["value"] == usual["value"]
    assert len(named["warnings"]) == 1
    assert "`events` looks for '3' events" in named["warnings"][0]


def test_what_finds_nothing(stored: sa.Engine) -> None:
    cs.SQLWriter(stored).keep_vocabulary({"order": "buy"})
    client = TestClient(app_on(stored))
    for url in ("conversion_rate", "visits_before_order", "orders", "funnel?steps=kart"):
        answer = client.get(f"/metrics/{url}")
        assert answer.status_code == 409, answer.text
        assert "Those that occur: 'page_view' (" in answer.json()["detail"]


def test_hours_counts_and_steps(small: sa.Engine) -> None:
    client = TestClient(app_on(small))
    by = client.get("/metrics/count?of=events&events=placed_order&by=hour&zone=Asia/Kolkata").json()
    assert by["columns"] == ["hour", "events"]
    found = cs.metrics.Count(
        of="events", events=("placed_order",), by=cs.metrics.Period("hour", zone="Asia/Kolkata")
    ).compute(small)
    hours = [hour.isoformat() for hour in found["hour"]]
    assert by["rows"] == [list(row) for row in zip(hours, found["events"].tolist(), strict=True)]
    assert hours[0].endswith(":30:00+05:30") or hours[0].endswith(":00:00+05:30")
    steps = "steps=page_view&steps=placed_order"
    strict = client.get(f"/metrics/funnel?{steps}&order=strict&start=last").json()
    metric = cs.metrics.Funnel(steps=("page_view", "placed_order"), order="strict", start="last")
    assert strict["definition"] == metric.describe()
    assert [row[2] for row in strict["rows"]] == metric.compute(small)["reached"].tolist()
    took = client.get(f"/metrics/time_between_steps?{steps}&from_step=1&unit=seconds").json()
    assert took["columns"][-1] == "median_seconds"
    chosen = "first_events=page_view&return_events=placed_order&returning=on_or_after&up_to=1"
    rows = client.get(f"/metrics/retention?{chosen}&period=day").json()["rows"]
    assert {row[1] for row in rows} <= {0, 1}


def test_weeks_in_a_zone(small: sa.Engine) -> None:
    answer = TestClient(app_on(small)).get("/metrics/retention?zone=Europe/Amsterdam")
    assert (answer.status_code, "in Europe/Amsterdam" in answer.text) == (200, True), answer.text


def test_what_a_dialect_cannot_say(small: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    # As a dialect from elsewhere, of which nobody asks that it knows days.
    monkeypatch.setattr(SQLite, "calendar_period", Dialect.calendar_period)
    answer = TestClient(app_on(small)).get("/metrics/retention")
    assert (answer.status_code, "a day, week or month" in answer.text) == (501, True), answer.text


@pytest.mark.parametrize(
    ("url", "status", "says"),
    [
        ("/metrics/visits_before_order?per=month", 422, "order_session"),
        ("/metrics/visits_before_order?statistic=p0", 422, "statistic"),
        ("/metrics/funnel", 422, "steps"),
        ("/metrics/visits_before_order?reset=at_order&current=cut", 409, "lest"),
        ("/metrics/session_duration?by=colour", 404, "colour"),
        ("/metrics/retention?zone=Nowhere", 409, "zone"),
        ("/metrics/retention?since=soon", 422, "since"),
        ("/metrics/retention?until=2024-02-30", 409, "a time to the microsecond"),
        ("/metrics/retention?since=2024-01-02&until=2024-01-01", 409, "later than"),
        ("/metrics/time_to_convert?since=session", 422, "since"),
        ("/metrics/session_duration?zone=localtime", 409, "zone"),
        ("/metrics/visits_before_order?curent=included", 422, "Known: after_last_order"),
        ("/metrics/visits_before_order?where=1", 422, "Not a parameter"),
        ("/metrics/retention?period=hour", 409, "unless periods='rolling'"),
        ("/metrics/funnel?steps=a&order=strictly", 422, "strict_steps"),
        ("/metrics/time_between_steps?steps=a&steps=b&from_step=2", 409, "1 to 1"),
        ("/metrics/time_between_steps?steps=a", 409, "at least two steps"),
        ("/metrics/count?of=visits", 422, "sessions"),
        ("/metrics/landing_pages?page=page&by=page", 409, "names that columns of the answer"),
        ("/users/1/sessions?from=2", 422, "Not a parameter"),
        ("/users/1/sessions?limit=1&limit=5", 422, "more than once"),
        ("/metrics/orders?per=user", 422, "Not a parameter. Known: none"),
        ("/metrics/nothing", 404, "Not Found"),
        ("/users/1/sessions?after=nobody", 404, "after"),
        ("/users/1/sessions?limit=0", 422, "limit"),
    ],
)
def test_what_is_refused(small: sa.Engine, url: str, status: int, says: str) -> None:
    answer = TestClient(app_on(small)).get(url)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text


def test_the_sessions_of_a_user_page_by_page(stored: sa.Engine) -> None:
    client = TestClient(app_on(stored))
    whole = client.get("/users/1/sessions").json()
    assert whole["next"] is None
    assert [session["event_count"] for session in whole["sessions"]] == [2, 2, 3, 2, 4]
    assert whole["sessions"][0]["started_at"] == "2024-01-01T10:00:00Z"
    seen, after = [], ""
    for _ in range(3):
        page = client.get(f"/users/1/sessions?limit=2{after}").json()
        seen += page["sessions"]
        after = f"&after={page['next']}"
    assert seen == whole["sessions"]
    assert page["next"] is None
    assert client.get("/users/nobody/sessions").json()["sessions"] == []


@pytest.mark.parametrize("user", [1_700_000_000_000_000_001, -(2**63), "a/b", "sessions"])
def test_the_sessions_of_odd_users(user: Any, tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'odd.db'}")
    moment = pd.Timestamp("2024-05-01", tz="UTC")
    cs.SQLWriter(engine).write(pd.DataFrame({"user_id": [user], "timestamp": [moment]}))
    client = TestClient(app_on(engine))
    assert len(client.get(f"/users/{user}/sessions").json()["sessions"]) == 1
    for other in (f"0{user}", 2**63, "nobody"):
        assert client.get(f"/users/{other}/sessions").json()["sessions"] == []
    engine.dispose()


@pytest.mark.parametrize("user", ["u" * 480, "u" * 500, "é" * 240, "é" * 450])
def test_the_sessions_of_long_users_page_by_page(database: sa.Engine, user: str) -> None:
    moments = pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-03"], utc=True)
    cs.SQLWriter(database).write(pd.DataFrame({"user_id": user, "timestamp": moments}))
    client = TestClient(app_on(database))
    first = client.get(f"/users/{user}/sessions?limit=2").json()
    assert len(first["sessions"]) == 2
    rest = client.get(f"/users/{user}/sessions", params={"after": first["next"]})
    assert len(rest.json()["sessions"]) == 1
    assert client.get(f"/users/{'u' * 521}/sessions").status_code == 422


def test_nulls_and_booleans_among_the_keys(database: sa.Engine) -> None:
    moments = pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-03"], utc=True)
    events = pd.DataFrame({"user_id": [1, 2, 3], "timestamp": moments})
    large = pd.array([2**53 + 1, 2**53, None], dtype="Int64")
    paid = pd.array([True, False, None], dtype="boolean")
    cs.SQLWriter(database).write(events.assign(campaign=large, paid=paid))
    client = TestClient(app_on(database))
    rows = client.get("/metrics/sessions_per_user?by=campaign").json()["rows"]
    assert rows == [[2**53, 1.0], [2**53 + 1, 1.0], [None, 1.0]]
    rows = client.get("/metrics/sessions_per_user?by=paid").json()["rows"]
    # Of MariaDB and SQLite, which know no booleans, they are 0 and 1.
    assert rows == [[False, 1.0], [True, 1.0], [None, 1.0]]


def test_a_column_of_another_type_is_no_order(small: sa.Engine) -> None:
    answer = TestClient(app_on(small)).get("/metrics/visits_before_order?order_column=event_type")
    assert (answer.status_code, "a boolean column" in answer.text) == (409, True), answer.text


def test_orders_by_a_column_where_the_log_has_a_word_for_them(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'target.db'}")
    moments = pd.to_datetime(["2024-05-01", "2024-05-02"], utc=True)
    events = pd.DataFrame({"user_id": 7, "timestamp": moments, "paid": [False, True]})
    cs.run(events, engine, schema=cs.EventSchema(vocabulary={"order": "buy"}))
    answer = TestClient(app_on(engine)).get("/metrics/visits_before_order?order_column=paid")
    assert (answer.status_code, answer.json().get("value")) == (200, 1.0), answer.text
    engine.dispose()


COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000000)"
MANY = "SELECT count(*) FROM range(1000000) a, range(40000) b WHERE a.range % 7 = b.range % 5"
SLOW = {
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT SLEEP(60)",
    "mariadb": "SELECT SLEEP(60)",
    "sqlite": f"{COUNTED} SELECT max(i) FROM n",
    "duckdb": MANY,
}


def test_what_takes_too_long_is_cancelled(database: sa.Engine) -> None:
    limited = Limited(database, seconds=0.5, at_once=1)
    slow = sa.text(SLOW[database.dialect.name])
    began = time.monotonic()
    with pytest.raises(HTTPException) as caught:
        limited.run(lambda there: there.execute(slow).all())
    assert (caught.value.status_code, time.monotonic() - began < 5) == (504, True)
    # The only worker is free again: the database gave the query up.
    for _ in range(40):
        try:
            assert limited.run(lambda there: there.execute(sa.text("SELECT 7")).scalar()) == 7
            break
        except HTTPException:
            assert time.monotonic() - began < 20


def test_a_metric_that_waits_for_a_lock_answers_in_time(postgresql_url: str) -> None:
    engine = sa.create_engine(postgresql_url)
    events = pd.read_csv(DATA)
    events["timestamp"] = pd.to_datetime(events["timestamp"], utc=True)
    cs.SQLWriter(engine).write(events)
    client = TestClient(app_on(engine, time_limit=0.5, keep_seconds=0))
    with engine.connect() as other:
        other.execute(sa.text("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE"))
        began = time.monotonic()
        for url in ("/metrics/session_duration", "/metrics/orders"):
            answer = client.get(url)
            assert (answer.status_code, time.monotonic() - began < 10) == (504, True)
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        for _ in range(50):
            if other.execute(sa.text(waiting)).scalar() == 0:
                break
            time.sleep(0.1)
        else:
            pytest.fail("the query still waits")
    # With time enough for a busy machine: what was cancelled is in the way of nothing.
    patient = TestClient(app_on(engine, keep_seconds=0))
    assert patient.get("/metrics/session_duration").status_code == 200
    engine.dispose()


def test_answers_are_kept_for_a_set_time(small: sa.Engine) -> None:
    asked: list[str] = []
    sa.event.listen(small, "before_cursor_execute", lambda *a: asked.append(a[2]))
    client = TestClient(app_on(small, keep_seconds=60))
    first = client.get("/metrics/events_per_session").json()
    count = len(asked)
    assert client.get("/metrics/events_per_session").json() == first
    assert len(asked) == count > 0
    client.get("/metrics/events_per_session?statistic=mean")
    assert len(asked) > count
    fresh, made = Kept[int](0.05), iter(range(10))
    assert [fresh.get("a", lambda: next(made)) for _ in range(3)] == [0, 0, 0]
    time.sleep(0.1)
    assert fresh.get("a", lambda: next(made)) == 1


def test_the_description_of_an_operation_is_the_docstring_as_markdown(small: sa.Engine) -> None:
    paths = TestClient(app_on(small)).get("/openapi.json").json()["paths"]
    said = paths["/metrics/minutes_before_order"]["get"]["description"]
    assert said.startswith("How many minutes of visits come before an order.\n\nAs it stands: ")
    assert "\n- **aggregate**:\n    What is made of the sessions that lead to an order" in said
    assert ">>>" not in said
    assert "---" not in said
    for name in KINDS:
        operation = paths[f"/metrics/{name}"]["get"]
        assert "until**:" in operation["description"]


def test_schemathesis_finds_no_fault(small: sa.Engine) -> None:
    schemathesis = pytest.importorskip(
        "schemathesis", reason='needs schemathesis: pip install "clicksession[test]"'
    )
    from hypothesis import HealthCheck, settings

    schema = schemathesis.openapi.from_asgi("/openapi.json", app_on(small))
    tried = []
    for operation in schema.get_all_operations():
        operation = operation.ok()

        @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
        def run(case: Any) -> None:
            case.call_and_validate()

        from hypothesis import given

        given(case=operation.as_strategy())(run)()
        tried.append(operation.path)
    assert len(tried) == len(KINDS) + 2
