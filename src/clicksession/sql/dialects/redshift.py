"""How Redshift says it."""

from collections.abc import Mapping
from typing import ClassVar

from sqlalchemy.engine import Dialect as Compiling

from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import Dialect

__all__ = ["Redshift"]


class Redshift(Dialect):
    """Redshift. Times are ``TIMESTAMP`` in UTC, which keeps microseconds."""

    title = "Redshift"
    extra = "redshift"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.WRITE: "Its tables are made by whoever loads them.",
    }
    backslash_escapes = True
    text_type = "VARCHAR(65535)"  # without a length it would be 256 bytes, as `TEXT` is
    instant_type = "TIMESTAMP"
    moment = "SYSDATE"  # `GETDATE` knows seconds
    placed = "\nDISTKEY (user_id)\nSORTKEY ({time})"

    def compiling(self) -> Compiling:
        """Return the dialect of sqlalchemy-redshift."""
        place = "sqlalchemy_redshift.dialect:RedshiftDialect_psycopg2"
        return self._brought(place, "sqlalchemy-redshift")

    def microseconds_between(self, start: str, end: str) -> str:
        """``DATEDIFF`` counts boundaries; of microseconds, every one is one.

        ``EXTRACT(EPOCH …)`` would answer in whole seconds.
        """
        return f"DATEDIFF(microsecond, {start}, {end})"

    def epoch_microseconds(self, time: str) -> str:
        """Count from 1970."""
        return f"DATEDIFF(microsecond, TIMESTAMP '1970-01-01', {time})"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Truncate the wall clock of the zone; its weeks begin on Monday."""
        return f"CAST(DATE_TRUNC({unit}, CONVERT_TIMEZONE('UTC', {zone}, {time})) AS DATE)"

    def start_of_hour(self, time: str) -> str:
        """Truncate: stored times are those of UTC."""
        return f"DATE_TRUNC('hour', {time})"

    def seconds_later(self, time: str, seconds: str) -> str:
        """``DATEADD`` keeps microseconds."""
        return f"DATEADD(second, {seconds}, {time})"

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """``DATEDIFF`` counts boundaries crossed, which is exact between first days."""
        return f"DATEDIFF({unit.strip(chr(39))}, {start}, {end})"

    def percentile(self, value: str, fraction: str) -> str:
        """Of a float: of a whole number the answer would be a rounded decimal."""
        return super().percentile(self.as_float(value), fraction)
