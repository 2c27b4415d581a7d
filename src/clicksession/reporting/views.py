"""What a page shows: values alone, which templates make into HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from clicksession.reporting.pictures import Chart

__all__ = ["Answer", "Grid", "GridRow", "Listing", "Number", "Row", "Section", "View", "Words"]


@dataclass(frozen=True)
class Number:
    """One number, large."""

    text: str
    unit: str = ""
    kind: ClassVar[str] = "number"


@dataclass(frozen=True)
class Row:
    """A row of a listing: its name, its cells, and how long its bar is, from 0 to 1."""

    name: str
    cells: tuple[str, ...]
    share: float | None = None


@dataclass(frozen=True)
class Listing:
    """A table whose rows may have bars.

    Attributes
    ----------
    columns
        The heads of the columns; the first is that of the names.
    is_text
        Whether the cells are texts; else they are numbers.
    """

    columns: tuple[str, ...]
    rows: Sequence[Row]
    is_text: bool = False
    kind: ClassVar[str] = "listing"


@dataclass(frozen=True)
class Words:
    """Facts, each with what it is called."""

    facts: tuple[tuple[str, str], ...]
    kind: ClassVar[str] = "words"


@dataclass(frozen=True)
class GridRow:
    """A cohort: its name, its size, and its shares with a shade of each; no text, no answer yet."""

    name: str
    size: str
    cells: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Grid:
    """A table of shares, shaded."""

    columns: tuple[str, ...]
    rows: Sequence[GridRow]
    kind: ClassVar[str] = "grid"


View = Number | Listing | Words | Grid | Chart


@dataclass(frozen=True)
class Answer:
    """What one question came to.

    Attributes
    ----------
    title
        What was asked, in few words.
    sentence
        The definition of what was counted.
    sql
        The statement that was run; empty where there was none.
    view
        What to show; None where the target cannot answer.
    why_not
        Why it cannot.
    notes
        What else a reader must know.
    """

    title: str
    sentence: str = ""
    sql: str = ""
    view: View | None = None
    why_not: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of the page: what its address on the page is, and its answers."""

    key: str
    title: str
    answers: Sequence[Answer]
