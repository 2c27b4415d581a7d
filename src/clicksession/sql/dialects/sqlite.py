"""How SQLite says it."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.engine import Dialect as Compiling

from clicksession.bounds import Bounds
from clicksession.sql.dialects.abilities import Ability
from clicksession.sql.dialects.base import Dialect, in_utc

__all__ = ["SQLite"]


class SQLite(Dialect):
    """SQLite. Times are text: ``2024-05-01 10:00:00.000000``."""

    title = "SQLite"
    booleans_are_numbers = True
    # https://www.sqlite.org/limits.html; its functions of time know the years 0 to 9999.
    bounds: ClassVar[Bounds] = Bounds("SQLite 3.40", columns=2_000)
    cannot: ClassVar[Mapping[Ability, str]] = {
        Ability.PERCENTILE: "A `Summary` takes it by rank.",
    }
    float_type = "REAL"
    moment = "strftime('%Y-%m-%d %H:%M:%f', 'now')"  # text, as times are, to the millisecond
    most_stretches = 12

    def compiling(self) -> Compiling:
        """Return SQLAlchemy's own dialect."""
        return dialect()

    def microseconds_between(self, start: str, end: str) -> str:
        """Subtract counts of microseconds."""
        return f"({self.epoch_microseconds(end)} - {self.epoch_microseconds(start)})"

    def epoch_microseconds(self, time: str) -> str:
        """Add up whole seconds and the fraction as integers.

        ``julianday`` is a float of days: through it exactly 30 minutes become 1800.000013 s. And
        ``strftime('%s', …)`` rounds to milliseconds first, so that 59.999999 s would become 60:
        it gets the whole seconds alone.
        """
        seconds = f"CAST(strftime('%s', substr({time}, 1, 19)) AS INTEGER) * 1000000"
        fraction = f"CAST(substr(substr({time}, 21) || '000000', 1, 6) AS INTEGER)"
        return f"({seconds} + {fraction})"

    def remainder(self, number: str, divisor: str) -> str:
        """``mod()`` is not in every build."""
        return f"(({number}) % {divisor})"

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Take the date of the text: SQLite knows no zones, and would round up to midnight."""
        ahead = self.seconds_ahead(time, zone)
        local = f"substr({time}, 1, 19)" + ("" if ahead == "0" else f", {ahead} || ' seconds'")
        steps = {"'day'": "", "'week'": ", '-6 days', 'weekday 1'", "'month'": ", 'start of month'"}
        return f"date({local}{steps[unit]})"

    def second_literal(self, value: datetime) -> str:
        """Write text, as times are: it sorts before the same second with a fraction."""
        return f"'{value.isoformat(sep=' ')}'"

    def calendar_hour(self, time: str, zone: str) -> str:
        """Cut the text; where a zone's hours are not those of UTC, count whole seconds back."""
        past = self.seconds_past_hour(time, zone)
        if past == "0":
            return f"(substr({time}, 1, 13) || ':00:00.000000')"
        seconds = f"CAST(strftime('%s', substr({time}, 1, 19)) AS INTEGER)"
        since = f"(({seconds} + {past}) % 3600 + 3600) % 3600"
        return f"(datetime({seconds} - {since}, 'unixepoch') || '.000000')"

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """Midnights are exact as ``julianday``."""
        if unit == "'month'":
            return f"({_months(end)} - {_months(start)})"
        days = f"CAST(julianday({end}) - julianday({start}) AS INTEGER)"
        return f"({days} / 7)" if unit == "'week'" else days

    def instant_literal(self, value: datetime) -> str:
        """Write text, as times are."""
        return f"'{in_utc(value)}'"


def _months(date: str) -> str:
    return f"(CAST(substr({date}, 1, 4) AS INTEGER) * 12 + CAST(substr({date}, 6, 2) AS INTEGER))"
