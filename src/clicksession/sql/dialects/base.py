"""What a dialect must be able to say."""

from abc import ABC, abstractmethod
from typing import Any

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.engine import Dialect as Compiling
from sqlalchemy.types import DateTime, Text, TypeEngine

from clicksession.windows.zones import chosen_by_shift

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

    def percentile(self, value: str, fraction: str) -> str:
        """Return the interpolated percentile of the non-null values of a group."""
        return f"percentile_cont({fraction}) WITHIN GROUP (ORDER BY {value})"

    def as_text(self, value: str) -> str:
        """Return a value as text of any length; null for null."""
        return f"CAST({value} AS TEXT)"

    def previous(self, value: str) -> str:
        """Return a window's value one row before, and null in the first row."""
        return f"lag({value})"

    def remainder(self, number: str, divisor: str) -> str:
        """Return what a division of whole numbers leaves, of either sign."""
        return f"mod({number}, {divisor})"

    def code_points(self, value: str) -> str:
        """Return a value as it is compared by code points: as most databases compare texts."""
        return value

    def local_microseconds(self, instant: str, zone: str) -> str:
        """Return what the clocks of a zone show at an instant, in microseconds since 1970.

        By questions about the instant, from 1900 to 2100: not every database knows zones, and no
        two need know the same.
        """
        offset = chosen_by_shift(
            zone,
            str,
            lambda shift, before, after: (
                f"CASE WHEN {instant} < {shift} THEN {before} ELSE {after} END"
            ),
        )
        return f"({instant} + {offset})"

    def instant(self) -> TypeEngine[Any]:
        """Return the column type that keeps an instant to the microsecond, as UTC."""
        return DateTime(timezone=self.keeps_zone)

    def text(self) -> TypeEngine[str]:
        """Return the column type for text of any length, compared by code points."""
        return Text()

    def key(self) -> TypeEngine[str]:
        """Return the column type for text that can be indexed."""
        return self.text()

    def columns(self, connection: Connection, there: Table) -> dict[str, TypeEngine[Any]] | None:
        """Return the columns that a table has in the database, or None where it is not there."""
        inspector = inspect(connection)
        if not inspector.has_table(there.name, schema=there.schema):
            return None
        found = inspector.get_columns(there.name, schema=there.schema)
        return {column["name"]: column["type"] for column in found}
