"""The databases that the library has SQL for, each by one name."""

from clicksession.sql.dialects import DIALECTS, Ability, spelling

__all__ = ["INCREMENTAL", "NAMES", "RUNS", "TRANSLATED"]

# SQLAlchemy's own names for some of them are registered as well.
NAMES = sorted(set(DIALECTS.builtin) - {"clickhousedb", "mssql"})

#: Those that run in the tests.
RUNS = {"clickhouse", "duckdb", "mariadb", "postgresql", "spark", "sqlite"}

#: The others, whose text is translated to DuckDB's and run there.
TRANSLATED = sorted(set(NAMES) - RUNS)

#: Those for which `warehouse.incremental` has statements.
INCREMENTAL = [name for name in NAMES if Ability.INCREMENTAL not in spelling(name).cannot]
