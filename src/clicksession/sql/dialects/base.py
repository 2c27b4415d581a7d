"""What a dialect must be able to say."""

from abc import ABC, abstractmethod
from typing import Any

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.engine import Dialect as Compiling
from sqlalchemy.types import DateTime, Text, TypeEngine

from clicksession.errors import UnsupportedDialectError

__all__ = ["Dialect"]


class Dialect(ABC):
    """How one database says what `constructs` mean.

    Each spelling gets its operands as SQL text that is compiled already, with values bound and
    names quoted, and returns SQL text.
    """

    #: Whether `percentile` exists; where not, medians are taken by rank.
    has_percentile = True

    #: Whether its instants carry a zone; where not, they are naive and in UTC.
    keeps_zone = False

    @abstractmethod
    def compiling(self) -> Compiling:
        """Return the SQLAlchemy dialect that compiles statements; it needs no connection.

        With named parameters: other styles double every percent sign in a text.
        """

    @abstractmethod
    def microseconds_between(self, start: str, end: str) -> str:
        """Return the whole microseconds from start to end, exactly; null if either is null."""

    @abstractmethod
    def epoch_microseconds(self, time: str) -> str:
        """Return the whole microseconds from 1970 in UTC to a time, exactly."""

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Return the date on which the day, week or month of a time begins, in a named zone.

        Weeks begin on Monday. `unit` and `zone` are quoted: ``'week'``, ``'Europe/Amsterdam'``.
        Right on days of 23 and of 25 hours, or refused.
        """
        raise self._cannot("a day, week or month")

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """Return the whole number of days, weeks or months between two such dates."""
        raise self._cannot("a day, week or month")

    def percentile(self, value: str, fraction: str) -> str:
        """Return the interpolated percentile of the non-null values of a group."""
        return f"percentile_cont({fraction}) WITHIN GROUP (ORDER BY {value})"

    def instant(self) -> TypeEngine[Any]:
        """Return the column type that keeps an instant to the microsecond, as UTC."""
        return DateTime(timezone=self.keeps_zone)

    def text(self) -> TypeEngine[str]:
        """Return the column type for text of any length, compared by code points."""
        return Text()

    def key(self) -> TypeEngine[str]:
        """Return the column type for text that can be indexed."""
        return self.text()

    def _cannot(self, what: str, hint: str = "") -> UnsupportedDialectError:
        return UnsupportedDialectError(what, self.compiling().name, hint)

    def _only_in_utc(self, zone: str) -> None:
        """Refuse every zone but UTC, where a database does not know when clocks change."""
        if zone != "'UTC'":
            hint = "Use zone='UTC', or compute over a frame, which runs in DuckDB."
            raise self._cannot(f"a day, week or month in the zone {zone}", hint)

    def columns(self, connection: Connection, there: Table) -> dict[str, TypeEngine[Any]] | None:
        """Return the columns that a table has in the database, or None where it is not there."""
        inspector = inspect(connection)
        if not inspector.has_table(there.name, schema=there.schema):
            return None
        found = inspector.get_columns(there.name, schema=there.schema)
        return {column["name"]: column["type"] for column in found}
