"""Databases that a history is played in: each is loaded, asked, and runs a job its own way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa
import sqlglot

from clicksession.warehouse import Incremental, JobReport
from tests.sql.running import ClickHouse, OfEngine
from tests.sql.test_meaning import GRAMMARS, REPAIRS
from tests.warehouse.histories import Row, stored

#: What DuckDB has no name for.
CLOCKS = """
CREATE OR REPLACE MACRO SYSUTCDATETIME() AS now();
CREATE OR REPLACE MACRO SYSDATE() AS now()
"""

Rows = Sequence[tuple[Any, ...]]


class Database(Protocol):
    """What a history needs."""

    def begin(self, source: sa.Table, made: Incremental) -> None: ...

    def add(self, source: sa.Table, rows: Sequence[Row]) -> None: ...

    def run(self, made: Incremental) -> JobReport: ...

    def ask(self, sql: str) -> Rows: ...


@dataclass
class Reached:
    """One that SQLAlchemy reaches, and `Incremental.run` with it."""

    engine: sa.Engine

    def begin(self, source: sa.Table, made: Incremental) -> None:
        with self.engine.begin() as connection:
            for table in (source, *made.tables):
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")
            source.create(connection, checkfirst=False)

    def add(self, source: sa.Table, rows: Sequence[Row]) -> None:
        with self.engine.begin() as connection:
            if rows:
                connection.execute(sa.insert(source), [stored(row) for row in rows])

    def run(self, made: Incremental) -> JobReport:
        return made.run(self.engine)

    def ask(self, sql: str) -> Rows:
        return OfEngine(self.engine).rows(sql)


@dataclass
class Told:
    """One that is told texts alone, the statements that make the tables among them."""

    running: Any
    rows: list[Any] = field(default_factory=list)

    def begin(self, source: sa.Table, made: Incremental) -> None:
        self.rows.clear()
        for table in (*made.tables[::-1], made.job.names.lock):
            self.running.rows(f"DROP {self._kind(made, table)} IF EXISTS {table.name}")
        self.running.load(source, [])
        for step in made.create:
            self.running.rows(step.sql)

    @staticmethod
    def _kind(made: Incremental, table: sa.TableClause) -> str:
        names = made.job.names
        has_views = made.job.spelled.replaces_by == "versions"
        return "VIEW" if has_views and table in (names.events, names.sessions) else "TABLE"

    def add(self, source: sa.Table, rows: Sequence[Row]) -> None:
        names = [column.name for column in source.c]
        self.rows += [tuple(stored(row)[name] for name in names) for row in rows]
        self.running.load(source, self.rows)

    def run(self, made: Incremental) -> JobReport:
        return made.run(self.running.rows)

    def ask(self, sql: str) -> Rows:
        return self.running.rows(sql)


def in_clickhouse(session: Any) -> Told:
    return Told(ClickHouse(session))


@dataclass
class Translated:
    """DuckDB, which is told the texts of another database in translation."""

    engine: sa.Engine
    dialect: str

    def load(self, table: sa.Table, rows: Rows) -> None:
        OfEngine(self.engine).load(table, rows)

    def rows(self, sql: str) -> Rows:
        return OfEngine(self.engine).rows(in_duckdb(sql, self.dialect))


def in_duckdb(sql: str, dialect: str) -> str:
    """Return a statement of another database as DuckDB says it."""
    # Where rows lie on a disk is for that database alone.
    level = sqlglot.ErrorLevel.IGNORE if sql.startswith("CREATE") else sqlglot.ErrorLevel.RAISE
    # Its temporary tables have a name of which sqlglot takes the first letter for its own.
    sql = sql.replace("[#", "[")
    (found,) = sqlglot.transpile(sql, GRAMMARS[dialect], "duckdb", unsupported_level=level)
    repairs = {**REPAIRS.get(dialect, {}), "+ '.' +": "|| '.' ||"}
    for left, right in repairs.items():
        found = found.replace(left, right)
    return str(found)
