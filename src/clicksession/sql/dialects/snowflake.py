"""How Snowflake says it."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy.engine import Dialect as Compiling

from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import Dialect, in_utc

__all__ = ["Snowflake"]


class Snowflake(Dialect):
    """Snowflake. Times are ``TIMESTAMP_NTZ`` in UTC; zoned ones work as well."""

    title = "Snowflake"
    extra = "snowflake"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.WRITE: "Its tables are made by whoever loads them.",
    }
    backslash_escapes = True
    float_type = "FLOAT"
    text_type = "VARCHAR"
    instant_type = "TIMESTAMP_NTZ(6)"
    moment = "SYSDATE()"
    placed = "\nCLUSTER BY (TO_DATE({time}))"
    replaces_by = "merge"
    stages_in_schema = True

    def compiling(self) -> Compiling:
        """Return the dialect of snowflake-sqlalchemy."""
        return self._brought("snowflake.sqlalchemy:dialect", "snowflake-sqlalchemy")

    def stage(self, name: str, query: str) -> list[str]:
        """Replace a table of the session."""
        return [f"CREATE OR REPLACE TEMPORARY TABLE {name} AS\n{query}"]

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

    def instant_literal(self, value: datetime) -> str:
        """Name the type: a plain ``TIMESTAMP`` is what the session says it is."""
        return f"CAST('{in_utc(value)}' AS TIMESTAMP_NTZ)"
