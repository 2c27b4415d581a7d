"""The page over HTTP: live, kept for a while, and without a word of where the database is."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

import clicksession as cs
from clicksession.sql import Tables
from fastapi_app.report_router import report_router
from tests.reporting.pages import Page
from tests.reporting.targets import HOSTILE, hostile, poor


def client_on(engine: sa.Engine, **options: Any) -> TestClient:
    app = FastAPI()
    app.include_router(report_router(engine, **options))
    return TestClient(app)


def test_the_page_is_that_of_now(database: sa.Engine) -> None:
    client = client_on(database, keep_seconds=0, title="The shop")
    assert client.get("/report").status_code == 404
    cs.SQLWriter(database).write(poor())
    first = client.get("/report?zone=Europe/Amsterdam")
    assert (first.status_code, first.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert Page(first.text).root.all("h1")[0].text == "The shop"
    assert "Times are those of Europe/Amsterdam" in first.text
    assert Page(first.text).answers["Users"].number == "2"
    cs.SQLWriter(database).write(poor().assign(user_id="new"))
    assert Page(client.get("/report").text).answers["Users"].number == "3"


def test_it_is_kept_for_a_while(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'kept.db'}")
    cs.SQLWriter(engine).write(poor())
    client = client_on(engine, keep_seconds=60)
    first = client.get("/report").text
    cs.SQLWriter(engine).write(poor().assign(user_id="new"))
    assert client.get("/report").text == first
    assert Page(client.get("/report?zone=Asia/Tokyo").text).answers["Users"].number == "3"
    engine.dispose()


def test_what_is_refused_says_nothing_of_the_database(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'secret-name.db'}")
    hostile(engine, Tables(prefix="web_"))
    client = client_on(engine, tables=Tables(prefix="web_"))
    shown = client.get("/report")
    assert HOSTILE in {row[0] for row in Page(shown.text).answers["Types of events"].rows}
    assert "secret-name" not in shown.text
    for url, status in (("?zone=Nowhere", 409), ("?title=x", 422), ("?zone=UTC&zone=UTC", 422)):
        answer = client.get(f"/report{url}")
        assert (answer.status_code, "secret-name" in answer.text) == (status, False), answer.text
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE events (a INTEGER)"))
        connection.execute(sa.text("CREATE TABLE sessions (a INTEGER)"))
    answer = client_on(engine).get("/report")
    assert (answer.status_code, "secret-name" in answer.text) == (409, False), answer.text
    engine.dispose()
