"""How BigQuery says it."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy.engine import Dialect as Compiling

from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import Dialect, in_utc
from clicksession.sql.dialects.quoting import backquoting

__all__ = ["BigQuery"]

_UNITS = {"'day'": "DAY", "'week'": "WEEK(MONDAY)", "'month'": "MONTH"}
_RESERVED = (
    "all and any array as asc assert_rows_modified at between by case cast collate contains create "
    "cross cube current default define desc distinct else end enum escape except exclude exists "
    "extract false fetch following for from full group grouping groups hash having if ignore in "
    "inner intersect interval into is join lateral left like limit lookup merge natural new no not "
    "null nulls of on or order outer over partition preceding proto qualify range recursive "
    "respect right rollup rows select set some struct tablesample then to treat true unbounded "
    "union unnest using when where window with within"
)


class BigQuery(Dialect):
    """BigQuery, in standard SQL. Times are ``TIMESTAMP``."""

    title = "BigQuery"
    extra = "bigquery"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.PERCENTILE: "A `Summary` takes it by rank; PERCENTILE_CONT is a window function.",
        Ability.WRITE: "Its tables are made by whoever loads them.",
    }
    keeps_zone = True
    replaces_by = "merge"
    stages_in_schema = True
    backslash_escapes = True
    float_type = "FLOAT64"
    text_type = "STRING"
    instant_type = "TIMESTAMP"
    moment = "CURRENT_TIMESTAMP()"
    placed = "\nPARTITION BY DATE({time})\nCLUSTER BY user_id"

    def compiling(self) -> Compiling:
        """Return the dialect of sqlalchemy-bigquery, quoting only where it must."""
        brought = self._brought("sqlalchemy_bigquery:BigQueryDialect", "sqlalchemy-bigquery")
        return backquoting(brought, _RESERVED)

    def stage(self, name: str, query: str) -> list[str]:
        """Replace a table: a temporary one would be gone with its script."""
        return [f"CREATE OR REPLACE TABLE {name} AS\n{query}"]

    def microseconds_between(self, start: str, end: str) -> str:
        """``TIMESTAMP_DIFF`` counts whole units elapsed: of microseconds, exactly."""
        return f"TIMESTAMP_DIFF({end}, {start}, MICROSECOND)"

    def epoch_microseconds(self, time: str) -> str:
        """``UNIX_MICROS`` is exact."""
        return f"UNIX_MICROS({time})"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Truncate the date of the zone; a plain ``WEEK`` begins on Sunday."""
        day = f"DATE({time}, {zone})"
        return day if unit == "'day'" else f"DATE_TRUNC({day}, {_UNITS[unit]})"

    def start_of_hour(self, time: str) -> str:
        """``TIMESTAMP_TRUNC`` goes by UTC."""
        return f"TIMESTAMP_TRUNC({time}, HOUR)"

    def seconds_later(self, time: str, seconds: str) -> str:
        """Add an interval."""
        return f"TIMESTAMP_ADD({time}, INTERVAL ({seconds}) SECOND)"

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """``DATE_DIFF`` counts boundaries crossed, which is exact between first days."""
        return f"DATE_DIFF({end}, {start}, {_UNITS[unit]})"

    def ascending(self, value: str) -> str:
        """``NULLS LAST`` is not known in every window: nulls are told from the rest first."""
        return f"{value} IS NULL, {value}"

    def descending(self, value: str) -> str:
        """Nulls are least."""
        return f"{value} DESC"

    def text_literal(self, value: str) -> str:
        """Quotes are escaped, not doubled; and a text does not go over the end of a line."""
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r") + "'"

    def instant_literal(self, value: datetime) -> str:
        """Its ``TIMESTAMP`` has a zone."""
        return f"TIMESTAMP '{in_utc(value)}+00:00'"
