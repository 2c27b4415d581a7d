"""Who waits for whom, for how long, and what is said of it: with real other processes."""

import logging
import re
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs

EVENTS = pd.DataFrame({"user_id": ["ann"], "timestamp": [pd.Timestamp("2024-05-01T10:00Z")]})
MORE = EVENTS.assign(user_id="bob")


@contextmanager
def process(code: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program that says when it is ready, and ends when its input does."""
    text = textwrap.dedent(code) + "\nprint('ready', flush=True)\ninput()\n"
    running = subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdin is not None
    try:
        assert running.stdout.readline() == "ready\n"
        yield running
    finally:
        running.stdin.close()
        running.wait(30)
        running.stdout.close()


def end(running: subprocess.Popen[str], seconds: float) -> threading.Timer:
    """End a program after a while."""
    assert running.stdin is not None
    timer = threading.Timer(seconds, lambda: (running.stdin.write("\n"), running.stdin.flush()))
    timer.start()
    return timer


def holding_duckdb(file: Path) -> str:
    return f"import duckdb; connection = duckdb.connect({str(file)!r})"


@pytest.fixture
def heard(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> pytest.LogCaptureFixture:
    """What the library says, also where a server of another test has silenced all loggers."""
    monkeypatch.setattr(logging.getLogger("clicksession"), "disabled", False)
    caplog.set_level(logging.WARNING, "clicksession")
    return caplog


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.duckdb"


def test_a_file_that_another_process_has_is_waited_for(
    file: Path, heard: pytest.LogCaptureFixture
) -> None:
    with process(holding_duckdb(file)) as other:
        end(other, 2.0)
        report = cs.run(EVENTS, f"duckdb:///{file}", on_busy="1min")
    assert report.events_added == 1
    (said,) = heard.messages
    assert f"another process has the file open (PID {other.pid})" in said
    assert "for 1 minute at the most" in said


@pytest.mark.parametrize("on_busy", ["fail", "0.3s", timedelta(seconds=0.3)], ids=str)
def test_a_wait_has_an_end(file: Path, on_busy: str | timedelta) -> None:
    with process(holding_duckdb(file)) as other:
        began = time.monotonic()
        with pytest.raises(cs.errors.TargetBusyError) as failure:
            cs.SQLWriter(f"duckdb:///{file}", on_busy=on_busy).write(EVENTS)
        assert time.monotonic() - began < 10
    assert f"PID {other.pid}" in str(failure.value)
    assert "Nothing was written" in str(failure.value)
    assert "on_busy=" in str(failure.value)


def test_a_notebook_that_has_the_file_open_itself_is_told(file: Path) -> None:
    with duckdb.connect(str(file)), pytest.raises(cs.errors.WriteError) as failure:
        cs.run(EVENTS, f"duckdb:///{file}")
    assert "close that connection" in str(failure.value)
    assert cs.run(EVENTS, f"duckdb:///{file}").events_added == 1


@pytest.mark.parametrize("on_busy", ["soon", "5", "-1s", 5])
def test_what_on_busy_cannot_be(on_busy: object) -> None:
    with pytest.raises(cs.errors.ParameterError, match="'wait', 'fail', or how long to wait"):
        cs.SQLWriter(sa.create_engine("sqlite://"), on_busy=on_busy)  # type: ignore[arg-type]


READING_SQLITE = """
import sqlite3
connection = sqlite3.connect({file!r}, isolation_level=None)
connection.execute("BEGIN")
connection.execute("SELECT count(*) FROM events").fetchall()
"""


def test_a_reader_at_the_moment_of_commit_is_waited_for(
    tmp_path: Path, heard: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "shop.sqlite"
    engine = sa.create_engine(f"sqlite:///{file}", connect_args={"timeout": 0.2})
    cs.SQLWriter(engine).write(EVENTS)
    with process(READING_SQLITE.format(file=str(file))) as reader:
        end(reader, 5.0)
        assert cs.SQLWriter(engine).write(MORE).events_added == 1
    assert "another process reads the file" in " ".join(heard.messages)
    engine.dispose()


def test_a_reader_that_stays_leaves_nothing_written(tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    engine = sa.create_engine(f"sqlite:///{file}", connect_args={"timeout": 0.2})
    cs.SQLWriter(engine).write(EVENTS)
    with process(READING_SQLITE.format(file=str(file))):
        with pytest.raises(cs.errors.TargetBusyError) as failure:
            cs.SQLWriter(engine, on_busy="0.5s").write(MORE)
        assert re.search("reads the file.* Nothing was written", str(failure.value))
    engine.dispose()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT user_id FROM events").fetchall() == [("ann",)]
    connection.close()
    engine = sa.create_engine(f"sqlite:///{file}")
    assert cs.SQLWriter(engine).write(MORE).events_added == 1
    engine.dispose()


def test_patience_goes_by_the_time_on_every_database(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    writer = cs.SQLWriter(engine)
    writer.write(EVENTS)
    started, go_on = threading.Event(), threading.Event()
    original = writer._target.transaction

    def slow() -> None:
        def work(work: object) -> None:
            started.set()
            go_on.wait(30)

        original(work)  # type: ignore[arg-type]

    thread = threading.Thread(target=slow)
    thread.start()
    started.wait(30)
    try:
        with pytest.raises(cs.errors.TargetBusyError):
            cs.SQLWriter(engine, on_busy="0.4s").write(MORE)
    finally:
        go_on.set()
        thread.join()
    assert cs.SQLWriter(engine, on_busy="30s").write(MORE).events_added == 1
    engine.dispose()
