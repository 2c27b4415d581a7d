"""Databases that run where the tests do, each made to load a table and run a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from clicksession.sql.dialects import spelling

Rows = Sequence[tuple[Any, ...]]


@dataclass
class OfEngine:
    """One that SQLAlchemy reaches."""

    engine: sa.Engine

    def load(self, table: sa.Table, rows: Rows) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.schema.DropTable(table, if_exists=True))
            table.create(connection, checkfirst=False)
            if rows:
                names = [column.name for column in table.c]
                connection.execute(
                    sa.insert(table), [dict(zip(names, row, strict=True)) for row in rows]
                )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as connection:
            found = connection.exec_driver_sql(sql.replace("%", "%%") if self._doubles else sql)
            return [tuple(row) for row in found] if found.returns_rows else []

    @property
    def _doubles(self) -> bool:
        return self.engine.dialect.paramstyle in ("pyformat", "format")


@dataclass
class ClickHouse:
    """ClickHouse in this process; strict, its columns cannot be null unless a row of theirs is."""

    session: Any
    strict: bool = False

    def load(self, table: sa.Table, rows: Rows) -> None:
        columns = ", ".join(self._column(column, rows, n) for n, column in enumerate(table.c))
        self.rows(f"DROP TABLE IF EXISTS `{table.name}`")
        self.rows(f"CREATE TABLE `{table.name}` ({columns}) ENGINE = Memory")
        if rows:
            spelled = spelling("clickhouse")
            values = ", ".join(f"({', '.join(_constant(v, spelled) for v in row)})" for row in rows)
            self.rows(f"INSERT INTO `{table.name}` VALUES {values}")

    def _column(self, column: sa.Column[Any], rows: Rows, number: int) -> str:
        kind = _type(column, "clickhouse")
        can_be_null = not self.strict or any(row[number] is None for row in rows)
        nullable = can_be_null and not kind.startswith("Nullable")
        return f"`{column.name}` " + (f"Nullable({kind})" if nullable else kind)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        import pyarrow as pa

        raw = self.session.query(sql, "ArrowStream").bytes()
        if not raw:
            return []
        return [tuple(row.values()) for row in pa.ipc.open_stream(raw).read_all().to_pylist()]


@dataclass
class Spark:
    """Spark in a process of its own; kept, its tables are in the catalogue, as views need them."""

    session: Any
    kept: bool = False

    def load(self, table: sa.Table, rows: Rows) -> None:
        schema = ", ".join(f"`{column.name}` {_type(column, 'spark')}" for column in table.c)
        frame = self.session.createDataFrame(list(rows), schema)
        if self.kept:
            frame.write.mode("overwrite").saveAsTable(table.name)
        else:
            frame.createOrReplaceTempView(table.name)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.sql(sql).collect()]


def _type(column: sa.Column[Any], dialect: str) -> str:
    """Return the type that the dialect has for a column."""
    return str(column.type.compile(spelling(dialect).compiling()))


def _constant(value: Any, spelled: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return str(spelled.instant_literal(value.astimezone(UTC)))
    return str(spelled.text_literal(value)) if isinstance(value, str) else str(value)
