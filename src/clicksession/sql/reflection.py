"""DuckDB's tables as SQLAlchemy reflects them.

duckdb-engine 0.17 asks PostgreSQL's catalogue, of which DuckDB has a part: under SQLAlchemy 2.1,
``inspect`` and ``pandas.read_sql_table`` fail. Until a driver that is kept up takes DuckDB 2, its
dialect is given the answers that it lacks, for engines that are made once this module is loaded.
Foreign keys, checks and indexes are not reflected: the library's tables have none of the first two.
"""

from typing import Any

import duckdb_engine
from sqlalchemy import Connection, text
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.sql import sqltypes
from sqlalchemy.types import TypeEngine

from clicksession.sql.tables import Instant

__all__ = ["Dialect"]

_COLUMNS = text("""
    SELECT column_name, data_type, is_nullable, column_default, comment
    FROM duckdb_columns()
    WHERE schema_name = coalesce(:schema, current_schema())
        AND database_name = current_database() AND table_name = :table
    ORDER BY column_index
""")
_KEYS = text("""
    SELECT constraint_type, constraint_name, constraint_column_names
    FROM duckdb_constraints()
    WHERE schema_name = coalesce(:schema, current_schema())
        AND database_name = current_database() AND table_name = :table
""")
_OURS = ("events", "sessions")

_PLAIN: dict[str, TypeEngine[Any]] = {
    "BIGINT": sqltypes.BigInteger(),
    "BLOB": sqltypes.LargeBinary(),
    "BOOLEAN": sqltypes.Boolean(),
    "DATE": sqltypes.Date(),
    "DOUBLE": sqltypes.Double(),
    "FLOAT": sqltypes.Float(),
    "HUGEINT": sqltypes.Numeric(39, 0),
    "INTEGER": sqltypes.Integer(),
    "INTERVAL": sqltypes.Interval(),
    "SMALLINT": sqltypes.SmallInteger(),
    "TIME": sqltypes.Time(),
    "TIMESTAMP": sqltypes.TIMESTAMP(),
    "TIMESTAMP WITH TIME ZONE": sqltypes.TIMESTAMP(timezone=True),
    "TINYINT": sqltypes.SmallInteger(),
    "UBIGINT": sqltypes.Numeric(20, 0),
    "UINTEGER": sqltypes.BigInteger(),
    "USMALLINT": sqltypes.Integer(),
    "UTINYINT": sqltypes.SmallInteger(),
    "UUID": sqltypes.Uuid(),
    "VARCHAR": sqltypes.Text(),
}


class Dialect(duckdb_engine.Dialect):
    """duckdb-engine's, with tables that can be reflected, one at a time."""

    supports_statement_cache = False

    def get_columns(
        self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[ReflectedColumn]:
        """Return the columns of a table; times of the library's own tables are instants."""
        rows = connection.execute(_COLUMNS, {"schema": schema, "table": table_name}).all()
        if not rows:
            raise NoSuchTableError(table_name)
        is_ours = self._is_ours(connection, table_name, schema)
        return [_column(row, is_ours) for row in rows]

    def get_pk_constraint(
        self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        """Return the primary key of a table."""
        found = self._keys(connection, table_name, schema, "PRIMARY KEY")
        name, columns = found[0] if found else (None, [])
        return {"constrained_columns": columns, "name": name}

    def get_unique_constraints(
        self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        """Return what is unique in a table."""
        found = self._keys(connection, table_name, schema, "UNIQUE")
        return [{"column_names": columns, "name": name} for name, columns in found]

    def get_indexes(self, *args: Any, **kw: Any) -> Any:
        """Return none."""
        return []

    get_foreign_keys = get_check_constraints = get_indexes

    def get_table_comment(self, *args: Any, **kw: Any) -> Any:
        """Return none."""
        return {"text": None}

    def get_table_options(self, *args: Any, **kw: Any) -> Any:
        """Return none."""
        return {}

    def _is_ours(self, connection: Connection, table: str, schema: str | None) -> bool:
        prefix = next((table.removesuffix(name) for name in _OURS if table.endswith(name)), None)
        beside = f"{prefix}clicksession_runs"
        return prefix is not None and self.has_table(connection, beside, schema)

    def _keys(
        self, connection: Connection, table: str, schema: str | None, kind: str
    ) -> list[tuple[str, list[str]]]:
        rows = connection.execute(_KEYS, {"schema": schema, "table": table}).all()
        found = [row for row in rows if row.constraint_type == kind]
        return [(row.constraint_name, list(row.constraint_column_names)) for row in found]


# One table at a time, by the methods above, and not all at once by PostgreSQL's catalogue.
for _name in filter(lambda name: name.startswith("get_multi_"), dir(DefaultDialect)):
    setattr(Dialect, _name, getattr(DefaultDialect, _name))


def _column(row: Any, is_ours: bool) -> ReflectedColumn:
    is_instant = is_ours and row.data_type == "TIMESTAMP"
    return {
        "name": row.column_name,
        "type": Instant() if is_instant else _type(row.data_type),
        "nullable": row.is_nullable,
        "default": row.column_default,
        "comment": row.comment,
    }


def _type(name: str) -> TypeEngine[Any]:
    if name.startswith("DECIMAL("):
        precision, scale = name[len("DECIMAL(") : -1].split(",")
        return sqltypes.Numeric(int(precision), int(scale))
    return _PLAIN.get(name, sqltypes.NullType())
