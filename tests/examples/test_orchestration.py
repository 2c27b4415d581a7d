"""The pipelines of `examples/orchestration`: cron's by a shell, others in environments asked for.

.ci/environments FOLDER && CLICKSESSION_ENVIRONMENTS=FOLDER python -m pytest -n 0 THIS_FILE
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import clicksession as cs
from tests.environments import environment_of

FOLDER = Path(__file__).parents[2] / "examples" / "orchestration"
# Nothing is told to anybody, and nothing is kept outside the test's folder.
QUIET = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}
DAGSTER = """
import dagster, dagster_job
with dagster.DagsterInstance.ephemeral() as instance:
    job = dagster_job.defs.get_implicit_global_asset_job_def()
    for _ in range(2):
        done = job.execute_in_process(instance=instance)
        assert done.success
        (check,) = done.get_asset_check_evaluations()
        assert check.passed, check
"""
PREFECT = """
import prefect_flow
for _ in range(2):
    assert prefect_flow.shop_sessions() > 0
"""


@pytest.fixture
def shop(tmp_path: Path) -> dict[str, str]:
    """A log and a target that is not there yet, as the examples are told of them."""
    log = cs.datasets.write_webshop(tmp_path / "events.json.gz", customers=50, seed=5)
    return {"SHOP_LOG": str(log), "SHOP_TARGET": f"sqlite:///{tmp_path / 'shop.db'}"}


def assert_loaded_once(shop: Mapping[str, str]) -> None:
    schema = cs.EventSchema.preset("webshop")
    once = cs.sessionize(cs.read_events(shop["SHOP_LOG"], schema=schema))
    stored = cs.load_events(shop["SHOP_TARGET"])
    assert len(stored) == len(once) > 1000
    sessions = cs.load_sessions(shop["SHOP_TARGET"])
    assert set(sessions["session_id"]) == set(once["session_id"].dropna())


def run(*command: str | Path, folder: Path, **environment: str) -> None:
    done = subprocess.run(
        [*command],
        cwd=folder,
        env={**os.environ, **QUIET, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def cron(folder: Path, shop: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    for name in ("cron.sh", "load_shop.py"):
        shutil.copy(FOLDER / name, folder)
    return subprocess.run(
        ["sh", folder / "cron.sh"],
        env={**os.environ, **shop, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )


def test_cron(shop: dict[str, str], tmp_path: Path) -> None:
    for _ in range(2):
        done = cron(tmp_path, shop)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    history = (tmp_path / "shop.history").read_text()
    assert "files read: 1; held already: 0" in history
    assert "files read: 0; held already: 1" in history
    assert_loaded_once(shop)


def test_cron_leaves_a_busy_target_to_the_run_that_has_it(
    shop: dict[str, str], tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    done = cron(tmp_path, shop)
    other.close()
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "shop.history").read_text() == ""
    assert "another writer is at work" in (tmp_path / "shop.errors").read_text()


def test_cron_mails_what_goes_wrong(shop: dict[str, str], tmp_path: Path) -> None:
    done = cron(tmp_path, {**shop, "SHOP_LOG": str(tmp_path / "nothing*.json")})
    assert done.returncode == 1
    assert "nothing*.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_airflow(shop: dict[str, str], tmp_path: Path) -> None:
    airflow = environment_of("apache-airflow") / "airflow"
    (tmp_path / "dags").mkdir()
    shutil.copy(FOLDER / "airflow_dag.py", tmp_path / "dags")
    home = {"AIRFLOW_HOME": str(tmp_path)}
    run(airflow, "db", "migrate", folder=tmp_path, **home)
    run(airflow, "dags", "test", "shop_sessions", folder=tmp_path, **home, **shop)
    assert_loaded_once(shop)


@pytest.mark.parametrize(("package", "script"), [("dagster", DAGSTER), ("prefect", PREFECT)])
def test_python(package: str, script: str, shop: dict[str, str], tmp_path: Path) -> None:
    python = environment_of(package) / "python"
    home = {"PREFECT_HOME": str(tmp_path), "PYTHONPATH": str(FOLDER)}
    run(python, "-c", script, folder=tmp_path, **home, **shop)
    assert_loaded_once(shop)
