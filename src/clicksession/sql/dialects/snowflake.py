"""How Snowflake says it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy.engine import Dialect as Compiling
from sqlalchemy.types import TypeEngine

from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import ColumnType, Dialect, compiler_of, in_utc

__all__ = ["Snowflake"]


class Snowflake(Dialect):
    """Snowflake. Times are ``TIMESTAMP_NTZ`` in UTC; zoned ones work as well."""

    title = "Snowflake"
    extra = "snowflake"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.WRITE: "Its tables are made by whoever loads them.",
    }
    backslash_escapes = True
    replaces_by = "merge"
    stages_in_schema = True

    def compiling(self) -> Compiling:
        """Return the dialect of snowflake-sqlalchemy."""
        kind = compiler_of(
            "snowflake.sqlalchemy:dialect", package="snowflake-sqlalchemy", extra=self.extra
        )
        dialect: Compiling = kind(paramstyle="named")
        return dialect

    def now(self) -> str:
        """In UTC, without a zone."""
        return "SYSDATE()"

    def stage(self, name: str, query: str) -> list[str]:
        """Replace a table of the session."""
        return [f"CREATE OR REPLACE TEMPORARY TABLE {name} AS\n{query}"]

    def make(self, name: str, query: str, key: str = "") -> str:
        """Have what is of one day together."""
        time = {"event_id": "timestamp", "session_id": "started_at"}.get(key)
        together = f"\nCLUSTER BY (TO_DATE({time}))" if time else ""
        return f"CREATE TABLE {name}{together} AS\n{query}"

    def microseconds_between(self, start: str, end: str) -> str:
        """``TIMESTAMPDIFF`` counts boundaries; of microseconds, every one is one."""
        return f"TIMESTAMPDIFF(MICROSECOND, {start}, {end})"

    def epoch_microseconds(self, time: str) -> str:
        """``EPOCH_MICROSECOND`` is a whole number."""
        return f"DATE_PART(EPOCH_MICROSECOND, {time})"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Count days back: the first day of ``DATE_TRUNC``'s week is a setting."""
        day = f"CAST(CONVERT_TIMEZONE('UTC', {zone}, {time}) AS DATE)"
        back = {"'week'": f"1 - DAYOFWEEKISO({day})", "'month'": f"1 - DAYOFMONTH({day})"}
        return f"DATEADD(day, {back[unit]}, {day})" if unit in back else day

    def start_of_hour(self, time: str) -> str:
        """Truncate: stored times are those of UTC."""
        return f"DATE_TRUNC('hour', {time})"

    def seconds_later(self, time: str, seconds: str) -> str:
        """``DATEADD`` keeps microseconds."""
        return f"DATEADD(second, {seconds}, {time})"

    def second_literal(self, value: datetime) -> str:
        """Name the type: a plain ``TIMESTAMP`` is what the session says it is."""
        return self.instant_literal(value)

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """``DATEDIFF`` counts boundaries crossed, which is exact between first days."""
        return f"DATEDIFF({unit.strip(chr(39))}, {start}, {end})"

    def percentile(self, value: str, fraction: str) -> str:
        """Of a float: of a whole number the answer would be a rounded decimal."""
        return super().percentile(self.as_float(value), fraction)

    def as_float(self, value: str) -> str:
        """``FLOAT`` has 64 bits."""
        return f"CAST({value} AS FLOAT)"

    def as_text(self, value: str) -> str:
        """Its text is ``VARCHAR``."""
        return f"CAST({value} AS VARCHAR)"

    def instant_literal(self, value: datetime) -> str:
        """Name the type: a plain ``TIMESTAMP`` is what the session says it is."""
        return f"CAST('{in_utc(value)}' AS TIMESTAMP_NTZ)"

    def instant(self) -> TypeEngine[Any]:
        """Without a zone."""
        return ColumnType("TIMESTAMP_NTZ(6)")

    def text(self) -> TypeEngine[str]:
        """Of any length."""
        return ColumnType("VARCHAR")
