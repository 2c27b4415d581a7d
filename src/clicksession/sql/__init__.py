"""The SQL side: what is meant (tables, constructs), and how each database says it (dialects)."""

from sqlalchemy.dialects import registry

from clicksession.sql.dbt import DbtModel, to_dbt
from clicksession.sql.sessionize import sessionize
from clicksession.sql.tables import Tables
from clicksession.sql.text import to_sql

# Engines of DuckDB that are made from now on can tell of their tables; see the module.
registry.register("duckdb", "clicksession.sql.reflection", "Dialect")

__all__ = ["DbtModel", "Tables", "sessionize", "to_dbt", "to_sql"]
