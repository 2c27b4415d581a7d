"""How SQL Server says it."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy.dialects.mssql.base import MSDialect
from sqlalchemy.engine import Dialect as Compiling
from sqlalchemy.types import TypeEngine

from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import ColumnType, Dialect, in_utc

__all__ = ["SQLServer"]

# An index holds 1,700 bytes: two for each of these, and a time beside them.
_LONGEST_KEY = 450
_COLLATION = "Latin1_General_100_BIN2"


class SQLServer(Dialect):
    """SQL Server, from 2016 on, and Azure SQL. Times are ``DATETIME2`` in UTC."""

    title = "SQL Server"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.PERCENTILE: "A `Summary` takes it by rank.",
        Ability.CREATE_TABLE: "Make a view of it, then: SELECT * INTO a_table FROM the_view.",
        Ability.WRITE: "Its tables are made by whoever loads them.",
    }

    text_type = "NVARCHAR(MAX)"  # without a length it would be cut at 30 characters
    instant_type = "DATETIME2(6)"  # `DATETIME` keeps every third millisecond
    moment = "SYSUTCDATETIME()"
    stage_prefix = "#"
    compares_by_collation = True

    def compiling(self) -> Compiling:
        """Return SQLAlchemy's own dialect."""
        return MSDialect(paramstyle="named")  # type: ignore[no-untyped-call]

    def stage(self, name: str, query: str) -> list[str]:
        """Select into a temporary table, whose name the caller has given."""
        return [f"DROP TABLE IF EXISTS {name}", _into(name, query)]

    def make(self, name: str, query: str, key: str = "") -> str:
        """Select into a table."""
        return _into(name, query)

    def microseconds_between(self, start: str, end: str) -> str:
        """``DATEDIFF_BIG`` counts boundaries; of microseconds, every one is one.

        ``DATEDIFF`` overflows after 36 minutes.
        """
        return f"DATEDIFF_BIG(MICROSECOND, {start}, {end})"

    def epoch_microseconds(self, time: str) -> str:
        """Count from 1970."""
        return f"DATEDIFF_BIG(MICROSECOND, '1970-01-01', {time})"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Count from a Monday that is a first day of a month; its zones have names of their own."""
        ahead = self.seconds_ahead(time, zone)
        local = time if ahead == "0" else f"DATEADD(SECOND, {ahead}, {time})"
        monday = "CAST('1900-01-01' AS DATE)"
        if unit == "'week'":
            weeks = f"FLOOR(DATEDIFF(DAY, {monday}, {local}) / 7.0)"
            return f"DATEADD(DAY, {weeks} * 7, {monday})"
        if unit == "'month'":
            return f"DATEADD(MONTH, DATEDIFF(MONTH, {monday}, {local}), {monday})"
        return f"CAST({local} AS DATE)"

    def start_of_hour(self, time: str) -> str:
        """``DATEDIFF`` counts boundaries crossed, which is exact from a full hour on."""
        first = "CAST('1900-01-01' AS DATETIME2(6))"
        return f"DATEADD(HOUR, DATEDIFF(HOUR, {first}, {time}), {first})"

    def seconds_later(self, time: str, seconds: str) -> str:
        """``DATEADD`` keeps the type of the time."""
        return f"DATEADD(SECOND, {seconds}, {time})"

    def second_literal(self, value: datetime) -> str:
        """With a ``T``: else the language of the login says which number is the month."""
        return f"'{value.isoformat()}'"

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """``DATEDIFF`` counts boundaries crossed, which is exact between first days."""
        return f"DATEDIFF({unit.strip(chr(39)).upper()}, {start}, {end})"

    def code_points(self, value: str) -> str:
        """Compare bytes: its usual collations take ``Ann`` for ``ann``."""
        return f"{self.as_text(value)} COLLATE {_COLLATION}"

    def remainder(self, number: str, divisor: str) -> str:
        """There is no ``mod()``."""
        return f"(({number}) % {divisor})"

    def rows_with(self, value: str) -> str:
        """``COUNT`` has 32 bits, and so would everything computed of it."""
        return f"count_big({value})"

    def ascending(self, value: str) -> str:
        """There is no ``NULLS LAST``, and no truth value to order by."""
        return f"CASE WHEN {value} IS NULL THEN 1 ELSE 0 END, {value}"

    def descending(self, value: str) -> str:
        """There is no ``NULLS LAST``, but nulls are least."""
        return f"{value} DESC"

    def text_literal(self, value: str) -> str:
        """``N`` keeps what the code page of the database has no letters for."""
        return ("" if value.isascii() else "N") + super().text_literal(value)

    def instant_literal(self, value: datetime) -> str:
        """``DATETIME2``: a bare text would become one of milliseconds beside a ``DATETIME``."""
        return f"CAST('{in_utc(value)}' AS DATETIME2(6))"

    def text(self) -> TypeEngine[str]:
        """Compare code points: the usual collations take ``Ann`` for ``ann``."""
        return ColumnType(f"NVARCHAR(MAX) COLLATE {_COLLATION}")

    def key(self) -> TypeEngine[str]:
        """With a length: others cannot be indexed."""
        return ColumnType(f"NVARCHAR({_LONGEST_KEY}) COLLATE {_COLLATION}")


def _into(name: str, query: str) -> str:
    """Return a query that keeps its rows in a table: of its last select, before its ``FROM``.

    Only the lines of the last select stand at the margin.
    """
    lines = query.split("\n")
    last = max((n for n, line in enumerate(lines) if line.startswith("SELECT")), default=0)
    behind = (n for n, line in enumerate(lines) if n > last and line.startswith("FROM"))
    at = next(behind, len(lines))
    return "\n".join([*lines[:at], f"INTO {name}", *lines[at:]])
