"""How Spark and Databricks say it."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy.engine import Dialect as Compiling

from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import Dialect, in_utc

__all__ = ["Databricks", "Spark"]


class Spark(Dialect):
    """Spark SQL, from 3.4 on. Times are ``TIMESTAMP``."""

    title = "Spark"
    extra = "databricks"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.WRITE: "Its tables are made by whoever loads them.",
        Ability.INCREMENTAL: (
            "Files have no MERGE: warehouse.spark writes them. Tables of Delta take 'databricks'."
        ),
    }
    keeps_zone = True
    backslash_escapes = True
    float_type = "DOUBLE"
    text_type = "STRING"
    instant_type = "TIMESTAMP"

    def compiling(self) -> Compiling:
        """Return the dialect of databricks-sqlalchemy."""
        return self._brought("databricks.sqlalchemy:DatabricksDialect", "databricks-sqlalchemy")

    def microseconds_between(self, start: str, end: str) -> str:
        """Subtract counts: ``timestampdiff`` goes by the clock on the wall.

        Where the session's zone changes to summer time, it is an hour off.
        """
        return f"(unix_micros({end}) - unix_micros({start}))"

    def epoch_microseconds(self, time: str) -> str:
        """``unix_micros`` is exact."""
        return f"unix_micros({time})"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Truncate the wall clock of the zone, found without that of the session."""
        utc = f"timestampadd(MICROSECOND, unix_micros({time}), TIMESTAMP_NTZ '1970-01-01')"
        day = f"CAST(convert_timezone('UTC', {zone}, {utc}) AS DATE)"
        return day if unit == "'day'" else f"CAST(trunc({day}, {unit}) AS DATE)"

    def calendar_hour(self, time: str, zone: str) -> str:
        """Count back: ``date_trunc`` goes by the session's zone."""
        past, count = self.seconds_past_hour(time, zone), self.epoch_microseconds(time)
        shown = count if past == "0" else f"{count} + 1000000 * CAST({past} AS BIGINT)"
        return f"timestamp_micros({count} - pmod({shown}, 3600000000))"

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """Whole months lie between first days; days are counted."""
        if unit == "'month'":
            return f"CAST(months_between({end}, {start}) AS BIGINT)"
        days = f"datediff({end}, {start})"
        return f"({days} DIV 7)" if unit == "'week'" else days

    def text_literal(self, value: str) -> str:
        """Quotes are escaped: two would end one text and begin another."""
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def instant_literal(self, value: datetime) -> str:
        """Without a zone it would be in the session's."""
        return f"TIMESTAMP '{in_utc(value)}Z'"


class Databricks(Spark):
    """Databricks, and Spark with tables of Delta: each statement on one is a transaction."""

    title = "Databricks"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.WRITE: "Its tables are made by whoever loads them.",
    }
    moment = "current_timestamp()"
    placed = "\nCLUSTER BY ({time}, user_id)"
    replaces_by = "merge"
    stages_in_schema = True

    def stage(self, name: str, query: str) -> list[str]:
        """Replace a table."""
        return [f"CREATE OR REPLACE TABLE {name} AS\n{query}"]
