"""What an engine must be able to say, for sessions to be window expressions in it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Window", "Words"]

# A frame or query of the engine, and an expression over its columns. Comparison and "&", "|",
# "~", "+" and "-" mean the same between expressions of every engine.
Frame = Any
Column = Any


@dataclass(frozen=True)
class Window:
    """The rows that a window expression looks at, and in which order."""

    partition: tuple[Column, ...]
    order: tuple[Column, ...]


class Words(ABC):
    """How one engine says what a `plan` is made of.

    Nothing here runs anything: each call gives an expression, or a frame that is as lazy as the
    one before.
    """

    #: What the engine is called in messages.
    name: str

    @abstractmethod
    def names(self, frame: Frame) -> list[str]:
        """Return the names of the columns of a frame."""

    @abstractmethod
    def numbered(self, frame: Frame, name: str) -> Frame | None:
        """Return the frame with the numbers of its rows; None where the engine has no order."""

    @abstractmethod
    def column(self, frame: Frame, name: str) -> Column:
        """Return a column of a frame."""

    @abstractmethod
    def key(self, frame: Frame, name: str) -> Column:
        """Return a column to partition and order by: texts are compared by their code points."""

    @abstractmethod
    def step(self, frame: Frame, name: str, columns: Mapping[str, Column]) -> Frame:
        """Return the frame with more columns, which the next step can look at."""

    @abstractmethod
    def chosen(self, frame: Frame, columns: Mapping[str, Column]) -> Frame:
        """Return a frame of these columns alone."""

    @abstractmethod
    def value(self, value: int | str | None) -> Column:
        """Return a constant: a number, a text, or null for a text."""

    @abstractmethod
    def case(self, cases: Sequence[tuple[Column, Column]], otherwise: Column) -> Column:
        """Return the value of the first condition that is true."""

    @abstractmethod
    def is_null(self, column: Column) -> Column:
        """Say whether a value is missing."""

    @abstractmethod
    def is_in(self, column: Column, values: Sequence[str]) -> Column:
        """Say whether a text is one of these; null for null."""

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
    def nanoseconds_per_unit(self, frame: Frame, time: str) -> int:
        """Return what one count of `instant` is worth: the resolution of the data."""

    @abstractmethod
    def instant(self, frame: Frame, time: str) -> Column:
        """Return a time as a whole number of units from 1970 in UTC."""

    @abstractmethod
    def microseconds(self, frame: Frame, time: str) -> Column:
        """Return a time as a whole number of microseconds from 1970 in UTC, rounded down."""

    @abstractmethod
    def day(self, frame: Frame, time: str, zone: str) -> Column:
        """Return the day on which a time falls in a zone: a date, or what compares like one."""

    @abstractmethod
    def previous(self, column: Column, window: Window) -> Column:
        """Return the value of the row before; null in the first row."""

    @abstractmethod
    def running_sum(self, column: Column, window: Window) -> Column:
        """Return the sum up to and with this row, of numbers that are never null."""

    @abstractmethod
    def running_max(self, column: Column, window: Window) -> Column:
        """Return the greatest value up to and with this row; nulls do not count."""

    @abstractmethod
    def earlier_max(self, column: Column, window: Window) -> Column:
        """Return the greatest value up to and without this row; nulls do not count."""
