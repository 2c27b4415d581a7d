"""A file of a table, and those of its rows that count."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from clicksession.readers.sources.files import Source
from clicksession.readers.sources.partitions import Constants

__all__ = ["Rows", "TableFile"]

Rows = tuple[pa.Table, Sequence[int]]
"""Rows as they are in a table, and the number of each in its file, from 1."""


@dataclass(frozen=True)
class TableFile:
    """A file of a table.

    Attributes
    ----------
    source
        The file. Its `mark` changes where other rows of it count.
    rows
        Reads those that count.
    constants
        What the table says of all its rows.
    """

    source: Source
    rows: Callable[[], Iterator[Rows]]
    constants: Constants = field(default_factory=dict)
