"""The routers behind a login: nobody unknown gets an answer, and none reaches the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

import clicksession as cs
from fastapi_app.login import by_session, by_token, hashed
from fastapi_app.metrics_router import metrics_router
from fastapi_app.router import order_metrics_router

SESSIONS = {"s3ss1on": "ann"}
WAYS = {
    "token": (by_token({hashed("t0ken"): "ann"}), {"Authorization": "Bearer t0ken"}),
    "session": (by_session(SESSIONS.get), {"Cookie": "session=s3ss1on"}),
}
WRONG = [
    {},
    {"Authorization": "Bearer other"},
    {"Authorization": "Bearer"},
    {"Authorization": "Basic t0ken"},
    {"Authorization": f"Bearer {hashed('t0ken')}"},
    {"Cookie": "session=other"},
    {"Cookie": "session="},
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    log = cs.datasets.write_webshop(tmp_path / "log.json", customers=20, seed=5)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    cs.run(log, engine, schema=cs.EventSchema.preset("webshop"))
    yield engine
    engine.dispose()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(engine: sa.Engine, way: str) -> TestClient:
    known = [Depends(WAYS[way][0])]
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(order_metrics_router(engine), dependencies=known)
    app.include_router(metrics_router(engine, keep_seconds=60), dependencies=known)
    return TestClient(app)


PATHS = (
    "/metrics/orders",
    "/metrics/visits_before_order",
    "/metrics/visits_before_order?no_such=1",
    "/users/7/sessions",
)


def test_who_is_known_gets_answers(client: TestClient, way: str) -> None:
    codes = [client.get(path, headers=WAYS[way][1]).status_code for path in PATHS]
    assert codes == [200, 200, 422, 200]


def test_nobody_else_does(client: TestClient, engine: sa.Engine, way: str) -> None:
    # An answer that was kept for one who is known is none for others.
    assert client.get(PATHS[1], headers=WAYS[way][1]).status_code == 200
    asked: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    for path in PATHS:
        for headers in WRONG:
            answer = client.get(path, headers=headers)
            assert answer.status_code == 401, (path, headers)
            assert "t0ken" not in answer.text
    assert asked == []


def test_the_description_is_not_given_out(client: TestClient) -> None:
    assert [client.get(path).status_code for path in ("/docs", "/openapi.json")] == [404, 404]
