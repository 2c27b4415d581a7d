"""Every dialect keeps the contract; those that run here answer as well."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from clicksession.testing import DialectContract, RunningDatabase
from tests.sql.running import ClickHouse, OfEngine, Spark

GOLDEN = Path(__file__).parent / "golden"


class TestPostgreSQL(DialectContract):
    dialect = grammar = "postgresql"
    grammar = "postgres"
    golden = GOLDEN / "postgresql"

    @pytest.fixture
    def database(self, postgresql_server: str) -> Iterator[RunningDatabase]:
        yield from _of(postgresql_server)


class TestDuckDB(DialectContract):
    dialect = grammar = "duckdb"
    golden = GOLDEN / "duckdb"

    @pytest.fixture
    def database(self, tmp_path: Path) -> Iterator[RunningDatabase]:
        yield from _of(f"duckdb:///{tmp_path / 'a.db'}")


class TestSQLite(DialectContract):
    dialect = grammar = "sqlite"
    golden = GOLDEN / "sqlite"

    @pytest.fixture
    def database(self, tmp_path: Path) -> Iterator[RunningDatabase]:
        yield from _of(f"sqlite:///{tmp_path / 'a.db'}")


class TestMySQL(DialectContract):
    dialect = grammar = "mysql"
    golden = GOLDEN / "mysql"


class TestMariaDB(DialectContract):
    dialect, grammar = "mariadb", "mysql"
    golden = GOLDEN / "mariadb"

    @pytest.fixture
    def database(self, mariadb_url: str) -> Iterator[RunningDatabase]:
        yield from _of(mariadb_url)


class TestClickHouse(DialectContract):
    dialect = grammar = "clickhouse"
    golden = GOLDEN / "clickhouse"

    @pytest.fixture
    def database(self, clickhouse: Any) -> RunningDatabase:
        return ClickHouse(clickhouse)


class TestClickHouseWithoutNullableColumns(TestClickHouse):
    @pytest.fixture
    def database(self, clickhouse: Any) -> RunningDatabase:
        return ClickHouse(clickhouse, strict=True)


class TestSpark(DialectContract):
    dialect = grammar = "spark"
    compiled_as = "databricks"
    golden = GOLDEN / "databricks"

    @pytest.fixture
    def database(self, spark: Any) -> RunningDatabase:
        return Spark(spark, kept=True)


class TestDatabricks(DialectContract):
    dialect = grammar = "databricks"
    golden = GOLDEN / "databricks"


class TestBigQuery(DialectContract):
    dialect = grammar = "bigquery"
    golden = GOLDEN / "bigquery"


class TestSnowflake(DialectContract):
    dialect = grammar = "snowflake"
    golden = GOLDEN / "snowflake"


class TestRedshift(DialectContract):
    dialect = grammar = "redshift"
    golden = GOLDEN / "redshift"


class TestTrino(DialectContract):
    dialect = grammar = "trino"
    golden = GOLDEN / "trino"


class TestSQLServer(DialectContract):
    dialect, grammar = "sqlserver", "tsql"
    golden = GOLDEN / "sqlserver"


def _of(url: str) -> Iterator[RunningDatabase]:
    engine = sa.create_engine(url)
    yield OfEngine(engine)
    engine.dispose()
