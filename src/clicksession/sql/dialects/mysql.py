"""How MariaDB and MySQL say it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Integer, Table, TableClause, column, func, select, text
from sqlalchemy.dialects.mysql import DATETIME, LONGTEXT, VARCHAR
from sqlalchemy.dialects.mysql.base import MySQLDialect
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect
from sqlalchemy.engine import Dialect as Compiling
from sqlalchemy.types import TypeEngine

from clicksession.bounds import Bounds
from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import INDEXED, Dialect, in_utc

__all__ = ["MariaDB", "MySQL"]

# An index holds 3,072 bytes: four for each of these, and a time beside them.
_LONGEST_KEY = 512
_TIMES = ("started_at", "run_from", "changed_in")


class MySQL(Dialect):
    """MySQL, from 8.0.17 on.

    Its usual collations take ``Ann`` for ``ann`` and ``ann`` for ``ann `` with a space: columns of
    text get one that compares code points and pads nothing.
    """

    title = "MySQL"
    # Of InnoDB: https://mariadb.com/kb/en/innodb-limitations/. A statement has 16 MiB at most where
    # `max_allowed_packet` is as it comes, in which each quotation mark counts twice.
    bounds: ClassVar[Bounds] = Bounds(
        "MariaDB 10.6 and MySQL 8.0",
        columns=1_017,
        key_characters=_LONGEST_KEY,
        row_bytes=8_126,
        statement_bytes=8_000_000,
        finite=True,
    )
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.PERCENTILE: "A `Summary` takes it by rank.",
        Ability.INCREMENTAL: "No query of it may look at a temporary table twice; MariaDB's may.",
    }
    backslash_escapes = True
    booleans_are_numbers = True
    float_type = "DOUBLE"
    # `CAST` knows no `TEXT`; what it calls `CHAR` is as long as need be.
    text_type = "CHAR CHARACTER SET utf8mb4"
    moment = "UTC_TIMESTAMP(6)"  # `NOW` shows the clock of the session
    compares_by_collation = True
    collation = "utf8mb4_0900_bin"

    def compiling(self) -> Compiling:
        """Return SQLAlchemy's own dialect."""
        return MySQLDialect(paramstyle="named")

    def microseconds_between(self, start: str, end: str) -> str:
        """``TIMESTAMPDIFF`` counts whole units elapsed: of microseconds, exactly."""
        return f"TIMESTAMPDIFF(MICROSECOND, {start}, {end})"

    def epoch_microseconds(self, time: str) -> str:
        """Count from 1970; ``UNIX_TIMESTAMP`` would read the time in the session's zone."""
        return f"TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {time})"

    def may_read(self, connection: Connection, there: Table) -> bool:
        """Ask the catalogue, which shows nobody a table that they may do nothing with."""
        shown = (
            select(func.count())
            .select_from(text("information_schema.tables"))
            .where(column("table_name") == there.name)
            .where(column("table_schema") == (there.schema or func.database()))
        )
        return bool(connection.execute(shown).scalar())

    def stage(self, name: str, query: str) -> list[str]:
        """Drop no other than a temporary table, which would end the transaction."""
        made = f"CREATE TEMPORARY TABLE {name} AS\n{query}"
        return [f"DROP TEMPORARY TABLE IF EXISTS {name}", made]

    def delete_found(self, name: str, found: str, key: str, where: str = "") -> str:
        """Join: an ``IN`` would look through the other table once for each row."""
        further = f" AND {where}" if where else ""
        joined = f"{name}\nJOIN {found} ON {name}.{key} = {found}.{key}"
        return f"DELETE {name}\nFROM {joined}{further}"

    def indexes(self, table: TableClause, name: str) -> list[str]:
        """Index what is a number or a text with a length, as far as the source says so."""
        return [
            f"CREATE INDEX {table.name}_{number} ON {name} ({', '.join(several)})"
            for number, several in enumerate(INDEXED)
            if set(several) <= set(table.c.keys()) and all(self._fits(table, n) for n in several)
        ]

    @staticmethod
    def _fits(table: TableClause, name: str) -> bool:
        kind = table.c[name].type
        return name in _TIMES or isinstance(kind, Integer) or "Key" in type(kind).__name__

    def signed(self, value: str) -> str:
        """``ROW_NUMBER`` has no sign, and nothing may be subtracted from it that is more."""
        return f"CAST({value} AS SIGNED)"

    def ascending(self, value: str) -> str:
        """There is no ``NULLS LAST``: nulls are told from the rest first."""
        return f"{value} IS NULL, {value}"

    def descending(self, value: str) -> str:
        """There is no ``NULLS LAST``, but nulls are least."""
        return f"{value} DESC"

    def instant_literal(self, value: datetime) -> str:
        """Write no zone: times carry none."""
        return f"TIMESTAMP '{in_utc(value)}'"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Count from a Monday, or from the month before.

        ``CONVERT_TZ`` is null where no zones are loaded, as they mostly are not.
        """
        ahead = self.seconds_ahead(time, zone)
        local = time if ahead == "0" else f"TIMESTAMPADD(SECOND, {ahead}, {time})"
        if unit == "'week'":
            weeks = f"FLOOR(DATEDIFF({local}, '1900-01-01') / 7)"
            return f"DATE_ADD(DATE('1900-01-01'), INTERVAL {weeks} * 7 DAY)"
        if unit == "'month'":
            return f"DATE_ADD(LAST_DAY(DATE_SUB({local}, INTERVAL 1 MONTH)), INTERVAL 1 DAY)"
        return f"DATE({local})"

    def start_of_hour(self, time: str) -> str:
        """``TIMESTAMPDIFF`` counts whole hours elapsed: from the first year that it knows."""
        first = "TIMESTAMP '1000-01-01 00:00:00'"
        return f"TIMESTAMPADD(HOUR, TIMESTAMPDIFF(HOUR, {first}, {time}), {first})"

    def seconds_later(self, time: str, seconds: str) -> str:
        """``TIMESTAMPADD`` keeps microseconds."""
        return f"TIMESTAMPADD(SECOND, {seconds}, {time})"

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """``TIMESTAMPDIFF`` counts whole units elapsed, which is exact between first days."""
        return f"TIMESTAMPDIFF({unit.strip(chr(39)).upper()}, {start}, {end})"

    def code_points(self, value: str) -> str:
        """Compare as the tables of this library do."""
        return f"{self.as_text(value)} COLLATE {self.collation}"

    def instant(self) -> TypeEngine[Any]:
        """``DATETIME(6)``: without the digits it keeps whole seconds."""
        return DATETIME(fsp=6)

    def text(self) -> TypeEngine[str]:
        """``LONGTEXT``: plain ``TEXT`` ends at 64 KiB."""
        return LONGTEXT(collation=self.collation)

    def key(self) -> TypeEngine[str]:
        """``VARCHAR``: a ``TEXT`` cannot be indexed whole."""
        return VARCHAR(_LONGEST_KEY, collation=self.collation)


class MariaDB(MySQL):
    """MariaDB, from 10.6 on."""

    title = "MariaDB"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.PERCENTILE: "A `Summary` takes it by rank.",
    }
    collation = "utf8mb4_nopad_bin"

    def compiling(self) -> Compiling:
        """Return SQLAlchemy's own dialect."""
        return MariaDBDialect(paramstyle="named")
