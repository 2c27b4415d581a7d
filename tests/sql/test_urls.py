"""What a database URL must be, to write and to read; and that reading leaves others alone."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs

EVENTS = pd.DataFrame({"user_id": ["ann"], "timestamp": [pd.Timestamp("2024-05-01T10:00Z")]})
METRIC = cs.metrics.SessionDuration()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("shop.duckdb", "'duckdb:///shop.duckdb'"),
        ("/data/shop.sqlite", "'sqlite:////data/shop.sqlite'"),
        ("shop.db", "'sqlite:///shop.db', or of DuckDB 'duckdb:///shop.db'"),
        ("postgres://ann:s3cr3t@host/shop", "postgresql+psycopg://"),
        ("PSQL://ann:s3cr3t@host/shop", "postgresql+psycopg://"),
        ("s3cr3t", "no such URL"),
        # What looks like a port may be a part of a password.
        ("postgresql+psycopg://ann@host:s3cr3t/shop", "no such URL"),
    ],
)
def test_a_text_that_is_no_url_says_what_may_be_meant(url: str, said: str) -> None:
    for call in (cs.SQLWriter, METRIC.compute):
        with pytest.raises(cs.errors.ParameterError) as failure:
            call(url)
        assert said in str(failure.value)
        assert "s3cr3t" not in str(failure.value)


def test_a_warehouse_without_its_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(url: str) -> None:
        raise sa.exc.NoSuchModuleError(url)

    monkeypatch.setattr("clicksession.sql.urls.create_engine", unknown)
    for call in (cs.SQLWriter, METRIC.compute):
        with pytest.raises(cs.errors.ParameterError) as failure:
            call("snowflake://ann:s3cr3t@host/shop")
        assert 'pip install "clicksession[snowflake]"' in str(failure.value)
        assert "s3cr3t" not in str(failure.value)


def test_a_file_that_is_no_database_is_told_as_a_log(tmp_path: Path) -> None:
    log = tmp_path / "events.json"
    log.write_text("{}")
    for call in (METRIC.compute, cs.suggest_timeout):
        with pytest.raises(cs.errors.ParameterError, match=r"by read_events\(\)"):
            call(str(log))


@pytest.mark.parametrize(
    "url", ["duckdb:///:memory:", "duckdb://", "sqlite://", "sqlite:///file::memory:?uri=true"]
)
def test_a_database_in_memory_is_no_target_as_a_url(url: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=r"sqlalchemy\.create_engine"):
        cs.run(EVENTS, url)
    engine = sa.create_engine(url)
    assert cs.run(EVENTS, engine).events_added == 1
    assert METRIC.compute(engine) == 0.0
    engine.dispose()


@pytest.mark.parametrize("protocol", ["duckdb", "sqlite"])
def test_a_metric_makes_no_file(protocol: str, tmp_path: Path) -> None:
    file = tmp_path / "mistyped.db"
    with pytest.raises(cs.errors.ParameterError, match="a database file that is there"):
        METRIC.compute(f"{protocol}:///{file}")
    assert list(tmp_path.iterdir()) == []


_HOLDING = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print("ready", flush=True)
input()
"""


def test_two_readers_of_one_file_do_not_block_each_other(tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    cs.run(EVENTS, f"duckdb:///{file}")
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDING, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        assert METRIC.compute(f"duckdb:///{file}") == 0.0
        other.communicate(b"\n", 30)


def test_a_metric_reads_beside_a_writer_of_this_process(tmp_path: Path) -> None:
    url = f"duckdb:///{tmp_path / 'shop.duckdb'}"
    engine = sa.create_engine(url)
    cs.run(EVENTS, engine)
    with engine.connect():
        assert METRIC.compute(url) == 0.0
    engine.dispose()


def test_a_metric_on_a_file_that_somebody_writes_says_so(tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    cs.run(EVENTS, f"duckdb:///{file}")
    writing = _HOLDING.replace(", read_only=True", "")
    with subprocess.Popen(
        [sys.executable, "-c", writing, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        with pytest.raises(cs.errors.ParameterError, match="no other process is writing"):
            METRIC.compute(f"duckdb:///{file}")
        other.communicate(b"\n", 30)


def test_what_a_killed_writer_left_in_its_log_is_read(tmp_path: Path) -> None:
    """A file that is only read still shows what was committed beside it."""
    file = tmp_path / "shop.duckdb"
    code = (
        "import os, sys, clicksession as cs, pandas as pd, sqlalchemy as sa\n"
        "engine = sa.create_engine(sys.argv[1])\n"
        "events = pd.DataFrame({'user_id': ['a'], 'timestamp': pd.to_datetime(['2024'])})\n"
        "with engine.connect():\n"
        "    cs.run(events, engine)\n"
        "    os._exit(9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, f"duckdb:///{file}"], check=False)
    assert ended.returncode == 9
    assert os.path.exists(f"{file}.wal")
    assert METRIC.compute(f"duckdb:///{file}") == 0.0


@pytest.mark.parametrize(
    "call",
    [
        lambda tables: cs.run(EVENTS, sa.create_engine("sqlite://"), tables=tables),
        lambda tables: METRIC.compute(sa.create_engine("sqlite://"), tables=tables),
        lambda tables: METRIC.plot(sa.create_engine("sqlite://"), tables=tables),
        lambda tables: METRIC.in_words_of(sa.create_engine("sqlite://"), tables=tables),
        lambda tables: cs.metrics.compare([METRIC], sa.create_engine("sqlite://"), tables=tables),
        lambda tables: cs.plots.hours(sa.create_engine("sqlite://"), tables=tables),
        lambda tables: cs.report(sa.create_engine("sqlite://"), tables=tables),
        lambda tables: cs.suggest_timeout(sa.create_engine("sqlite://"), tables=tables),
        lambda tables: cs.SQLWriter(sa.create_engine("sqlite://"), tables=tables),
    ],
)
def test_a_prefix_alone_is_told_how_to_be_given(call: Any) -> None:
    with pytest.raises(cs.errors.ParameterError, match=r"Tables\(prefix='web_'\)"):
        call("web_")


NEEDED: dict[str, dict[str, Any]] = {
    **{name: {"steps": ("a", "b")} for name in ("Funnel", "TimeBetweenSteps")},
    **{name: {"page": "page_url"} for name in ("ExitPages", "LandingPages")},
    "Attribution": {"source": "referrer"},
}
METRICS = [name for name in cs.metrics.__all__ if hasattr(getattr(cs.metrics, name), "select")]


@pytest.mark.parametrize("name", [name for name in METRICS if not name.endswith("Metric")])
def test_a_statement_is_told_so_too(name: str) -> None:
    metric: Any = getattr(cs.metrics, name)(**NEEDED.get(name, {}))
    for statement in filter(None, (metric.select, getattr(metric, "observations", None))):
        for wrong in ("web_", ""):
            must = f"{name}: `tables` must be .*Tables\\(prefix={wrong!r}\\)"
            with pytest.raises(cs.errors.ParameterError, match=must):
                statement(wrong)
