"""How PostgreSQL says it."""

from typing import ClassVar

from sqlalchemy import Connection, Table, TableClause, func, select
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine import Dialect as Compiling

from clicksession.bounds import Bounds
from clicksession.sql.dialects.base import INDEXED, Dialect

__all__ = ["PostgreSQL", "quoted_name_of"]


class PostgreSQL(Dialect):
    """PostgreSQL, from 14 on: there ``EXTRACT`` answers in exact numerics."""

    title = "PostgreSQL"
    # https://www.postgresql.org/docs/current/limits.html; an entry of an index has 2,704 bytes,
    # with its header and a time, and a row 8,160, a long text counting for what points to it.
    bounds: ClassVar[Bounds] = Bounds(
        "PostgreSQL 14", columns=1_600, key_characters=2_684 // 4, row_bytes=8_160
    )
    keeps_zone = True

    def compiling(self) -> Compiling:
        """Return SQLAlchemy's own dialect."""
        return PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]

    def microseconds_between(self, start: str, end: str) -> str:
        """Take the epoch of the interval, which is an exact numeric."""
        return f"CAST(EXTRACT(EPOCH FROM {end} - {start}) * 1000000 AS BIGINT)"

    def session_microseconds(self, start: str, end: str, seconds: str) -> str:
        """Round the seconds: intervals become numerics, and sums of whole numbers do too.

        Exact for sessions of up to 71 years, and sums of up to 285.
        """
        return f"round({seconds} * 1000000)"

    def lacks_instant(self, time: str) -> str:
        """Ask for ``infinity`` too."""
        return f"({time} IS NULL OR NOT isfinite({time}))"

    def epoch_microseconds(self, time: str) -> str:
        """Take the epoch of the time, which is an exact numeric; that of an infinite one is none.

        A cast of infinity to a whole number would be an error.
        """
        finite = f"CASE WHEN isfinite({time}) THEN EXTRACT(EPOCH FROM {time}) END"
        return f"CAST({finite} * 1000000 AS BIGINT)"

    def may_read(self, connection: Connection, there: Table) -> bool:
        """Ask the server: to try, and to be refused, would end the transaction."""
        name = quoted_name_of(connection, there)
        may = func.has_table_privilege(func.to_regclass(name), "SELECT")
        return bool(connection.execute(select(may)).scalar())

    def code_points(self, value: str) -> str:
        """Compare bytes, as the collation ``C`` does; others know the alphabet of a language."""
        return f'CAST({value} AS TEXT) COLLATE "C"'

    def local_microseconds(self, instant: str, zone: str) -> str:
        """Let the server's own zones tell the time; a product of an interval is in microseconds."""
        moment = f"TIMESTAMPTZ '1970-01-01 00:00:00+00' + {instant} * INTERVAL '1 microsecond'"
        return f"CAST(EXTRACT(EPOCH FROM ({moment}) AT TIME ZONE '{zone}') * 1000000 AS BIGINT)"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Truncate the wall clock of the zone."""
        return f"CAST(date_trunc({unit}, {time} AT TIME ZONE {zone}) AS DATE)"

    def described(self, name: str) -> list[str]:
        """Have it counted: of a table that it knows nothing about, it would expect few rows."""
        return [f"ANALYZE {name}"]

    def indexes(self, table: TableClause, name: str) -> list[str]:
        """Have ids unique, and what a job looks for at hand."""
        there, made = set(table.c.keys()), []
        for several in INDEXED:
            is_key = several == ("event_id",) or (
                several == ("session_id",) and "event_id" not in there
            )
            if set(several) <= there and (is_key or several != ("session_id",)):
                unique = "UNIQUE " if is_key else ""
                made.append(f"CREATE {unique}INDEX ON {name} ({', '.join(several)})")
        return made

    def start_of_hour(self, time: str) -> str:
        """Truncate in UTC, whatever the session's zone is."""
        return f"date_trunc('hour', {time}, 'UTC')"

    def seconds_later(self, time: str, seconds: str) -> str:
        """Add an interval of seconds, which goes by instants."""
        return f"({time} + INTERVAL '1 second' * {seconds})"

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """Dates subtract to whole days; months are counted."""
        if unit == "'month'":
            return f"({_months(end)} - {_months(start)})"
        days = f"({end} - {start})"
        return f"({days} / 7)" if unit == "'week'" else days


def quoted_name_of(connection: Connection, table: Table) -> str:
    """Return a table's name in quotation marks, as a value: no statement, where % is doubled."""
    name: str = connection.dialect.identifier_preparer.format_table(table)
    return name.replace("%%", "%")


def _months(date: str) -> str:
    return f"CAST(EXTRACT(YEAR FROM {date}) * 12 + EXTRACT(MONTH FROM {date}) AS BIGINT)"
