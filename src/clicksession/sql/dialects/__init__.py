"""How each database says what is meant. One module per database; the only place for brands."""

from functools import cache
from typing import cast

from clicksession.errors import UnsupportedDialectError
from clicksession.registry import Registry
from clicksession.sql.dialects.base import Dialect

__all__ = ["DIALECTS", "Dialect", "spelling"]

DIALECTS = Registry(
    kind="dialect",
    group="clicksession.dialects",
    builtin={
        "duckdb": "clicksession.sql.dialects.duckdb:DuckDB",
        "mariadb": "clicksession.sql.dialects.mysql:MariaDB",
        "mysql": "clicksession.sql.dialects.mysql:MySQL",
        "postgresql": "clicksession.sql.dialects.postgresql:PostgreSQL",
        "sqlite": "clicksession.sql.dialects.sqlite:SQLite",
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
