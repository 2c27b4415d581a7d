"""How Trino says it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy.engine import Dialect as Compiling
from sqlalchemy.types import TypeEngine

from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import ColumnType, Dialect, compiler_of

__all__ = ["Trino"]


class Trino(Dialect):
    """Trino, and Athena's third engine. Times are ``TIMESTAMP(6)`` in UTC."""

    title = "Trino"
    extra = "trino"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.PERCENTILE: "A `Summary` takes it by rank; approx_percentile is what it says.",
        Ability.WRITE: "Its tables are made by whoever loads them.",
    }

    replaces_by = "merge"
    stages_in_schema = True

    def compiling(self) -> Compiling:
        """Return the dialect of the trino client."""
        kind = compiler_of(
            "trino.sqlalchemy.dialect:TrinoDialect", package="trino[sqlalchemy]", extra=self.extra
        )
        dialect: Compiling = kind(paramstyle="named")
        return dialect

    def now(self) -> str:
        """In UTC, without a zone."""
        return "CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP(6))"

    def stage(self, name: str, query: str) -> list[str]:
        """Make a table anew: there are no temporary ones."""
        return [f"DROP TABLE IF EXISTS {name}", f"CREATE TABLE {name} AS\n{query}"]

    def make(self, name: str, query: str, key: str = "") -> str:
        """Have events by days, as Iceberg does it."""
        time = {"event_id": "timestamp", "session_id": "started_at"}.get(key)
        parts = f"\nWITH (partitioning = ARRAY['day({time})'])" if time else ""
        return f"CREATE TABLE {name}{parts} AS\n{query}"

    def microseconds_between(self, start: str, end: str) -> str:
        """Subtract decimals: ``date_diff`` knows nothing below the millisecond."""
        return f"CAST(({_seconds(end)} - {_seconds(start)}) * 1000000 AS BIGINT)"

    def epoch_microseconds(self, time: str) -> str:
        """Take the seconds as a decimal of six digits, which is exact until the year 2106.

        ``to_unixtime`` is the one function that knows more than milliseconds, and gives a float.
        Until then a float is less than half a microsecond off, so that rounding it to six digits
        gives the microsecond itself.
        """
        return f"CAST({_seconds(time)} * 1000000 AS BIGINT)"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Truncate the wall clock of the zone; its weeks begin on Monday."""
        local = f"with_timezone({time}, 'UTC') AT TIME ZONE {zone}"
        return f"CAST(date_trunc({unit}, {local}) AS DATE)"

    def start_of_hour(self, time: str) -> str:
        """Truncate: stored times are those of UTC."""
        return f"date_trunc('hour', {time})"

    def seconds_later(self, time: str, seconds: str) -> str:
        """``date_add`` keeps microseconds."""
        return f"date_add('second', {seconds}, {time})"

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """``date_diff`` counts whole units elapsed, which is exact between first days."""
        return f"date_diff({unit}, {start}, {end})"

    def as_float(self, value: str) -> str:
        """Its float of 64 bits is ``DOUBLE``."""
        return f"CAST({value} AS DOUBLE)"

    def as_text(self, value: str) -> str:
        """Its text is ``VARCHAR``."""
        return f"CAST({value} AS VARCHAR)"

    def instant(self) -> TypeEngine[Any]:
        """Without the digits it keeps milliseconds."""
        return ColumnType("TIMESTAMP(6)")

    def text(self) -> TypeEngine[str]:
        """Of any length."""
        return ColumnType("VARCHAR")


def _seconds(time: str) -> str:
    return f"CAST(to_unixtime({time}) AS DECIMAL(20, 6))"
