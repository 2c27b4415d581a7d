"""What a database takes of one row, and of one table."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["LONGEST_ID", "Bounds", "tightest"]

#: The bytes of an id that every index keeps, with what a session's id has beside its user's.
LONGEST_ID = 480

# Columns of events beside those of a log, and some to spare.
_ROOM = 17

# A day within the years that Python knows, so that the clocks of any zone can show the time.
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_END = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Bounds:
    """The bounds of one database; what it says nothing of is bounded by Python alone.

    Attributes
    ----------
    database
        Which database it is, with the version in which the bounds were looked up.
    columns
        How many columns a table has.
    key_characters
        How many characters a text has that an index holds.
    row_bytes
        How many bytes of a row stand on one page, where those of long texts stand elsewhere.
    statement_bytes
        How many bytes of text a row has, where it travels to the server within a statement.
    first, end
        The first moment of a column of times, and the first moment beyond it.
    finite
        Whether numbers with fractions have to be finite.
    """

    database: str
    columns: int | None = None
    key_characters: int | None = None
    row_bytes: int | None = None
    statement_bytes: int | None = None
    first: datetime = _FIRST
    end: datetime = _END
    finite: bool = False

    @property
    def event_columns(self) -> int | None:
        """How many columns of events leave room for those that the library adds for a while."""
        return self.columns and self.columns - _ROOM


def tightest(bounds: Iterable[Bounds]) -> Bounds:
    """Return the bounds that keep those of several databases.

    Examples
    --------
    >>> tightest([Bounds("A", columns=9), Bounds("B", columns=4), Bounds("C")]).columns
    4
    """
    given = list(bounds)

    def least(name: str) -> int | None:
        return min((n for each in given if (n := getattr(each, name)) is not None), default=None)

    return Bounds(
        " and ".join(each.database for each in given),
        columns=least("columns"),
        key_characters=least("key_characters"),
        row_bytes=least("row_bytes"),
        statement_bytes=least("statement_bytes"),
        first=max(each.first for each in given),
        end=min(each.end for each in given),
        finite=any(each.finite for each in given),
    )
