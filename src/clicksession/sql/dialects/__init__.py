"""How each database says what is meant. One module per database; the only place for brands."""

from functools import cache
from typing import cast

from clicksession.bounds import Bounds, tightest
from clicksession.errors import UnsupportedDialectError
from clicksession.registry import Registry
from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import Dialect

__all__ = ["DIALECTS", "WRITABLE", "Ability", "Dialect", "common_bounds", "spelling"]

DIALECTS = Registry(
    kind="dialect",
    group="clicksession.dialects",
    builtin={
        "bigquery": "clicksession.sql.dialects.bigquery:BigQuery",
        "clickhouse": "clicksession.sql.dialects.clickhouse:ClickHouse",
        "clickhousedb": "clicksession.sql.dialects.clickhouse:ClickHouse",  # SQLAlchemy's name
        "databricks": "clicksession.sql.dialects.spark:Databricks",
        "duckdb": "clicksession.sql.dialects.duckdb:DuckDB",
        "mariadb": "clicksession.sql.dialects.mysql:MariaDB",
        "mssql": "clicksession.sql.dialects.mssql:SQLServer",  # SQLAlchemy's name
        "mysql": "clicksession.sql.dialects.mysql:MySQL",
        "postgresql": "clicksession.sql.dialects.postgresql:PostgreSQL",
        "redshift": "clicksession.sql.dialects.redshift:Redshift",
        "snowflake": "clicksession.sql.dialects.snowflake:Snowflake",
        "spark": "clicksession.sql.dialects.spark:Spark",
        "sqlite": "clicksession.sql.dialects.sqlite:SQLite",
        "sqlserver": "clicksession.sql.dialects.mssql:SQLServer",
        "trino": "clicksession.sql.dialects.trino:Trino",
    },
)


@cache
def spelling(name: str) -> Dialect:
    """Return how the database of this SQLAlchemy dialect name says things.

    Raises
    ------
    UnsupportedDialectError
        No dialect of this name is registered: nothing is guessed.
    """
    if name not in DIALECTS:
        known = ", ".join(DIALECTS.names())
        raise UnsupportedDialectError(
            "clicksession's SQL",
            name,
            f"Known: {known}. Others register in the entry-point group {DIALECTS.group}.",
        )
    return cast(Dialect, DIALECTS.find(name)())


#: The databases that the library itself writes to.
WRITABLE = ("duckdb", "mariadb", "mysql", "postgresql", "sqlite")


@cache
def common_bounds() -> Bounds:
    """Return what each of these databases takes: what one refuses is not for the others alone."""
    return tightest(spelling(name).bounds for name in WRITABLE)
