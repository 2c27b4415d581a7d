"""How Trino says it."""

from collections.abc import Mapping
from typing import ClassVar

from sqlalchemy.engine import Dialect as Compiling

from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import Dialect

__all__ = ["Trino"]


class Trino(Dialect):
    """Trino, and Athena's third engine. Times are ``TIMESTAMP(6)`` in UTC."""

    title = "Trino"
    extra = "trino"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.PERCENTILE: "A `Summary` takes it by rank; approx_percentile is what it says.",
        Ability.WRITE: "Its tables are made by whoever loads them.",
    }
    float_type = "DOUBLE"
    text_type = "VARCHAR"
    instant_type = "TIMESTAMP(6)"  # without the digits it keeps milliseconds
    moment = "CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP(6))"
    placed = "\nWITH (partitioning = ARRAY['day({time})'])"
    replaces_by = "merge"
    stages_in_schema = True

    def compiling(self) -> Compiling:
        """Return the dialect of the trino client."""
        return self._brought("trino.sqlalchemy.dialect:TrinoDialect", "trino[sqlalchemy]")

    def stage(self, name: str, query: str) -> list[str]:
        """Make a table anew: there are no temporary ones."""
        return [f"DROP TABLE IF EXISTS {name}", f"CREATE TABLE {name} AS\n{query}"]

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


def _seconds(time: str) -> str:
    return f"CAST(to_unixtime({time}) AS DECIMAL(20, 6))"
