"""Our databases keep the contract that others can run; so do the portable path and a plug-in."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.testing import WriterContract
from clicksession.writers.bulk.rows import RowLoader

# Batches meet the sessions they belong to in one code for all databases: every order of them comes
# where writing costs least, and elsewhere those in which each batch comes first, last and between.
SOME_ORDERS = ((0, 1, 2, 3), (3, 2, 1, 0), (0, 2, 1, 3), (1, 3, 0, 2), (2, 0, 3, 1), (2, 3, 0, 1))


class TestEveryDatabase(WriterContract):
    @pytest.fixture
    def engine(self, database: sa.Engine) -> sa.Engine:
        return database

    def orders(self, engine: sa.Engine) -> Iterable[tuple[int, ...]]:
        return super().orders(engine) if engine.dialect.name == "sqlite" else SOME_ORDERS


class TestThePortablePath(WriterContract):
    """A database without a loader of its own takes plain inserts."""

    def orders(self, engine: sa.Engine) -> Iterable[tuple[int, ...]]:
        return SOME_ORDERS

    @pytest.fixture
    def engine(self, postgresql_url: str) -> Iterator[sa.Engine]:
        engine = sa.create_engine(postgresql_url)
        yield engine
        engine.dispose()

    @pytest.fixture
    def writer(self, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> cs.SQLWriter:
        writer = self.new_writer(engine)
        monkeypatch.setattr(writer._target, "loader", RowLoader())
        return writer


_PLUGIN = """
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from clicksession.sql.dialects.sqlite import SQLite
from clicksession.writers.bulk.sqlite import SQLiteLoader

class Dialect(SQLiteDialect_pysqlite):
    name = "mylite"
    supports_statement_cache = True

registry.register("mylite", "mylite_plugin", "Dialect")

class Spelling(SQLite):
    pass

class Loader(SQLiteLoader):
    loads = 0

    def load(self, *arguments):
        Loader.loads += 1
        super().load(*arguments)
"""
_ENTRY_POINTS = """
[clicksession.dialects]
mylite = mylite_plugin:Spelling

[clicksession.writers]
mylite = mylite_plugin:Loader
"""
_USE = """
import pandas as pd
import mylite_plugin
import clicksession as cs

events = pd.DataFrame({"user_id": ["ann"], "timestamp": pd.to_datetime(["2024-05-01"])})
print(cs.SQLWriter("mylite:///a.db").write(events).sessions_added, mylite_plugin.Loader.loads)
print(cs.metrics.SessionDuration().compute("mylite:///a.db"))
print("mylite" in cs.sql.dialects.DIALECTS.names())
"""


def test_a_plug_in_takes_the_same_path(tmp_path: Path) -> None:
    (tmp_path / "mylite_plugin.py").write_text(_PLUGIN)
    metadata = tmp_path / "mylite_plugin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: mylite-plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(_ENTRY_POINTS)
    done = subprocess.run(
        [sys.executable, "-c", _USE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["1", "2", "0.0", "True"], done.stderr
