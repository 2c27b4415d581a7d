"""How DuckDB says it."""

from typing import Any, ClassVar

from sqlalchemy import Connection, Table, bindparam, func, select
from sqlalchemy.engine import Dialect as Compiling
from sqlalchemy.types import BigInteger, Boolean, DateTime, Double, Text, TypeEngine

from clicksession.bounds import Bounds
from clicksession.sql.dialects.base import Dialect

__all__ = ["DuckDB"]

# duckdb-engine reflects through PostgreSQL's catalogue, which DuckDB imitates only in parts. What
# the information schema is a view of takes half its time, and a write asks twenty times.
_THERE = func.duckdb_columns().table_valued(
    "schema_name", "table_name", "column_name", "data_type", "column_index", "internal"
)
_COLUMNS = (
    select(_THERE.c.column_name, _THERE.c.data_type)
    .where(_THERE.c.table_name == bindparam("name"), _THERE.c.schema_name == bindparam("schema"))
    .where(~_THERE.c.internal)
    .order_by(_THERE.c.column_index)
)
_TYPES: dict[str, TypeEngine[Any]] = {
    "BIGINT": BigInteger(),
    "BOOLEAN": Boolean(),
    "DOUBLE": Double(),
    "INTEGER": BigInteger(),
    "TIMESTAMP": DateTime(),
    "TIMESTAMP WITH TIME ZONE": DateTime(timezone=True),
}


class DuckDB(Dialect):
    """DuckDB. Times are ``TIMESTAMP`` in UTC: its zoned type needs another package to fetch."""

    title = "DuckDB"
    # From 290309 BC to the year 294247, and no bound of the rest (2.0.1):
    # https://duckdb.org/docs/stable/sql/data_types/timestamp
    bounds: ClassVar[Bounds] = Bounds("DuckDB 2.0")
    float_type = "DOUBLE"
    most_stretches = 12

    def compiling(self) -> Compiling:
        """Return the dialect of duckdb-engine."""
        import duckdb_engine

        dialect: Compiling = duckdb_engine.Dialect(paramstyle="named")
        return dialect

    def microseconds_between(self, start: str, end: str) -> str:
        """Subtract counts: ``date_diff`` would count boundaries crossed."""
        return f"(epoch_us({end}) - epoch_us({start}))"

    def lacks_instant(self, time: str) -> str:
        """Ask for ``infinity`` too."""
        return f"({time} IS NULL OR NOT isfinite({time}))"

    def epoch_microseconds(self, time: str) -> str:
        """``epoch_us`` is exact, and null for an infinite time."""
        return f"epoch_us({time})"

    def local_microseconds(self, instant: str, zone: str) -> str:
        """Let the extension for zones, which DuckDB brings along, tell the time."""
        return f"epoch_us(timezone('{zone}', make_timestamptz({instant})))"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Truncate the wall clock of the zone; stored times are those of UTC."""
        local = time if zone == "'UTC'" else f"timezone({zone}, timezone('UTC', {time}))"
        return f"CAST(date_trunc({unit}, {local}) AS DATE)"

    def start_of_hour(self, time: str) -> str:
        """Truncate: stored times are those of UTC."""
        return f"date_trunc('hour', {time})"

    def seconds_later(self, time: str, seconds: str) -> str:
        """Add an interval."""
        return f"({time} + to_seconds({seconds}))"

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """``date_diff`` counts boundaries crossed, which is exact between first days."""
        return f"date_diff({unit}, {start}, {end})"

    def columns(self, connection: Connection, there: Table) -> dict[str, TypeEngine[Any]] | None:
        """Ask what the information schema asks."""
        names = {"name": there.name, "schema": there.schema or "main"}
        types = {
            name: _TYPES.get(kind, Text()) for name, kind in connection.execute(_COLUMNS, names)
        }
        return types or None

    def holds(self, connection: Connection, there: Table) -> bool:
        """Ask as for columns."""
        return self.columns(connection, there) is not None
