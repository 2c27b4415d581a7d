"""How ClickHouse says it."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy.engine import Dialect as Compiling

from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import Dialect, in_utc
from clicksession.sql.dialects.quoting import backquoting

__all__ = ["ClickHouse"]


class ClickHouse(Dialect):
    """ClickHouse, from 24.11 on. Times are ``DateTime64(6, 'UTC')``.

    By itself it has no nulls where others have them: a join without a partner gives an empty text,
    the lag of the first row is 1970, and the sum of nothing is 0. Every statement ends in the
    settings that make these null.
    """

    title = "ClickHouse"
    extra = "clickhouse"
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.WRITE: "It has no transactions.",
    }
    backslash_escapes = True
    text_type = "String"
    instant_type = "DateTime64(6, 'UTC')"  # `DateTime` keeps whole seconds
    moment = "now64(6, 'UTC')"
    replaces_by = "versions"
    stages_in_schema = True
    joins_rename = True
    settings = "SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1"

    def compiling(self) -> Compiling:
        """Return the dialect of clickhouse-connect, quoting only where it must."""
        place = "clickhouse_connect.cc_sqlalchemy.dialect:ClickHouseDialect"
        return backquoting(self._brought(place, "clickhouse-connect"), "")

    def stage(self, name: str, query: str) -> list[str]:
        """Replace a table."""
        made = f"CREATE OR REPLACE TABLE {name}\nENGINE = MergeTree ORDER BY tuple() AS\n{query}"
        return [made]

    def make(self, name: str, query: str, key: str = "") -> str:
        """Keep the latest version of each row, for who asks for what is ``FINAL``."""
        if not key:
            return self.create("table", name, query)
        parts = "\nPARTITION BY toYYYYMM(timestamp)" if key == "event_id" else ""
        engine = f"ENGINE = ReplacingMergeTree(changed_in)\nORDER BY {key}{parts}"
        nulls = "SETTINGS allow_nullable_key = 1"
        return f"CREATE TABLE {name}\n{engine}\n{nulls} AS\n{query}"

    def latest(self, name: str, columns: str, where: str = "") -> str:
        """Return the query that gives the latest version of each row of such a table."""
        condition = f"\nWHERE {where}" if where else ""
        return f"SELECT {columns}\nFROM {name} FINAL{condition}"

    def insert(self, name: str, columns: str, query: str) -> str:
        """Put in all rows as one block, which readers see at once."""
        whole = "min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0"
        return f"{super().insert(name, columns, query)}, {whole}"

    def microseconds_between(self, start: str, end: str) -> str:
        """``dateDiff`` counts boundaries; of microseconds, every one is one."""
        return f"dateDiff('microsecond', {start}, {end})"

    def epoch_microseconds(self, time: str) -> str:
        """Of ``DateTime64``, exactly."""
        return f"toUnixTimestamp64Micro({time})"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Count days back: ``toStartOfWeek`` and its like know nothing before 1970."""
        day = f"toDate32({time}, {zone})"
        back = {"'week'": f"toDayOfWeek({day}) - 1", "'month'": f"toDayOfMonth({day}) - 1"}
        return f"subtractDays({day}, {back[unit]})" if unit in back else day

    def calendar_hour(self, time: str, zone: str) -> str:
        """Count back: ``toStartOfHour`` knows nothing before 1970."""
        past, count = self.seconds_past_hour(time, zone), self.epoch_microseconds(time)
        shown = count if past == "0" else f"{count} + 1000000 * {past}"
        return f"fromUnixTimestamp64Micro({count} - positiveModulo({shown}, 3600000000), 'UTC')"

    def second_literal(self, value: datetime) -> str:
        """With its zone."""
        return self.instant_literal(value)

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """``dateDiff`` counts boundaries crossed, which is exact between first days."""
        return f"dateDiff({unit}, {start}, {end})"

    def percentile(self, value: str, fraction: str) -> str:
        """``quantile`` and ``median`` would sample."""
        return f"quantileExactInclusive({fraction})({value})"

    def signed(self, value: str) -> str:
        """Convert: counts have no sign, and what is one of them or a difference has no type."""
        return f"toInt64({value})"

    def as_float(self, value: str) -> str:
        """Take null, which a ``CAST`` would not."""
        return f"toFloat64({value})"

    def as_text(self, value: str) -> str:
        """Take null, which a ``CAST`` would not."""
        return f"toString({value})"

    def previous(self, value: str) -> str:
        """Of what can be null: else the first row would have 1970, or an empty text."""
        return f"lag(toNullable({value}))"

    def following(self, value: str) -> str:
        """Of what can be null: else the last row would have 1970, or an empty text."""
        return f"lead(toNullable({value}))"

    def instant_literal(self, value: datetime) -> str:
        """Without the zone it would be in the server's."""
        return f"toDateTime64('{in_utc(value)}', 6, 'UTC')"

    def create(self, kind: str, name: str, query: str) -> str:
        """Return the statement; a table needs an engine."""
        engine = "\nENGINE = MergeTree ORDER BY tuple()" if kind == "table" else ""
        return f"CREATE {kind.upper()} {name}{engine} AS\n{query}"
