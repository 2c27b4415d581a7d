"""Whatever comes, and whatever happens to dbt: the tables are those of one run over everything.

CLICKSESSION_ENVIRONMENTS=FOLDER python -m pytest -n 0 THIS_FILE, after .ci/environments FOLDER
"""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clicksession as cs
from clicksession.warehouse import write_dbt
from tests.dbt.expected import assert_equal_to_one_run
from tests.dbt.histories import History
from tests.dbt.places import DuckDB, Place, PostgreSQL, Spark, spark_settings, write_profiles
from tests.dbt.running import HOOK, Dbt, dbt_in
from tests.environments import environment_of

RULES = cs.Rules()
# A late event can split a session by these; by the last, one that is far from it.
OTHERS = {
    "split": cs.Rules("30min", change=("page",), end_events=("logout",)),
    "far": cs.Rules("30min", session_column="page"),
}
COLUMNS = ("event_type", "page", "loaded_at")


@pytest.fixture(scope="module")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dbt]:
    with dbt_in(tmp_path_factory.mktemp("dbt")) as running:
        yield running


def at_work(dbt: Dbt, place: Place, rules: cs.Rules = RULES, **more: Any) -> Place:
    """Have dbt work on a project that was just written, for an empty place."""
    dbt.project, dbt.target = dbt.folder / place.dialect, place.dialect
    write_profiles(dbt.folder, place)
    place.empty()
    shutil.rmtree(dbt.project, ignore_errors=True)
    write_dbt(dbt.project, "raw.clicks", place.dialect, columns=COLUMNS, rules=rules, **more)
    with (dbt.project / "dbt_project.yml").open("a") as project:
        project.write(HOOK)
    return place


def happens(dbt: Dbt, draw: random.Random) -> None:
    """Let something befall the tables that the next run has to make good."""
    what = draw.choice(["", "events alone", "power cut", "power cut", "refresh", "refresh both"])
    model = draw.choice(["events", "sessions"])
    if what == "events alone":
        dbt("run", "--select", "events")
    elif what == "power cut":
        refresh = draw.choice([(), ("--full-refresh",)])
        assert not dbt.tries("run", *refresh, POWER_CUT=model)["success"]
    elif what == "refresh":
        dbt("run", "--full-refresh", "--select", model)
    elif what == "refresh both":
        dbt("run", "--full-refresh")


def play(
    dbt: Dbt, place: Place, seed: int, batches: int, tmp_path: Path, rules: cs.Rules = RULES
) -> None:
    draw, history = random.Random(seed), History(seed)
    for _ in range(batches):
        place.add(history.batch(draw.choice([0, 5, 30, 60])))
        happens(dbt, draw)
        dbt("run", POWER_CUT="")
        assert_equal_to_one_run(place, history.distinct, rules, tmp_path)
    dbt("test")


def test_duckdb(dbt: Dbt, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    place = DuckDB(f"duckdb:///{tmp_path / 'place.duckdb'}")
    for seed in range(request.config.getoption("--histories") // 8):
        play(dbt, at_work(dbt, place), seed, 4, tmp_path)


@pytest.mark.parametrize("name", OTHERS)
def test_other_rules(name: str, dbt: Dbt, tmp_path: Path) -> None:
    place, rules = DuckDB(f"duckdb:///{tmp_path / 'place.duckdb'}"), OTHERS[name]
    play(dbt, at_work(dbt, place, rules), 300, 3, tmp_path, rules)


def test_postgresql(
    dbt: Dbt, postgresql_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = PostgreSQL(postgresql_url)
    for seed in range(request.config.getoption("--histories") // 8):
        at_work(dbt, place, loaded_at="loaded_at")
        play(dbt, place, 100 + seed, 4, tmp_path)


def test_spark(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    if shutil.which("java") is None:
        pytest.skip("needs Java: apt-get install default-jre-headless")
    if not any(environment_of("dbt").parent.glob("lib/*/site-packages/dbt/adapters/spark")):
        pytest.skip("the environment with dbt has no dbt-spark: .ci/environments FOLDER dbt")
    folder = tmp_path_factory.mktemp("spark")
    settings = spark_settings(folder)
    with dbt_in(folder, SPARK_CONF_DIR=f"{settings}", SPARK_LOCAL_IP="127.0.0.1") as dbt:
        play(dbt, at_work(dbt, Spark(dbt)), 200, 3, tmp_path)
