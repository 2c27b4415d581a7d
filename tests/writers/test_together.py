"""Writers at once, and writers that are killed: no interleaving, nothing lost, nothing twice."""

import json
import multiprocessing
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from tests.writers.content import BOOKKEEPING, content_at, content_of

WEBSHOP = cs.EventSchema.preset("webshop")

# What a child process does: write the batches it is told, each in a transaction of its own.
_CHILD = """
import sys, json
import clicksession as cs
url, paths = sys.argv[1], json.loads(sys.argv[2])
print("ready", flush=True)
for path in paths:
    cs.run(path, url, schema=cs.EventSchema.preset("webshop"))
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A log in eight files that share users and hold some events twice."""
    folder = tmp_path_factory.mktemp("parts")
    log = cs.datasets.write_webshop(folder / "all.json", customers=60, seed=9)
    lines = log.read_text().splitlines(keepends=True)
    paths = [folder / f"part-{number}.json" for number in range(8)]
    for number, path in enumerate(paths):
        path.write_text("".join([*lines[number::8], *lines[number * 20 : number * 20 + 10]]))
    return paths


def child(url: str, paths: list[Path]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _CHILD, url, json.dumps([str(path) for path in paths])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def expected(parts: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    url = f"duckdb:///{tmp_path_factory.mktemp('expected') / 'a.db'}"
    cs.run(parts, url, schema=WEBSHOP)
    return content_at(url)


def test_two_processes_at_once(database_url: str, parts: list[Path], expected: Any) -> None:
    children = [child(database_url, parts[:5]), child(database_url, parts[3:])]
    for process in children:
        output, errors = process.communicate(timeout=120)
        assert output.endswith("done\n"), errors
    assert content_at(database_url) == expected


def test_threads_at_once(database_url: str, parts: list[Path], expected: Any) -> None:
    engine = sa.create_engine(database_url)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda part: cs.run(part, engine, schema=WEBSHOP), parts))
    engine.dispose()
    assert content_at(database_url) == expected


def test_killed_at_any_point(
    database_url: str, parts: list[Path], expected: Any, request: pytest.FixtureRequest
) -> None:
    url = database_url
    chance = random.Random(4)
    killed = 0
    kills = request.config.getoption("--kills")
    for number in range(kills):
        process = child(url, chance.sample(parts, len(parts)))
        assert process.stdout
        process.stdout.readline()
        time.sleep(chance.uniform(0.3, 1.3))
        process.send_signal(signal.SIGKILL)
        output, _ = process.communicate(timeout=60)
        killed += "done" not in output
        _check_inner_agreement(url)
        if number % 20 == 19:
            # It fills up as it is killed: begin again, and with it the first load.
            cs.run(parts, url, schema=WEBSHOP)
            assert content_at(url) == expected
            _drop_all(url)
    assert killed >= kills / 4
    cs.run(parts, url, schema=WEBSHOP)
    assert content_at(url) == expected


def _drop_all(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for name in ("events", "sessions", *BOOKKEEPING):
            table = cs.sql.Tables().table(name)
            connection.execute(sa.schema.DropTable(table, if_exists=True))
    engine.dispose()


def _check_inner_agreement(url: str) -> None:
    """What a reader sees between any two kills: sessions that are those of the stored events."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        there = cs.sql.Tables().exist(connection)
    if there:
        found = content_of(engine)
        if found["events"]:
            frame = pd.DataFrame(found["events"])
            frame["user_id"] = frame["user_id"].astype("Int64")
            ours = cs.summarize(cs.sessionize(frame.drop(columns="session_id")))
            assert sorted(ours["session_id"]) == [row["session_id"] for row in found["sessions"]]
    engine.dispose()


def _hold(url: str, ready: Any, release: Any) -> None:
    """Be at work on a target until told to go on."""
    writer = cs.SQLWriter(url)
    frame = pd.DataFrame({"event_id": [1], "user_id": [1], "timestamp": pd.to_datetime(["2024"])})

    def waits(load: Any) -> Any:
        def waiting(*arguments: Any, **options: Any) -> None:
            ready.set()
            release.wait(60)
            load(*arguments, **options)

        return waiting

    for way in ("load", "load_stream"):
        setattr(writer._target.loader, way, waits(getattr(writer._target.loader, way)))
    writer.write(frame)


def test_a_busy_target_fails_at_once_if_asked_to(database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    ready, release = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(database_url, ready, release))
    process.start()
    try:
        assert ready.wait(60)
        frame = pd.DataFrame(
            {"event_id": [2], "user_id": [1], "timestamp": pd.to_datetime(["2024"])}
        )
        began = time.perf_counter()
        with pytest.raises(
            cs.errors.TargetBusyError,
            match=r"another (writer is at work|process has the file open \(PID \d+\))",
        ):
            cs.SQLWriter(database_url, on_busy="fail").write(frame)
        assert time.perf_counter() - began < 5
    finally:
        release.set()
        process.join(60)
    assert process.exitcode == 0
    assert cs.SQLWriter(database_url, on_busy="fail").write(frame).events_added == 1


@pytest.mark.parametrize("level", ["AUTOCOMMIT", "REPEATABLE READ", "SERIALIZABLE"])
def test_whatever_an_engine_isolates(
    level: str, database_url: str, parts: list[Path], expected: Any, monkeypatch: Any
) -> None:
    kind = sa.make_url(database_url).get_backend_name()
    if kind == "duckdb" or (kind == "sqlite" and level == "REPEATABLE READ"):
        pytest.skip(f"{kind} has no isolation level {level}")
    engine = sa.create_engine(database_url, isolation_level=level)
    cs.run(parts[0], engine, schema=WEBSHOP)
    before = content_of(engine)
    with monkeypatch.context() as patch:
        patch.setattr("clicksession.writers.merging.merge.Merge._update_sessions", _power_cut)
        with pytest.raises(RuntimeError, match="power cut"):
            cs.run(parts[1], engine, schema=WEBSHOP)
    assert content_of(engine) == before
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda part: cs.run(part, engine, schema=WEBSHOP), parts))
    engine.dispose()
    assert content_at(database_url) == expected


def _power_cut(*_: Any) -> None:
    raise RuntimeError("power cut")
