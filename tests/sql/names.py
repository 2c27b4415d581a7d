"""The databases that the library has SQL for, each by one name."""

from clicksession.sql.dialects import DIALECTS

__all__ = ["NAMES", "RUNS", "TRANSLATED"]

# SQLAlchemy's own names for some of them are registered as well.
NAMES = sorted(set(DIALECTS.builtin) - {"clickhousedb", "mssql"})

#: Those that run in the tests.
RUNS = {"clickhouse", "duckdb", "mariadb", "postgresql", "spark", "sqlite"}

#: The others, whose text is translated to DuckDB's and run there.
TRANSLATED = sorted(set(NAMES) - RUNS)
