"""Writers: events and their sessions into a database, safe to repeat."""

from clicksession.registry import Registry

__all__ = ["LOADERS"]

# How rows get into and out of a database fast; a database without an entry takes plain inserts.
LOADERS = Registry(
    kind="bulk loader",
    group="clicksession.writers",
    builtin={
        "duckdb": "clicksession.writers.bulk.duckdb:DuckDBLoader",
        "mariadb": "clicksession.writers.bulk.mysql:MySQLLoader",
        "mysql": "clicksession.writers.bulk.mysql:MySQLLoader",
        "postgresql": "clicksession.writers.bulk.postgresql:PostgreSQLLoader",
        "sqlite": "clicksession.writers.bulk.sqlite:SQLiteLoader",
    },
)
