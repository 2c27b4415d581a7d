"""The examples as a user runs them: the demo as a script, the router behind a real server."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

import clicksession as cs

ROOT = Path(__file__).parents[2]
KEYS = ["median_visits_before_order", "median_session_duration_minutes_before_order"]


def test_the_demo(tmp_path: Path) -> None:
    script = ROOT / "examples" / "first_sessions.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    for expected in (
        "rows read in",
        "session_id",
        "VisitsBeforeOrder: 2.0",
        "MinutesBeforeOrder: ",
        "percentile_cont(0.5)",
    ):
        assert expected in done.stdout


@contextmanager
def served(database_url: str, port: int) -> Iterator[httpx2.Client]:
    """Run the example app under uvicorn, as its docstring says."""
    command = [sys.executable, "-m", "uvicorn", "--app-dir", "examples", "fastapi_app.app:app"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--log-level", "warning"],
        cwd=ROOT,
        env={**os.environ, "CLICKSESSION_DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _wait_for(client, process)
            yield client
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=30)
        assert "s3cr3t" not in output


def _wait_for(client: httpx2.Client, process: subprocess.Popen[str]) -> None:
    for _ in range(300):
        assert process.poll() is None, process.communicate()[0]
        try:
            client.get("/openapi.json")
        except httpx2.ConnectError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("uvicorn did not answer within 30 seconds")


def test_the_metrics_over_http(database_url: str, free_port: int, tmp_path: Path) -> None:
    with served(database_url, free_port) as client:
        empty = client.get("/metrics/orders")
        assert (empty.status_code, empty.json()) == (200, dict.fromkeys(KEYS))
        assert "swagger-ui" in client.get("/docs").text
        schema = client.get("/openapi.json").json()
        assert "/metrics/orders" in schema["paths"]
        if not database_url.startswith("duckdb"):  # a DuckDB file has one process that writes
            log = cs.datasets.write_webshop(tmp_path / "log.json", customers=50, seed=5)
            cs.run(log, database_url, schema=cs.EventSchema.preset("webshop"))
            expected = [
                cs.metrics.VisitsBeforeOrder().compute(database_url),
                cs.metrics.MinutesBeforeOrder().compute(database_url),
            ]
            answer = client.get("/metrics/orders")
            assert answer.json() == dict(zip(KEYS, expected, strict=True))
            assert None not in expected


def test_a_duckdb_file_over_http(free_port: int, tmp_path: Path) -> None:
    log = cs.datasets.write_webshop(tmp_path / "log.json", customers=50, seed=5)
    url = f"duckdb:///{tmp_path / 'shop.db'}"
    cs.run(log, url, schema=cs.EventSchema.preset("webshop"))
    expected = cs.metrics.VisitsBeforeOrder().compute(url)
    with served(url, free_port) as client:
        assert client.get("/metrics/orders").json()[KEYS[0]] == expected
        assert "<h1>The webshop</h1>" in client.get("/report").text


def test_a_database_that_is_down(free_port: int) -> None:
    nobody = f"postgresql+psycopg://anna:s3cr3t@127.0.0.1:{free_port}/shop"
    with served(nobody, free_port + 1) as client:
        answer = client.get("/metrics/orders")
        assert answer.status_code == 503
        assert "s3cr3t" not in answer.text
        assert "postgresql" not in answer.text


def test_the_router_mounts_in_an_existing_app(database: sa.Engine) -> None:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from fastapi_app.router import order_metrics_router

    app = FastAPI()
    app.include_router(order_metrics_router(database), prefix="/shop")
    assert TestClient(app).get("/shop/metrics/orders").json() == dict.fromkeys(KEYS)
