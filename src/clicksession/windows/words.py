"""What an engine must be able to say, for sessions to be window expressions in it."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clicksession.windows import zones

__all__ = ["Window", "Words", "free_name"]

# A frame or query of the engine, and an expression over its columns. Comparison and "&", "|",
# "~", "+" and "-" mean the same between expressions of every engine.
Frame = Any
Column = Any


@dataclass(frozen=True)
class Window:
    """The rows that a window expression looks at, and in which order.

    Attributes
    ----------
    partition, order
        What rows of one window have in common, and what puts them in order.
    of_peers
        Whether what is said up to a row is said up to the last one that ties with it.
    """

    partition: tuple[Column, ...]
    order: tuple[Column, ...]
    of_peers: bool = False


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: the one that is given, or with underscores behind it."""
    while name in taken:
        name += "_"
    return name


class Words(ABC):
    """How one engine says what a `plan` is made of.

    Nothing here runs anything: each call gives an expression, or a frame that is as lazy as the
    one before.
    """

    #: What the engine is called in messages.
    name: str

    #: Whether it says `Window.of_peers`, which spares a second sort where times alone decide.
    has_ranges = False

    @abstractmethod
    def names(self, frame: Frame) -> list[str]:
        """Return the names of the columns of a frame."""

    @abstractmethod
    def numbered(self, frame: Frame, name: str) -> Frame | None:
        """Return the frame with the numbers of its rows; None where the engine has no order."""

    @abstractmethod
    def column(self, frame: Frame, name: str) -> Column:
        """Return a column of a frame."""

    def whose(self, frame: Frame, name: str) -> Column:
        """Return a column whose values are one where they are the same text or number."""
        return self.column(frame, name)

    def rank(self, frame: Frame, name: str) -> list[Column]:
        """Return what to order by: nulls come last, and texts by their code points."""
        column = self.column(frame, name)
        return [self.flag(self.is_null(column)), column]

    @abstractmethod
    def step(self, frame: Frame, name: str, columns: Mapping[str, Column]) -> Frame:
        """Return the frame with more columns, which the next step can look at."""

    @abstractmethod
    def chosen(self, frame: Frame, columns: Mapping[str, Column]) -> Frame:
        """Return a frame of these columns alone."""

    @abstractmethod
    def value(self, value: int | str) -> Column:
        """Return a constant: a number or a text."""

    @abstractmethod
    def case(self, cases: Sequence[tuple[Column, Column]], otherwise: Column | None) -> Column:
        """Return the value of the first condition that is true; None stands for null."""

    def flag(self, condition: Column) -> Column:
        """Return 1 where a condition is true, and else 0."""
        return self.case([(condition, self.value(1))], self.value(0))

    @abstractmethod
    def is_null(self, column: Column) -> Column:
        """Say whether a value is missing."""

    def is_true(self, frame: Frame, name: str) -> Column:
        """Say whether a column of booleans is true; null for null."""
        return self.column(frame, name)

    @abstractmethod
    def given(self, frame: Frame, name: str) -> Column:
        """Return the values of a column, with a null for an empty text."""

    @abstractmethod
    def remainder(self, column: Column, divisor: int) -> Column:
        """Return what a division of whole numbers leaves, of either sign."""

    @abstractmethod
    def text(self, column: Column) -> Column:
        """Return a value as text, whole numbers without a point."""

    @abstractmethod
    def joined(self, *texts: Column) -> Column:
        """Return texts one behind the other."""

    @abstractmethod
    def replaced(self, text: Column, old: str, new: str) -> Column:
        """Return a text with another one in each place of a piece of it."""

    @abstractmethod
    def nanoseconds_per_unit(self, frame: Frame, time: str) -> int:
        """Return what one count of `instant` is worth: the resolution of the data."""

    def lacks_instant(self, frame: Frame, time: str) -> Column:
        """Say whether a time is none: null, or infinite where an engine has times that are."""
        return self.is_null(self.column(frame, time))

    @abstractmethod
    def instant(self, frame: Frame, time: str) -> Column:
        """Return a time as a whole number of units from 1970 in UTC."""

    @abstractmethod
    def microseconds(self, frame: Frame, time: str) -> Column:
        """Return a time as a whole number of microseconds from 1970 in UTC, rounded down."""

    @abstractmethod
    def duration(self, frame: Frame, name: str, unit: int) -> Column:
        """Return a column of durations as whole numbers of nanoseconds, or of microseconds.

        `unit` says of which: 1 or 1000.
        """

    def local(self, microsecond: Column, zone: str) -> Column:
        """Return what the clocks of a zone show at an instant, in microseconds since 1970."""
        offset = zones.chosen_by_shift(
            zone,
            self.value,
            lambda shift, before, after: self.case(
                [(microsecond < self.value(shift), before)], after
            ),
        )
        return microsecond + offset

    def above_multiple(self, number: Column, step: int) -> Column:
        """Return how far a number is above the nearest multiple that is not above it."""
        rest = self.remainder(number, step)
        return self.case([(rest < self.value(0), rest + self.value(step))], rest)

    @abstractmethod
    def previous(self, column: Column, window: Window) -> Column:
        """Return the value of the row before; null in the first row."""

    @abstractmethod
    def row_number(self, window: Window) -> Column:
        """Return the number of each row, from 1 on."""

    @abstractmethod
    def first(self, column: Column, window: Window) -> Column:
        """Return the value of the window's first row, of any type, null or not."""

    @abstractmethod
    def running_sum(self, column: Column, window: Window) -> Column:
        """Return the sum up to and with this row, of whole numbers that are never null."""

    @abstractmethod
    def running_max(self, column: Column, window: Window) -> Column:
        """Return the greatest number up to and with this row; nulls do not count."""

    @abstractmethod
    def earlier_max(self, column: Column, window: Window) -> Column:
        """Return the greatest number up to and without this row; nulls do not count."""

    # What a summary is made of.

    @abstractmethod
    def where(self, frame: Frame, condition: Column) -> Frame:
        """Return the rows for which a condition is true."""

    def narrowed(self, frame: Frame, name: str, columns: Mapping[str, Column]) -> Frame:
        """Return a frame of these columns alone, which the next step can look at."""
        return self.chosen(frame, columns)

    @abstractmethod
    def grouped(
        self, frame: Frame, name: str, keys: Sequence[str], columns: Mapping[str, tuple[str, str]]
    ) -> Frame:
        """Return a row per distinct values of the keys.

        Each further column is the ``"min"``, the ``"max"`` or the ``"count"`` of one of the frame.
        """

    @abstractmethod
    def quotient(self, column: Column, divisor: int) -> Column:
        """Return a whole number divided by another: a float, of one division."""
